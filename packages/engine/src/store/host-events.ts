import type { Executor } from '../db/executor.ts';

/** One event for the host, as it is stored. */
export interface StoredHostEvent {
  readonly id: string;
  readonly organization: string;
  readonly seatType: string;
  readonly type: string;
  readonly change: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * Takes undelivered events in order of their writing and puts their next try off, so that a process that dies while
 * delivering only delays them. `types`: only those somebody here listens to (null: all), because what is taken and heard
 * by nobody would be lost to the process that listens to it.
 */
export async function takeHostEvents(
  db: Executor,
  types: readonly string[] | null,
  limit: number,
  retryAfterMs: number,
): Promise<StoredHostEvent[]> {
  const { rows } = await db.executeSql(
    /* sql */ `
with taken as materialized (
  select id from seatbelt.host_events
   where delivered_at is null and next_try_at <= now()${types === null ? '' : ' and type = any ($3::text[])'}
   order by id
   limit $1
     for update skip locked
)
update seatbelt.host_events e
   set tries = e.tries + 1,
       next_try_at = clock_timestamp() + least(e.tries + 1, 60) * $2 * interval '1 millisecond'
  from taken
 where e.id = taken.id
returning e.id::text as id, e.organization_id, e.seat_type, e.type, e.change_id, e.data`,
    [limit, retryAfterMs, ...(types === null ? [] : [types])],
  );
  return rows
    .map((row) => ({
      id: String(row.id),
      organization: String(row.organization_id),
      seatType: String(row.seat_type),
      type: String(row.type),
      change: row.change_id === null ? null : String(row.change_id),
      data: (typeof row.data === 'string' ? JSON.parse(row.data) : row.data) as Readonly<Record<string, unknown>>,
    }))
    .sort((a, b) => Number(a.id) - Number(b.id));
}

export async function markHostEventsDelivered(db: Executor, ids: readonly string[]): Promise<void> {
  await db.executeSql(/* sql */ `update seatbelt.host_events set delivered_at = now() where id = any ($1::bigint[])`, [
    ids,
  ]);
}

/** Old rows that nobody needs: delivered ones after a week, unheard ones after thirty days, quotes and webhook ids too. */
export async function forgetOldRows(db: Executor): Promise<number> {
  const { rows } = await db.executeSql(
    /* sql */ `
with events as (
  delete from seatbelt.host_events
   where delivered_at < now() - interval '7 days' or created_at < now() - interval '30 days' returning 1
), quotes as (
  delete from seatbelt.quotes where expires_at < now() - interval '1 day' returning 1
), webhooks as (
  -- Stripe delivers one event again for at most three days by itself, and lists them for thirty.
  delete from seatbelt.stripe_events where received_at < now() - interval '30 days' returning 1
), reasons as (
  delete from seatbelt.mark_reasons where told_at < now() - interval '30 days' returning 1
), sweeps as (
  delete from seatbelt.sweeps where finished_at < now() - interval '90 days' returning 1
)
select ((select count(*) from events) + (select count(*) from quotes) + (select count(*) from webhooks)
      + (select count(*) from reasons) + (select count(*) from sweeps))::int as forgotten`,
    [],
  );
  return Number(rows[0]?.forgotten ?? 0);
}
