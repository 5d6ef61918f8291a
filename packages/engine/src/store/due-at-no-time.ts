import type { Executor } from '../db/executor.ts';
import { notAtRest } from './not-at-rest.ts';
import type { AccountKey } from './store.ts';

/**
 * Wakes accounts with something open that nobody will come for. No commit leaves one behind, as far as is known; a hand
 * in the table, a version before this one, or a bug may, and a purchase that is never carried out is found by nobody
 * else. A held one is read again and again; a paused one waits for a person.
 */
export async function wakeDueAtNoTime(db: Executor): Promise<AccountKey[]> {
  const { rows } = await db.executeSql(
    /* sql */ `
with forgotten as materialized (
  select a.organization_id, a.seat_type from seatbelt.accounts a
   where a.due_at is null and ${notAtRest}
     and (a.status = 'held' and a.next_look_at is not null
          or a.hold is null and a.paused_reason is null
             and (a.push_id is not null or a.waiting_changes > 0
                  or a.parked_changes > 0 and a.subscription_id is not null and a.status <> 'ended')
             and not exists (select from seatbelt.installation i where i.paused_reason is not null))
   limit 1000
     for update skip locked
)
update seatbelt.accounts a set due_at = now()
  from forgotten
 where a.organization_id = forgotten.organization_id and a.seat_type = forgotten.seat_type and a.due_at is null
returning a.organization_id, a.seat_type`,
    [],
  );
  return rows.map((row) => ({ organization: String(row.organization_id), seatType: String(row.seat_type) }));
}
