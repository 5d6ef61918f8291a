import { policy } from '../core/policy.ts';
import type { Executor } from '../db/executor.ts';

/** What can only be said after reading every account. */
export interface Totals {
  /** When it was counted, in milliseconds since 1970 by the database's clock. */
  readonly countedAt: number;
  readonly accounts: number;
  readonly ended: number;
  readonly withoutSubscription: number;
  readonly purchased: number;
  readonly settled: number;
  readonly used: number;
}

interface Kept {
  readonly totals: Promise<Totals>;
  readonly begunAtMs: number;
}

const keptByDatabase = new WeakMap<Executor, Map<string, Kept>>();

/**
 * Counted anew by every call, except where there are so many accounts that this takes a good part of a second: there what
 * this process counted last is good for a minute, because a page and a scraper ask every few seconds.
 */
export async function readTotals(db: Executor, seatType: string): Promise<Totals> {
  const kept = keptByDatabase.get(db) ?? new Map<string, Kept>();
  keptByDatabase.set(db, kept);
  const last = kept.get(seatType);
  if (last !== undefined && performance.now() - last.begunAtMs < policy.totalsKeptMs) {
    const totals = await last.totals;
    if (totals.accounts >= policy.totalsKeptFromAccounts) return totals;
  }
  const counted = { totals: count(db, seatType), begunAtMs: performance.now() };
  kept.set(seatType, counted);
  try {
    return await counted.totals;
  } catch (error) {
    // The next caller counts; a failure is not kept.
    if (kept.get(seatType) === counted) kept.delete(seatType);
    throw error;
  }
}

async function count(db: Executor, seatType: string): Promise<Totals> {
  const { rows } = await db.executeSql(
    /* sql */ `
select (extract(epoch from clock_timestamp()) * 1000)::bigint::text as counted_at,
       count(*)::text as accounts,
       count(*) filter (where status = 'ended')::text as ended,
       count(*) filter (where subscription_id is null)::text as without_subscription,
       coalesce(sum(seat_count), 0)::text as purchased,
       coalesce(sum(settled_seats), 0)::text as settled,
       coalesce(sum(assigned_seats + reserved_seats), 0)::text as used
  from seatbelt.accounts
 where seat_type = $1`,
    [seatType],
  );
  const row = rows[0];
  if (!row) throw new Error('Bug: the totals are one row.');
  return {
    countedAt: Number(row.counted_at),
    accounts: Number(row.accounts),
    ended: Number(row.ended),
    withoutSubscription: Number(row.without_subscription),
    purchased: Number(row.purchased),
    settled: Number(row.settled),
    used: Number(row.used),
  };
}
