/** What is put into a database, and read from it, behind the engine's back. */
import type pg from 'pg';
import type { Account, EndedPush, HolderRow, OpenPush } from '../../../packages/engine/src/core/types.ts';
import type { Row } from '../../../packages/engine/src/db/executor.ts';
import type { ChainedEntry } from '../../../packages/engine/src/store/audit-chain.ts';
import { accountFromRow, accountToRow, changeFromRow, holderFromRow } from '../../../packages/engine/src/store/rows.ts';
import type { Rows } from '../memory-store.ts';

/** Puts an account there as it is, without a history. */
export async function insertAccount(
  db: pg.Pool | pg.ClientBase,
  account: Account,
  holders: readonly HolderRow[],
): Promise<void> {
  const row = {
    ...accountToRow(account, 0, 0),
    organization_id: account.organization,
    seat_type: account.seatType,
    version: account.version,
    marks: account.marks,
    created_at: new Date(0).toISOString(),
    updated_at: new Date(0).toISOString(),
  };
  // Only what is known here: a column that a later migration brings keeps its default.
  const columns = Object.keys(row).join(', ');
  await db.query(
    `insert into seatbelt.accounts (${columns})
     select ${columns} from jsonb_populate_record(null::seatbelt.accounts, $1::jsonb)`,
    [JSON.stringify(row)],
  );
  await db.query(
    `insert into seatbelt.seats (organization_id, seat_type, holder, state, change_id)
     select $1, $2, h.holder, h.state, h.change from jsonb_to_recordset($3::jsonb) as h (holder text, state text, change uuid)`,
    [account.organization, account.seatType, JSON.stringify(holders)],
  );
}

/** The account alone: a claim moves nothing else. There is one account in the database of a schedule. */
export const accountReading = /* sql */ `select json_build_object('account', to_json(a))::text from seatbelt.accounts a`;

/** What the checks ask for after a commit; as `json`, which the server builds with less work than `jsonb`. */
export const rowsReading = /* sql */ `
select json_build_object(
         'account', to_json(a),
         'changes', (select coalesce(json_agg(to_json(c)), '[]') from seatbelt.seat_changes c),
         'holders', (select coalesce(json_agg(to_json(s)), '[]') from seatbelt.seats s),
         'pushes', (select coalesce(json_agg(to_json(p)), '[]') from seatbelt.pushes p))::text
  from seatbelt.accounts a`;

export const trailReading = /* sql */ `select to_jsonb(t) as entry from seatbelt.audit t order by t.sequence`;

/** Brings what was read before up to what was read now. `pushes` while they are open are wholly on the account's row only. */
export function take(rows: Rows, json: string): void {
  const read = JSON.parse(json) as { account: Row; changes?: Row[]; holders?: Row[]; pushes?: Row[] };
  rows.account = accountFromRow(read.account);
  rows.leaseOwner = read.account.lease_owner === null ? null : String(read.account.lease_owner);
  rows.leaseUntil = read.account.lease_until === null ? 0 : Date.parse(String(read.account.lease_until));
  if (read.changes) {
    rows.changes.clear();
    rows.waiting.clear();
    for (const change of read.changes.map(changeFromRow)) {
      rows.changes.set(change.id, change);
      if (change.endedAt === null) rows.waiting.set(change.id, change);
    }
  }
  if (read.holders) {
    rows.holders.clear();
    for (const holder of read.holders.map(holderFromRow)) rows.holders.set(holder.holder, holder);
  }
  for (const row of read.pushes ?? []) {
    const id = String(row.id);
    const open = rows.account.push?.id === id ? rows.account.push : rows.pushes.get(id)?.push;
    if (open === undefined) throw new Error(`push ${id} is in history and was never on the account`);
    rows.pushes.set(id, pushFromRow(row, open));
  }
}

function pushFromRow(row: Row, open: OpenPush): { readonly push: OpenPush; readonly ended: EndedPush | null } {
  const push: OpenPush = {
    ...open,
    request: { path: String(row.path), body: String(row.body), apiVersion: String(row.api_version) },
    from: { seats: Number(row.from_seats), quantity: Number(row.from_quantity) },
    target: { seats: Number(row.target_seats), quantity: Number(row.target_quantity) },
  };
  if (row.outcome === null) return { push, ended: null };
  return {
    push,
    ended: {
      push: { ...push, generation: Number(row.generation) },
      outcome: row.outcome as EndedPush['outcome'],
      code: textOrNull(row.code),
      message: textOrNull(row.message),
      requestId: textOrNull(row.stripe_request_id),
      endedAt: Date.parse(String(row.ended_at)),
    },
  };
}

export function entryFromRow(row: Row): ChainedEntry {
  return {
    sequence: Number(row.sequence),
    entry: String(row.entry),
    hash: String(row.hash),
    change: textOrNull(row.change_id),
    push: textOrNull(row.push_id),
  };
}

export function textOrNull(value: unknown): string | null {
  return value === null ? null : String(value);
}
