import type { Executor } from '../db/executor.ts';
import { ofAnotherClock } from './claim.ts';
import { notAtRest } from './not-at-rest.ts';
import { readTotals } from './totals.ts';

/** All accounts of one seat type at a glance. Times are milliseconds since 1970 by the database's clock. */
export interface Overview {
  readonly now: number;
  /** null: nothing was ever linked here, so the database belongs to no installation yet. */
  readonly installation: {
    readonly environment: string;
    readonly livemode: boolean;
    readonly pausedReason: string | null;
  } | null;
  readonly accounts: {
    readonly total: number;
    readonly held: number;
    readonly ended: number;
    readonly withoutSubscription: number;
    /** Paused one by one; a pause of the whole installation is in `installation`. */
    readonly paused: number;
    /** Something of theirs waits for somebody right now. */
    readonly due: number;
    /** Due for longer than `overdueAfterMs`, and nobody has claimed them. */
    readonly overdue: number;
    readonly oldestDueAt: number | null;
  };
  readonly seats: { readonly purchased: number; readonly settled: number; readonly used: number };
  /**
   * When `seats` and, of `accounts`, `total`, `ended` and `withoutSubscription` were counted. It is now, except where there are
   * a hundred thousand accounts or more: there they are up to a minute old. Everything else is of now.
   */
  readonly totalsCountedAt: number;
  readonly pushes: {
    readonly intended: number;
    readonly inDoubt: number;
    readonly awaitingPayment: number;
    /** Since when the oldest one is in doubt. */
    readonly inDoubtSince: number | null;
  };
  /** Accepted changes that have not ended. */
  readonly waitingChanges: number;
  readonly incidents: {
    readonly open: number;
    /** Open ones that ask a person to act. */
    readonly act: number;
    /** Incidents, open or closed, whose alert has not surely arrived anywhere. */
    readonly unalerted: number;
    readonly oldestUnalertedAt: number | null;
  };
}

/**
 * What is open is one statement over what is open, so that these numbers are of one moment and cost nothing where all is at
 * rest. The totals are counted beside it (`totals.ts`). For people and scrapers, not for a request path.
 */
export async function readOverview(db: Executor, seatType: string, overdueAfterMs: number): Promise<Overview> {
  const totals = await readTotals(db, seatType);
  const { rows } = await db.executeSql(
    /* sql */ `
with not_at_rest as (
  select count(*) filter (where status = 'held') as held,
         count(*) filter (where paused_reason is not null) as paused,
         count(*) filter (where push_state = 'intended') as intended,
         count(*) filter (where push_state = 'in_doubt') as in_doubt,
         count(*) filter (where push_state = 'awaiting_payment') as awaiting_payment,
         min((push -> 'doubt' ->> 'since')::numeric) as in_doubt_since,
         coalesce(sum(waiting_changes), 0) as waiting_changes
    from seatbelt.accounts a
   where a.seat_type = $1 and ${notAtRest}
), due_account as (
  -- "At once" is stored as a time long ago; since when it is due is then the commit that said so.
  select greatest(due_at, updated_at) as since, lease_until
    from seatbelt.accounts
   where seat_type = $1 and due_at <= now()
), due_now as (
  select count(*) as due,
         count(*) filter (where since <= now() - make_interval(secs => $2::double precision / 1000)
                            and (lease_until is null or lease_until < now() or ${ofAnotherClock})) as overdue,
         extract(epoch from min(since)) * 1000 as oldest_due_at
    from due_account
), open_incidents as (
  select count(*) as open, count(*) filter (where action = 'act') as act
    from seatbelt.incidents
   where seat_type = $1 and closed_at is null
), unalerted_incidents as (
  select count(*) as unalerted, extract(epoch from min(opened_at)) * 1000 as oldest_unalerted_at
    from seatbelt.incidents
   where seat_type = $1 and alerted_at is null
)
select (extract(epoch from clock_timestamp()) * 1000)::bigint::text as now,
       to_jsonb(not_at_rest) || to_jsonb(due_now) as accounts,
       to_jsonb(open_incidents) || to_jsonb(unalerted_incidents) as incidents,
       (select to_jsonb(i) from seatbelt.installation i) as installation
  from not_at_rest, due_now, open_incidents, unalerted_incidents`,
    [seatType, overdueAfterMs],
  );
  const row = rows[0];
  if (!row) throw new Error('Bug: the overview is one row.');
  const accounts = object(row.accounts);
  const incidents = object(row.incidents);
  const installation = row.installation === null ? null : object(row.installation);
  return {
    now: Number(row.now),
    installation: installation && {
      environment: String(installation.environment),
      livemode: installation.livemode === true,
      pausedReason: installation.paused_reason === null ? null : String(installation.paused_reason),
    },
    accounts: {
      total: totals.accounts,
      held: Number(accounts.held),
      ended: totals.ended,
      withoutSubscription: totals.withoutSubscription,
      paused: Number(accounts.paused),
      due: Number(accounts.due),
      overdue: Number(accounts.overdue),
      oldestDueAt: millisOrNull(accounts.oldest_due_at),
    },
    seats: { purchased: totals.purchased, settled: totals.settled, used: totals.used },
    totalsCountedAt: totals.countedAt,
    pushes: {
      intended: Number(accounts.intended),
      inDoubt: Number(accounts.in_doubt),
      awaitingPayment: Number(accounts.awaiting_payment),
      inDoubtSince: millisOrNull(accounts.in_doubt_since),
    },
    waitingChanges: Number(accounts.waiting_changes),
    incidents: {
      open: Number(incidents.open),
      act: Number(incidents.act),
      unalerted: Number(incidents.unalerted),
      oldestUnalertedAt: millisOrNull(incidents.oldest_unalerted_at),
    },
  };
}

function object(value: unknown): Readonly<Record<string, unknown>> {
  const parsed: unknown = typeof value === 'string' ? JSON.parse(value) : value;
  if (typeof parsed !== 'object' || parsed === null) throw new TypeError('readOverview: expected a row as json');
  return parsed as Readonly<Record<string, unknown>>;
}

function millisOrNull(value: unknown): number | null {
  return value === null || value === undefined ? null : Math.round(Number(value));
}
