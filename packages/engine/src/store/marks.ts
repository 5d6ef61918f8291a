import type { MarkReason } from '../core/types.ts';
import type { Executor } from '../db/executor.ts';
import { withPatience } from './patience.ts';
import type { AccountKey } from './store.ts';

/** Marks one account: somebody wants it looked at. */
export async function markAccount(db: Executor, organization: string, seatType: string): Promise<boolean> {
  const { rows } = await db.executeSql(
    /* sql */ `
update seatbelt.accounts set marks = marks + 1, due_at = least(coalesce(due_at, now()), now())
 where organization_id = $1 and seat_type = $2 and ${withPatience}
returning 1 as marked`,
    [organization, seatType],
  );
  return rows.length === 1;
}

/** What one event says, as far as seats are concerned. */
export interface ReceivedEvent {
  readonly id: string;
  readonly type: string;
  readonly subscription: string | null;
  readonly customer: string | null;
  /** Quantities by item where the event tells them. `item` null: the only one there is. */
  readonly items: readonly {
    readonly item: string | null;
    readonly before: number | null;
    readonly after: number | null;
  }[];
  readonly requestId: string | null;
  readonly key: string | null;
  /** The push whose key caused the event, when it is one of ours. */
  readonly push: string | null;
  /** Milliseconds since 1970, by Stripe's clock. */
  readonly createdAt: number | null;
  /** Whether it is about live money; null or absent: the event does not say. */
  readonly livemode?: boolean | null;
}

/** What became of a received event. */
export interface Received {
  /** How many accounts it marked. */
  readonly accounts: number;
  readonly seenBefore: boolean;
  /** It is about test money and this database about live money, or the other way round: nothing was written. */
  readonly otherLivemode: boolean;
}

/**
 * Remembers the event and marks the accounts of its subscription in one statement, so that an answer of 200 always
 * means the mark is stored, with what the event told under it. Twice is marked twice: a look more is cheap, a look less is
 * not. `onlyNew` is for the reader of Stripe's list, which sees again what webhooks brought: that is marked already.
 * The reader has the events of everybody to mark, so it waits for no account: the mark of one that is held is kept
 * (`kept-marks.ts`). A webhook waits, and holds nothing meanwhile that the reader could come to wait for.
 * The echo of our own push is no reason to look, unless the quantity before it was not what the push started from, or
 * the push has ended otherwise than confirmed: then this is a late write of ours, and somebody is charged for it.
 * `unlinked`: a subscription that no account has is noted, for the host to say whose it is.
 * An event of the other mode (an endpoint of a Connect platform gets both) changes nothing, whatever ids it names: which
 * mode is ours is read in this very statement, so no process has to remember it.
 */
