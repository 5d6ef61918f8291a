import type { Executor } from '../db/executor.ts';
import type { AccountKey } from './store.ts';

/** What was billed from one moment on. */
export interface SettledPoint {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly seats: number;
}

/** More points than a chart has pixels; older ones are left out. */
const mostPoints = 1_000;

/** The numbers that Stripe confirmed, oldest first. The first one is the number before the oldest of them. */
export async function settledOverTime(db: Executor, key: AccountKey): Promise<SettledPoint[]> {
  const { rows } = await db.executeSql(
    /* sql */ `
select extract(epoch from p.intended_at) * 1000 as began, extract(epoch from p.ended_at) * 1000 as at, p.from_seats, p.target_seats
  from seatbelt.pushes p
 where p.organization_id = $1 and p.seat_type = $2 and p.outcome = 'confirmed'
 order by p.intended_at desc
 limit $3`,
    [key.organization, key.seatType, mostPoints],
  );
  const confirmed = rows.reverse();
  const [first] = confirmed;
  if (first === undefined) return [];
  return [
    { at: Math.round(Number(first.began)), seats: Number(first.from_seats) },
    ...confirmed.map((row) => ({ at: Math.round(Number(row.at)), seats: Number(row.target_seats) })),
  ];
}
