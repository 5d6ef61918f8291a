import type { Executor } from '../db/executor.ts';

export type UnlinkedEnd = 'linked' | 'not_ours' | 'refused';

/** Takes subscriptions that nobody has said an organization for, each for one process at a time. */
export async function takeUnlinked(
  db: Executor,
  limit: number,
  againAfterMs: number,
): Promise<{ subscription: string; tries: number }[]> {
  const { rows } = await db.executeSql(
    /* sql */ `
with taken as materialized (
  select subscription_id from seatbelt.unlinked_subscriptions
   where state = 'waiting' and next_try_at <= now()
   order by next_try_at
   limit $1
     for update skip locked
)
update seatbelt.unlinked_subscriptions u
   set tries = u.tries + 1, next_try_at = now() + $2 * interval '1 millisecond'
  from taken where u.subscription_id = taken.subscription_id
returning u.subscription_id, u.tries`,
    [limit, againAfterMs],
  );
  return rows.map((row) => ({ subscription: String(row.subscription_id), tries: Number(row.tries) }));
}

export async function endUnlinked(db: Executor, subscription: string, state: UnlinkedEnd, note: string): Promise<void> {
  await db.executeSql(
    /* sql */ `
update seatbelt.unlinked_subscriptions set state = $2, note = $3, found_at = now() where subscription_id = $1`,
    [subscription, state, note],
  );
}

export async function postponeUnlinked(db: Executor, subscription: string, ms: number, note: string): Promise<void> {
  await db.executeSql(
    /* sql */ `
update seatbelt.unlinked_subscriptions set next_try_at = now() + $2 * interval '1 millisecond', note = $3
 where subscription_id = $1 and state = 'waiting'`,
    [subscription, ms, note],
  );
}

/** Notes subscriptions for the host to say whose they are. Returns how many were not noted before. */
export async function noteUnlinked(db: Executor, subscriptions: readonly string[]): Promise<number> {
  const { rows } = await db.executeSql(
    /* sql */ `
insert into seatbelt.unlinked_subscriptions (subscription_id)
select id from unnest($1::text[]) as id
on conflict (subscription_id) do nothing
returning 1 as noted`,
    [subscriptions],
  );
  return rows.length;
}
