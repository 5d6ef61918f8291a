import type { Executor } from '../db/executor.ts';

/** Marks one account: somebody wants it looked at. */
export async function markAccount(db: Executor, organization: string, seatType: string): Promise<boolean> {
  const { rows } = await db.executeSql(
    /* sql */ `
update seatbelt.accounts set marks = marks + 1, due_at = least(coalesce(due_at, now()), now())
 where organization_id = $1 and seat_type = $2
returning 1 as marked`,
    [organization, seatType],
  );
  return rows.length === 1;
}

export interface ReceivedEvent {
  readonly id: string;
  readonly type: string;
  readonly subscription: string | null;
  /** The push whose key caused the event, when it is one of ours. */
  readonly push: string | null;
  /** The quantity of our item before the change, where the event tells it. */
  readonly quantityBefore: number | null;
}

/**
 * Remembers the event and marks the accounts of its subscription in one statement, so that an answer of 200 always
 * means the mark is stored. Twice is marked twice: a look more is cheap, a look less is not.
 * The echo of our own push is no reason to look, unless the quantity before it was not what the push started from, or
 * the push has ended otherwise than confirmed: then this is a late write of ours, and somebody is charged for it.
 */
export async function receiveEvent(
  db: Executor,
  event: ReceivedEvent,
): Promise<{ accounts: number; seenBefore: boolean }> {
  const { rows } = await db.executeSql(
    /* sql */ `
with event as (
  insert into seatbelt.stripe_events as e (id, type, subscription_id) values ($1, $2, $3)
  on conflict (id) do update set times = e.times + 1
  returning times
), echo as (
  select 1 from seatbelt.pushes
   where id = $4::uuid and subscription_id = $3 and ($5::bigint is null or from_quantity = $5::bigint)
     and (outcome is null or outcome = 'confirmed')
), marked as (
  update seatbelt.accounts set marks = marks + 1, due_at = least(coalesce(due_at, now()), now())
   where subscription_id = $3 and status <> 'ended' and not exists (select 1 from echo)
  returning 1
)
select (select times from event) as times, (select count(*) from marked)::int as accounts`,
    [event.id, event.type, event.subscription, event.push, event.quantityBefore],
  );
  const row = rows[0];
  return { accounts: Number(row?.accounts ?? 0), seenBefore: Number(row?.times ?? 1) > 1 };
}
