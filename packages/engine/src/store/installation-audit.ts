import type { Executor } from '../db/executor.ts';
import { hashOf } from './audit-chain.ts';

/** One entry of what was done to all organizations at once: the text that the hash is over, and the hash. */
export interface InstallationEntry {
  readonly sequence: number;
  readonly entry: string;
  readonly hash: string;
}

/** The whole trail in order. A person writes each entry, so there are few. */
export async function readInstallationAudit(db: Executor): Promise<InstallationEntry[]> {
  const { rows } = await db.executeSql(
    `select sequence::text as sequence, entry, hash from seatbelt.installation_audit t order by t.sequence`,
    [],
  );
  return rows.map((row) => ({
    sequence: Number(row.sequence),
    entry: String(row.entry),
    hash: String(row.hash),
  }));
}

export interface InstallationChainReport {
  readonly entries: number;
  /** null: whole and unaltered. */
  readonly broken: { readonly sequence: number; readonly why: string } | null;
}

/**
 * Walks the chain from its start to the head on the installation. One altered byte, gap or cut shows. The row has no column that
 * repeats its text: the sequence is compared with the place in the chain.
 */
export async function verifyInstallationChain(db: Executor): Promise<InstallationChainReport> {
  // One statement, so that a pause in between cannot look like an entry too many.
  const { rows } = await db.executeSql(
    /* sql */ `
select i.audit_length::text as length, i.audit_head as head, t.sequence::text as sequence, t.entry, t.hash
  from seatbelt.installation i
  left join seatbelt.installation_audit t on true
 order by t.sequence`,
    [],
  );
  const length = Number(rows[0]?.length ?? 0);
  let head = '';
  let entries = 0;
  for (const row of rows) {
    if (row.sequence === null) continue;
    const sequence = entries + 1;
    const broken = (why: string) => ({ entries, broken: { sequence, why } });
    if (Number(row.sequence) !== sequence) return broken('an entry is missing');
    if (sequence > length) return broken('an entry stands beyond the length on the installation');
    head = hashOf(head, String(row.entry));
    if (head !== row.hash) return broken('the hash does not fit the text');
    entries = sequence;
  }
  if (entries < length) return { entries, broken: { sequence: entries + 1, why: 'entries at the end are missing' } };
  if (head !== (rows[0]?.head ?? ''))
    return { entries, broken: { sequence: entries, why: 'the head on the installation is another one' } };
  return { entries, broken: null };
}

/**
 * The trail of what concerns the whole installation. Its head is on the one row of `seatbelt.installation`: two writers
 * meet there, and the second one chains behind the first. The hash is made by the database, because nobody has read the
 * head before; it is the same as `hashOf`.
 *
 * Two branches of a statement whose branch `moved` says whether anything happened; `entry` is the parameter with the text.
 */
export function chainLinkSql(entry: string): string {
  return /* sql */ `head as (
  update seatbelt.installation i
     set audit_length = i.audit_length + 1,
         audit_head = encode(sha256(convert_to(i.audit_head || chr(10) || ${entry}::text, 'UTF8')), 'hex')
    from moved
  returning i.audit_length, i.audit_head
), entry as (
  insert into seatbelt.installation_audit (sequence, entry, hash)
  select audit_length, ${entry}::text, audit_head from head
)`;
}

/** One entry's text. What it says is of the moment that it names. */
export function entryText(entry: {
  readonly kind: string;
  readonly at: string;
  readonly incident: string;
  readonly actor: string;
  readonly note: string;
}): string {
  const { kind, at, incident, actor, note } = entry;
  return JSON.stringify({ kind, at, incident, actor, note });
}
