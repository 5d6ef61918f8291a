import type { Executor, Row } from '../db/executor.ts';
import { hashOf } from './audit-chain.ts';
import type { AccountKey } from './store.ts';

/** One entry as it is stored: the text that the hash is over, and the hash. */
export interface StoredEntry {
  readonly organization: string;
  readonly seatType: string;
  readonly sequence: number;
  readonly entry: string;
  readonly hash: string;
}

/** The entries of one change and of the push that carried it. */
export async function readAuditOf(
  db: Executor,
  key: AccountKey,
  change: string,
  push: string | null,
): Promise<StoredEntry[]> {
  const { rows } = await db.executeSql(
    /* sql */ `
select organization_id, seat_type, sequence::text as sequence, entry, hash from seatbelt.audit t
 where organization_id = $1 and seat_type = $2 and (change_id = $3::uuid or ($4::uuid is not null and push_id = $4::uuid and change_id is null))
 order by t.sequence`,
    [key.organization, key.seatType, change, push],
  );
  return rows.map(storedEntry);
}

/** A page of the trail in order, after `after`. */
export async function readAudit(db: Executor, key: AccountKey, after: number, limit: number): Promise<StoredEntry[]> {
  return (await readPage(db, key, after, limit)).map(storedEntry);
}

/** The same with every column, for whoever compares them with the text. */
async function readPage(db: Executor, key: AccountKey, after: number, limit: number): Promise<Row[]> {
  const { rows } = await db.executeSql(
    /* sql */ `
select organization_id, seat_type, sequence::text as sequence, entry, hash, change_id::text as change, push_id::text as push
  from seatbelt.audit t
 where organization_id = $1 and seat_type = $2 and sequence > $3
 order by t.sequence
 limit $4`,
    [key.organization, key.seatType, after, limit],
  );
  return rows;
}

export function storedEntry(row: Row): StoredEntry {
  return {
    organization: String(row.organization_id),
    seatType: String(row.seat_type),
    sequence: Number(row.sequence),
    entry: String(row.entry),
    hash: String(row.hash),
  };
}

export interface ChainReport {
  readonly organization: string;
  readonly seatType: string;
  readonly entries: number;
  /** null: whole and unaltered. */
  readonly broken: { readonly sequence: number; readonly why: string } | null;
}

/**
 * Walks one account's chain from its start to the head on the account, in pages. One altered byte, gap or cut shows, and so
 * does a column that says something else than the text beside it: entries are looked up by columns, and only the text is hashed.
 */
export async function verifyChain(db: Executor, key: AccountKey, pageSize = 1_000): Promise<ChainReport | null> {
  const { rows } = await db.executeSql(
    /* sql */ `select audit_length::text as length, audit_head from seatbelt.accounts where organization_id = $1 and seat_type = $2`,
    [key.organization, key.seatType],
  );
  const account = rows[0];
  if (!account) return null;
  const length = Number(account.length);
  let sequence = 0;
  let head = '';
  const broken = (at: number, why: string): ChainReport => ({
    ...key,
    entries: sequence,
    broken: { sequence: at, why },
  });
  while (sequence < length) {
    const page = await readPage(db, key, sequence, Math.min(pageSize, length - sequence));
    if (page.length === 0) return broken(sequence + 1, 'entries at the end are missing');
    for (const row of page) {
      const stored = storedEntry(row);
      if (stored.sequence !== sequence + 1) return broken(sequence + 1, 'an entry is missing');
      const said: unknown = parsed(stored.entry);
      if (typeof said !== 'object' || said === null) return broken(stored.sequence, 'the text is not an entry');
      const { organization, seatType, sequence: number, change, push } = said as Readonly<Record<string, unknown>>;
      if (organization !== key.organization || seatType !== key.seatType || number !== stored.sequence) {
        return broken(stored.sequence, 'the text belongs to another place in a trail');
      }
      const expected = hashOf(head, stored.entry);
      if (expected !== stored.hash) return broken(stored.sequence, 'the hash does not fit the text');
      // The text is what was said at the time; a column beside it can be set without touching a hash.
      if (row.change !== change) return broken(stored.sequence, 'the column change_id is not what the text says');
      if (row.push !== push) return broken(stored.sequence, 'the column push_id is not what the text says');
      head = stored.hash;
      sequence = stored.sequence;
    }
  }
  const beyond = await readAudit(db, key, length, 1);
  if (beyond.length > 0 && (await trailLength(db, key)) === length) {
    return broken(length + 1, 'an entry stands beyond the length on the account');
  }
  if (head !== String(account.audit_head)) return broken(sequence, 'the head on the account is another one');
  return { ...key, entries: sequence, broken: null };
}

async function trailLength(db: Executor, key: AccountKey): Promise<number> {
  const { rows } = await db.executeSql(
    `select audit_length::text as length from seatbelt.accounts where organization_id = $1 and seat_type = $2`,
    [key.organization, key.seatType],
  );
  return Number(rows[0]?.length);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
