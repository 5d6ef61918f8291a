/** Marks that wait for a row which somebody's transaction holds, so that nobody who has others to mark waits for it. */
import type { Executor } from '../db/executor.ts';
import type { AccountKey } from './store.ts';

/** Marks made by one statement. */
const atOnce = 1_000;

/** Marks the account for the sweep, or keeps the mark for when its row is free. false: it is kept. */
export async function markOrKeep(db: Executor, { organization, seatType }: AccountKey): Promise<boolean> {
  const { rows } = await db.executeSql(
    /* sql */ `
with free as materialized (
  select organization_id, seat_type from seatbelt.accounts
   where organization_id = $1 and seat_type = $2
     for no key update skip locked
), marked as (
  update seatbelt.accounts a set marks = marks + 1, due_at = least(coalesce(due_at, now()), now())
    from free where a.organization_id = free.organization_id and a.seat_type = free.seat_type
  returning 1
), kept as (
  insert into seatbelt.kept_marks (organization_id, seat_type, asked_by)
  select organization_id, seat_type, 'sweep' from seatbelt.accounts
   where organization_id = $1 and seat_type = $2 and not exists (select 1 from free)
  on conflict do nothing
)
select exists (select 1 from marked) as marked`,
    [organization, seatType],
  );
  return rows[0]?.marked === true;
}

/**
 * Makes the marks whose account is free by now, with what their events told. Those that are still held cost a look at a
 * row each, and no wait. What a webhook has told meanwhile, because it was delivered again, is not told twice.
 */
export async function markKept(db: Executor): Promise<number> {
  const { rows } = await db.executeSql(
    /* sql */ `
with taken as materialized (
  select k.* from seatbelt.kept_marks k
    join seatbelt.accounts a on a.organization_id = k.organization_id and a.seat_type = k.seat_type
   order by k.kept_at, k.asked_by
   limit $1
     for update of k skip locked
     for no key update of a skip locked
), gone as (
  delete from seatbelt.kept_marks k using taken t
   where k.organization_id = t.organization_id and k.seat_type = t.seat_type and k.asked_by = t.asked_by
), fresh as (
  select t.*, row_number() over (partition by organization_id, seat_type order by kept_at, asked_by) as nth
    from taken t
   where not exists (select 1 from seatbelt.mark_reasons r
                      where r.organization_id = t.organization_id and r.seat_type = t.seat_type and r.event_id = t.asked_by)
), marked as (
  update seatbelt.accounts a set marks = a.marks + f.count, due_at = least(coalesce(a.due_at, now()), now())
    from (select organization_id, seat_type, count(*) as count from fresh group by organization_id, seat_type) f
   where a.organization_id = f.organization_id and a.seat_type = f.seat_type and a.status <> 'ended'
  returning a.organization_id, a.seat_type, a.marks - f.count as before
), told as (
  insert into seatbelt.mark_reasons (organization_id, seat_type, mark, event_id, event_type, quantity_before, quantity_after,
         request_id, idempotency_key, push_id, event_created_at)
  select f.organization_id, f.seat_type, m.before + f.nth, f.asked_by, f.event_type, f.quantity_before, f.quantity_after,
         f.request_id, f.idempotency_key, f.push_id, f.event_created_at
    from fresh f join marked m on m.organization_id = f.organization_id and m.seat_type = f.seat_type
   where f.event_type is not null
  on conflict do nothing
)
select count(*)::int as marked from marked`,
    [atOnce],
  );
  return Number(rows[0]?.marked ?? 0);
}