export async function receiveEvent(
  db: Executor,
  event: ReceivedEvent,
  how: { readonly onlyNew: boolean; readonly noteUnlinked: boolean },
): Promise<Received> {
  const concerned = /* sql */ `
subscription_id = $3 and status <> 'ended' and not exists (select 1 from echo) and not exists (select 1 from other_mode)
     and (not $10::boolean or not exists (select 1 from seatbelt.stripe_events where id = $1))`;
  const { rows } = await db.executeSql(
    /* sql */ `
with other_mode as materialized (
  select 1 from seatbelt.installation where livemode <> $12::boolean
), items as materialized (
  select * from jsonb_to_recordset($7::jsonb) as i (item text, before bigint, after bigint)
), echo as (
  select 1 from seatbelt.pushes p
    join seatbelt.accounts a on a.organization_id = p.organization_id and a.seat_type = p.seat_type
    left join items i on coalesce(i.item, a.subscription_item_id) = a.subscription_item_id
   where p.id = $8::uuid and p.subscription_id = $3 and (i.before is null or p.from_quantity = i.before)
     and (p.outcome is null or p.outcome = 'confirmed')
), free as materialized (
  select organization_id, seat_type from seatbelt.accounts
   where ${concerned} and ${withPatience}
     for no key update ${how.onlyNew ? 'skip locked' : ''}
), event as (
  insert into seatbelt.stripe_events as e (id, type, subscription_id, customer_id, request_id, idempotency_key, created_at)
  -- The accounts come first: who waits for one of them has not written this row yet.
  select $1, $2, $3, $4, $5, $6, to_timestamp($9::bigint / 1000.0) from (select count(*) from free) as accounts_first
   where not exists (select 1 from other_mode) and ${withPatience}
  on conflict (id) do update set times = e.times + 1
  returning times
), kept as (
  insert into seatbelt.kept_marks (organization_id, seat_type, asked_by, event_type, quantity_before, quantity_after,
         request_id, idempotency_key, push_id, event_created_at)
  select a.organization_id, a.seat_type, $1, $2, i.before, i.after, $5, $6, $8::uuid, to_timestamp($9::bigint / 1000.0)
    from (select * from seatbelt.accounts where ${concerned}) a
    left join items i on coalesce(i.item, a.subscription_item_id) = a.subscription_item_id
   where $10::boolean and (select times from event) = 1
     and not exists (select 1 from free f where f.organization_id = a.organization_id and f.seat_type = a.seat_type)
  on conflict do nothing
), marked as (
  update seatbelt.accounts a set marks = marks + 1, due_at = least(coalesce(due_at, now()), now())
    from free
   where a.organization_id = free.organization_id and a.seat_type = free.seat_type
     and (not $10::boolean or (select times from event) = 1)
  returning a.organization_id, a.seat_type, a.marks, a.subscription_item_id
), told as (
  insert into seatbelt.mark_reasons (organization_id, seat_type, mark, event_id, event_type, quantity_before, quantity_after,
         request_id, idempotency_key, push_id, event_created_at)
  select m.organization_id, m.seat_type, m.marks, $1, $2, i.before, i.after, $5, $6, $8::uuid, to_timestamp($9::bigint / 1000.0)
    from marked m left join items i on coalesce(i.item, m.subscription_item_id) = m.subscription_item_id
   -- What is delivered again tells nothing new, unless what it told is kept for this account until now.
   where (select times from event) = 1
      or not exists (select 1 from seatbelt.mark_reasons r
                      where r.organization_id = m.organization_id and r.seat_type = m.seat_type and r.event_id = $1)
  -- Who delivered it at the same moment has told it.
  on conflict do nothing
), unlinked as (
  insert into seatbelt.unlinked_subscriptions as u (subscription_id)
  select $3 where $11::boolean and $3::text is not null and not exists (select 1 from other_mode)
     -- What the list shows again is no news: the host is asked again when its delay is over.
     and (not $10::boolean or (select times from event) = 1)
     and not exists (select 1 from seatbelt.accounts where subscription_id = $3)
  -- Whoever said that it is not theirs is not asked with every event, but again after a day.
  on conflict (subscription_id) do update set state = 'waiting', next_try_at = now(), tries = 0
   where u.state = 'waiting' or u.found_at < now() - interval '1 day'
), duplicate as (
  update seatbelt.duplicate_subscriptions set next_look_at = now()
   where subscription_id = $3 and not exists (select 1 from other_mode)
     and (not $10::boolean or (select times from event) = 1)
)
select (select times from event) as times, (select count(*) from marked)::int as accounts,
       exists (select 1 from other_mode) as other_mode`,
    [
      event.id,
      event.type,
      event.subscription,
      event.customer,
      event.requestId,
      event.key,
      JSON.stringify(event.items),
      event.push,
      event.createdAt,
      how.onlyNew,
      how.noteUnlinked,
      event.livemode ?? null,
    ],
  );
  const row = rows[0];
  return {
    accounts: Number(row?.accounts ?? 0),
    seenBefore: Number(row?.times ?? 1) > 1,
    otherLivemode: row?.other_mode === true,
  };
}

/** What the events told that made the marks after `after` up to `upTo`, in order. */
export async function readMarkReasons(
  db: Executor,
  key: AccountKey,
  after: number,
  upTo: number,
): Promise<MarkReason[]> {
  const { rows } = await db.executeSql(
    /* sql */ `
select r.mark, r.event_type, r.quantity_before, r.quantity_after, r.request_id, r.idempotency_key,
       p.id as push_id, p.from_quantity, p.outcome,
       exists (select 1 from seatbelt.stripe_events s
                where s.type = 'billing_portal.session.created' and s.customer_id = a.customer_id
                  and s.created_at between r.event_created_at - interval '1 hour' and r.event_created_at) as portal_session
  from seatbelt.mark_reasons r
  join seatbelt.accounts a on a.organization_id = r.organization_id and a.seat_type = r.seat_type
  left join seatbelt.pushes p on p.id = r.push_id and p.organization_id = r.organization_id
 where r.organization_id = $1 and r.seat_type = $2 and r.mark > $3 and r.mark <= $4
 order by r.mark desc
 limit $5`,
    [key.organization, key.seatType, after, upTo, reasonsRead],
  );
  const number = (value: unknown) => (value === null ? null : Number(value));
  const text = (value: unknown) => (value === null ? null : String(value));
  return rows.reverse().map((row) => ({
    mark: Number(row.mark),
    eventType: String(row.event_type),
    quantityBefore: number(row.quantity_before),
    quantityAfter: number(row.quantity_after),
    requestId: text(row.request_id),
    key: text(row.idempotency_key),
    push:
      row.push_id === null
        ? null
        : {
            id: String(row.push_id),
            fromQuantity: Number(row.from_quantity),
            outcome: row.outcome as NonNullable<MarkReason['push']>['outcome'],
          },
    portalSession: row.portal_session === true,
  }));
}

/** The newest that are read: more events than this between two looks say nothing that these do not. */
const reasonsRead = 50;
