import type { Executor } from '../db/executor.ts';

/** How much went through lately and how long it took, for an operator's screen. Times are milliseconds. */
export interface Pulse {
  /** Changes that ended within the last hour, and how many of them were rolled back. */
  readonly changesLastHour: { readonly ended: number; readonly rolledBack: number };
  /** Pushes that ended within the last day, from the intent to the end; null where there were none. */
  readonly pushesLastDay: {
    readonly ended: number;
    readonly medianMs: number | null;
    readonly slowest5PercentMs: number | null;
    /** Those that took longer than one try takes: something broke on the way, and it was recovered. */
    readonly recovered: number;
    readonly slowestRecoveryMs: number | null;
  };
  /** The most pushes that one subscription had within the last hour; Stripe allows 200 updates of a quantity. */
  readonly busiestSubscription: { readonly organization: string; readonly pushes: number } | null;
}

/**
 * One statement over the history of the last day. It is for a screen that asks now and then, not for a request path.
 * @param recoveredAfterMs a push that took longer needed somebody to come back to it
 */
export async function readPulse(db: Executor, seatType: string, recoveredAfterMs: number): Promise<Pulse> {
  const { rows } = await db.executeSql(
    /* sql */ `
with changes as (
  select count(*) as ended, count(*) filter (where status = 'rolled_back') as rolled_back
    from seatbelt.seat_changes
   where seat_type = $1 and ended_at > now() - interval '1 hour'
), pushed as (
  select extract(epoch from ended_at - intended_at) * 1000 as took
    from seatbelt.pushes
   where seat_type = $1 and ended_at > now() - interval '1 day'
), pushes as (
  select count(*) as ended,
         percentile_cont(0.5) within group (order by took) as median,
         percentile_cont(0.95) within group (order by took) as slowest,
         count(*) filter (where took > $2::double precision) as recovered,
         max(took) filter (where took > $2::double precision) as slowest_recovery
    from pushed
), busiest as (
  select organization_id as organization, count(*) as pushes
    from seatbelt.pushes
   where seat_type = $1 and intended_at > now() - interval '1 hour'
     -- What began within the hour has ended within it or is open: said so, the indexes of both find it.
     and (ended_at > now() - interval '1 hour' or ended_at is null)
   group by organization_id, subscription_id
   order by count(*) desc, organization_id
   limit 1
)
select to_jsonb(changes) as changes, to_jsonb(pushes) as pushes, (select to_jsonb(b) from busiest b) as busiest
  from changes, pushes`,
    [seatType, recoveredAfterMs],
  );
  const row = rows[0];
  if (!row) throw new Error('Bug: the pulse is one row.');
  const changes = object(row.changes);
  const pushes = object(row.pushes);
  const busiest = row.busiest === null ? null : object(row.busiest);
  return {
    changesLastHour: { ended: Number(changes.ended), rolledBack: Number(changes.rolled_back) },
    pushesLastDay: {
      ended: Number(pushes.ended),
      medianMs: wholeOrNull(pushes.median),
      slowest5PercentMs: wholeOrNull(pushes.slowest),
      recovered: Number(pushes.recovered),
      slowestRecoveryMs: wholeOrNull(pushes.slowest_recovery),
    },
    busiestSubscription: busiest && { organization: String(busiest.organization), pushes: Number(busiest.pushes) },
  };
}

function object(value: unknown): Readonly<Record<string, unknown>> {
  const parsed: unknown = typeof value === 'string' ? JSON.parse(value) : value;
  if (typeof parsed !== 'object' || parsed === null) throw new TypeError('readPulse: expected a row as json');
  return parsed as Readonly<Record<string, unknown>>;
}

function wholeOrNull(value: unknown): number | null {
  return value === null || value === undefined ? null : Math.round(Number(value));
}
