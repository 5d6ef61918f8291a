import type { Executor } from '../db/executor.ts';

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

/** One statement, so that the numbers are of one moment. It reads every account and is for people, not for a request path. */
export async function readOverview(db: Executor, seatType: string, overdueAfterMs: number): Promise<Overview> {
  const { rows } = await db.executeSql(
    /* sql */ `
with account as (
  -- "At once" is stored as a time long ago; since when it is due is then the commit that said so.
  select a.*, case when due_at <= now() then greatest(due_at, updated_at) end as due_since
    from seatbelt.accounts a
   where a.seat_type = $1
), accounts as (
  select count(*) as total,
         count(*) filter (where status = 'held') as held,
         count(*) filter (where status = 'ended') as ended,
         count(*) filter (where subscription_id is null) as without_subscription,
         count(*) filter (where paused_reason is not null) as paused,
         count(due_since) as due,
         count(*) filter (where due_since <= now() - make_interval(secs => $2::double precision / 1000)
                            and (lease_until is null or lease_until < now())) as overdue,
         extract(epoch from min(due_since)) * 1000 as oldest_due_at,
         coalesce(sum(seat_count), 0) as purchased,
         coalesce(sum(settled_seats), 0) as settled,
         coalesce(sum(assigned_seats + reserved_seats), 0) as used,
         count(*) filter (where push_state = 'intended') as intended,
         count(*) filter (where push_state = 'in_doubt') as in_doubt,
         count(*) filter (where push_state = 'awaiting_payment') as awaiting_payment,
         min((push -> 'doubt' ->> 'since')::numeric) as in_doubt_since,
         coalesce(sum(waiting_changes), 0) as waiting_changes
    from account
), incidents as (
  select count(*) filter (where closed_at is null) as open,
         count(*) filter (where closed_at is null and action = 'act') as act,
         count(*) filter (where alerted_at is null) as unalerted,
         extract(epoch from min(opened_at) filter (where alerted_at is null)) * 1000 as oldest_unalerted_at
    from seatbelt.incidents
   where seat_type = $1
)
select (extract(epoch from clock_timestamp()) * 1000)::bigint::text as now,
       to_jsonb(accounts) as accounts, to_jsonb(incidents) as incidents,
       (select to_jsonb(i) from seatbelt.installation i) as installation
  from accounts, incidents`,
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
      total: Number(accounts.total),
      held: Number(accounts.held),
      ended: Number(accounts.ended),
      withoutSubscription: Number(accounts.without_subscription),
      paused: Number(accounts.paused),
      due: Number(accounts.due),
      overdue: Number(accounts.overdue),
      oldestDueAt: millisOrNull(accounts.oldest_due_at),
    },
    seats: {
      purchased: Number(accounts.purchased),
      settled: Number(accounts.settled),
      used: Number(accounts.used),
    },
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
