import type { SeatChange } from '../core/types.ts';
import type { Executor } from '../db/executor.ts';
import { changeFromRow, type ShownChange, shownChangeFromRow, shownColumns } from './rows.ts';
import type { AccountKey } from './store.ts';

/** One change of this organization; the organization is checked here, whatever id was asked for. */
export async function readChange(db: Executor, key: AccountKey, id: string): Promise<SeatChange | null> {
  const { rows } = await db.executeSql(
    /* sql */ `
select to_jsonb(c) as change from seatbelt.seat_changes c
 where c.organization_id = $1 and c.seat_type = $2 and c.id = $3::uuid`,
    [key.organization, key.seatType, id],
  );
  return rows[0] ? changeFromRow(rows[0].change) : null;
}

/** The present states of some changes, for callers that wait for their ends. */
export async function readChanges(db: Executor, key: AccountKey, ids: readonly string[]): Promise<SeatChange[]> {
  const { rows } = await db.executeSql(
    /* sql */ `
select to_jsonb(c) as change from seatbelt.seat_changes c
 where c.organization_id = $1 and c.seat_type = $2 and c.id = any ($3::uuid[])`,
    [key.organization, key.seatType, ids],
  );
  return rows.map((row) => changeFromRow(row.change));
}

/**
 * Newest first; `before` is the number of the last change already seen. Its bound is one comparison and not "null or less",
 * which a plan made for any value can only filter by: a page from the middle of 100,000 changes then reads all that are newer.
 */
export async function listChanges(
  db: Executor,
  key: AccountKey,
  page: { readonly before: number | null; readonly limit: number },
): Promise<ShownChange[]> {
  const { rows } = await db.executeSql(
    /* sql */ `
select ${shownColumns} as change from seatbelt.seat_changes c
 where c.organization_id = $1 and c.seat_type = $2 and c.number < coalesce($3::bigint, 9223372036854775807)
 order by c.number desc
 limit $4`,
    [key.organization, key.seatType, page.before, page.limit],
  );
  return rows.map((row) => shownChangeFromRow(row.change));
}

export interface PushRow {
  readonly id: string;
  readonly origin: string;
  readonly generation: number;
  readonly fromSeats: number;
  readonly fromQuantity: number;
  readonly targetSeats: number;
  readonly targetQuantity: number;
  readonly outcome: 'confirmed' | 'refused' | 'rolled_back' | 'held' | 'superseded' | null;
  readonly code: string | null;
  readonly message: string | null;
  readonly requestId: string | null;
  readonly intendedAt: string;
  readonly endedAt: string | null;
}

export async function readPush(db: Executor, key: AccountKey, id: string): Promise<PushRow | null> {
  const { rows } = await db.executeSql(
    /* sql */ `
select to_jsonb(p) as push from seatbelt.pushes p
 where p.organization_id = $1 and p.seat_type = $2 and p.id = $3::uuid`,
    [key.organization, key.seatType, id],
  );
  const found = rows[0]?.push;
  if (!found) return null;
  const row = (typeof found === 'string' ? JSON.parse(found) : found) as Record<string, unknown>;
  return {
    id: String(row.id),
    origin: String(row.origin),
    generation: Number(row.generation),
    fromSeats: Number(row.from_seats),
    fromQuantity: Number(row.from_quantity),
    targetSeats: Number(row.target_seats),
    targetQuantity: Number(row.target_quantity),
    outcome: (row.outcome ?? null) as PushRow['outcome'],
    code: row.code === null ? null : String(row.code),
    message: row.message === null ? null : String(row.message),
    requestId: row.stripe_request_id === null ? null : String(row.stripe_request_id),
    intendedAt: new Date(String(row.intended_at)).toISOString(),
    endedAt: row.ended_at === null ? null : new Date(String(row.ended_at)).toISOString(),
  };
}
