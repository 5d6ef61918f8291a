import type { Executor } from '../db/executor.ts';
import { hashOf } from './audit-chain.ts';

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

export interface InstallationChain {
  readonly entries: number;
  /** The number of the first entry that does not fit; null: whole and unaltered. */
  readonly broken: number | null;
}

/** Walks the installation's chain from its start to its head. One altered byte, gap or cut shows. */
export async function verifyInstallationChain(db: Executor): Promise<InstallationChain> {
  const { rows } = await db.executeSql(
    `select a.sequence, a.entry, a.hash from seatbelt.installation_audit a order by a.sequence`,
    [],
  );
  const { rows: heads } = await db.executeSql(`select audit_length, audit_head from seatbelt.installation`, []);
  const length = Number(heads[0]?.audit_length ?? 0);
  let head = '';
  let expected = 0;
  for (const row of rows) {
    expected += 1;
    head = hashOf(head, String(row.entry));
    if (Number(row.sequence) !== expected || head !== row.hash) return { entries: rows.length, broken: expected };
  }
  const whole = expected === length && head === String(heads[0]?.audit_head ?? '');
  return { entries: rows.length, broken: whole ? null : expected + 1 };
}
