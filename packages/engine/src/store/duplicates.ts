import type { Executor } from '../db/executor.ts';
import type { AccountKey } from './store.ts';

/** A subscription that bills a customer for what another one bills already. */
export interface DuplicateRow {
  readonly subscription: string;
  readonly key: AccountKey;
}

/** Notes second subscriptions of linked customers. Those that are known already stay as they are. */
export async function noteDuplicates(db: Executor, found: readonly DuplicateRow[]): Promise<void> {
  const rows = found.map(({ subscription, key }) => ({ subscription, ...key }));
  await db.executeSql(
    /* sql */ `
insert into seatbelt.duplicate_subscriptions (subscription_id, organization_id, seat_type)
select r.subscription, r.organization, r."seatType"
  from jsonb_to_recordset($1::jsonb) as r (subscription text, organization text, "seatType" text)
 -- Locks are taken in one order, so that two sweeps do not wait for each other.
 order by r.subscription
on conflict (subscription_id) do nothing`,
    [JSON.stringify(rows)],
  );
}

/** Takes those that are to be read, each for one process at a time. `linked`: an account is billed by it by now. */
export async function takeDuplicates(
  db: Executor,
  limit: number,
  againAfterMs: number,
): Promise<(DuplicateRow & { readonly linked: boolean })[]> {
  const { rows } = await db.executeSql(
    /* sql */ `
with taken as materialized (
  select subscription_id from seatbelt.duplicate_subscriptions
   where next_look_at <= now()
   order by next_look_at
   limit $1
     for update skip locked
)
update seatbelt.duplicate_subscriptions d
   set next_look_at = now() + $2 * interval '1 millisecond'
  from taken where d.subscription_id = taken.subscription_id
returning d.subscription_id, d.organization_id, d.seat_type,
          exists (select 1 from seatbelt.accounts a where a.subscription_id = d.subscription_id and a.status <> 'ended') as linked`,
    [limit, againAfterMs],
  );
  return rows.map((row) => ({
    subscription: String(row.subscription_id),
    key: { organization: String(row.organization_id), seatType: String(row.seat_type) },
    linked: row.linked === true,
  }));
}

/** Those of one account that were read and are billed, by their ids. */
export async function readDuplicates(
  db: Executor,
  key: AccountKey,
): Promise<{ subscription: string; quantity: number }[]> {
  const { rows } = await db.executeSql(
    /* sql */ `
select subscription_id, quantity from seatbelt.duplicate_subscriptions
 where organization_id = $1 and seat_type = $2 and quantity is not null
 order by subscription_id`,
    [key.organization, key.seatType],
  );
  return rows.map((row) => ({ subscription: String(row.subscription_id), quantity: Number(row.quantity) }));
}

/** It is still billed, at this quantity; it is read again later. */
export async function keepDuplicate(db: Executor, subscription: string, quantity: number, ms: number): Promise<void> {
  await db.executeSql(
    /* sql */ `
update seatbelt.duplicate_subscriptions set quantity = $2, next_look_at = now() + $3 * interval '1 millisecond'
 where subscription_id = $1`,
    [subscription, quantity, ms],
  );
}

/**
 * It is none any more. Where it was refused as a purchase because another one was linked, the host is asked once more:
 * it may be the one that is to be linked now.
 */
export async function endDuplicate(db: Executor, subscription: string): Promise<void> {
  await db.executeSql(
    /* sql */ `
with ended as (
  delete from seatbelt.duplicate_subscriptions where subscription_id = $1
)
update seatbelt.unlinked_subscriptions set state = 'waiting', next_try_at = now(), tries = 0
 where subscription_id = $1 and state = 'refused'`,
    [subscription],
  );
}
