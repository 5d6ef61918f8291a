import type { Executor } from '../db/executor.ts';

/** Who wants to ask Stripe, first the one that goes first. */
export const turnKinds = ['interactive', 'recovery', 'sweep'] as const;
export type TurnKind = (typeof turnKinds)[number];

/** Turns that were taken: the first one in `waitMs`, and one every `intervalMs` after it. `granted` 0: others are before. */
export interface Turns {
  readonly granted: number;
  readonly waitMs: number;
  readonly intervalMs: number;
}

/**
 * Takes turns at Stripe for up to `count` requests that wait now, in one short statement by the database's clock.
 * `aheadMs`: how far ahead of now they may reach, which is how the kinds come one before the other. `share`: the part of
 * the rate that a lower kind gets all the same, so that nobody starves.
 */
export async function takeTurns(
  db: Executor,
  wanted: {
    readonly kind: TurnKind;
    readonly count: number;
    readonly intervalMs: number;
    readonly aheadMs: number;
    readonly share: number;
    readonly recoversPerSecond: number;
  },
): Promise<Turns> {
  const { kind, count, intervalMs, aheadMs, share, recoversPerSecond } = wanted;
  const { rows } = await db.executeSql(
    /* sql */ `select granted, wait_ms, interval_ms from seatbelt.take_turns($1, $2, $3, $4, $5, $6)`,
    [kind, count, intervalMs, aheadMs, share, recoversPerSecond],
  );
  const row = rows[0];
  if (!row) throw new Error('Bug: take_turns is one row.');
  return { granted: Number(row.granted), waitMs: Number(row.wait_ms), intervalMs: Number(row.interval_ms) };
}

/**
 * Stripe said "too many requests": everybody is slower from now on. Once a second, however many have met the limit; what is later
 * than now was written before the clock was put back.
 */
export async function slowDown(db: Executor, by: number, least: number, recoversPerSecond: number): Promise<void> {
  await db.executeSql(
    /* sql */ `
update seatbelt.stripe_rate
   set slowed = greatest($2::float8, $1::float8 * least(1, slowed + $3::float8 * greatest(0, extract(epoch from clock_timestamp() - slowed_at)))),
       slowed_at = clock_timestamp()
 where slowed_at not between clock_timestamp() - interval '1 second' and clock_timestamp()`,
    [by, least, recoversPerSecond],
  );
}

/** How the rate is used, for people. */
export interface StripeRate {
  /** How long a request that is not interactive would wait for those before it. */
  readonly backlogMs: number;
  /** The part of the rate that Stripe lets through: 1 unless it lately said "too many requests". */
  readonly slowed: number;
  readonly turnsInLastMinute: number;
}

export async function readStripeRate(db: Executor, recoversPerSecond: number): Promise<StripeRate> {
  const { rows } = await db.executeSql(
    /* sql */ `
select greatest(0, extract(epoch from next_at - clock_timestamp()) * 1000)::float8 as backlog_ms,
       least(1, slowed + $1::float8 * greatest(0, extract(epoch from clock_timestamp() - slowed_at)))::float8 as slowed,
       case when minute = date_trunc('minute', clock_timestamp()) then turns_in_last_minute
            when minute = date_trunc('minute', clock_timestamp()) - interval '1 minute' then turns_in_minute
            else 0 end as turns
  from seatbelt.stripe_rate`,
    [recoversPerSecond],
  );
  const row = rows[0];
  if (!row) throw new Error('Bug: stripe_rate is one row.');
  return {
    backlogMs: Math.round(Number(row.backlog_ms)),
    slowed: Number(row.slowed),
    turnsInLastMinute: Number(row.turns),
  };
}
