import type { State } from '../core/types.ts';
import type { Executor } from '../db/executor.ts';
import { stateFromRow } from './load.ts';

/** The columns of `load`, for many accounts at once; nobody names keys or holders here. */
const statement = /* sql */ `
select to_jsonb(a) as account,
       (extract(epoch from clock_timestamp()) * 1000)::bigint as now,
       i.paused_reason as installation_paused,
       case when a.waiting_changes = 0 and a.parked_changes = 0 then '[]'::jsonb else
         (select coalesce(jsonb_agg(to_jsonb(c) order by c.number), '[]') from seatbelt.seat_changes c
           where c.organization_id = a.organization_id and c.seat_type = a.seat_type and c.ended_at is null)
       end as waiting,
       '[]'::jsonb as keys,
       '[]'::jsonb as holders,
       (select coalesce(jsonb_agg(to_jsonb(n)), '[]') from seatbelt.incidents n
         where n.organization_id = a.organization_id and n.seat_type = a.seat_type and n.closed_at is null) as incidents
  from seatbelt.accounts a
  left join seatbelt.installation i on true
 where a.seat_type = $1 and a.organization_id > $2
   and (not $3::boolean or a.status = 'held' or a.push_id is not null or a.waiting_changes > 0 or a.parked_changes > 0
        or a.paused_reason is not null or a.due_at <= now()
        or (a.status = 'active' and a.assigned_seats + a.reserved_seats > least(a.settled_seats, a.seat_count))
        or exists (select from seatbelt.incidents n
                    where n.organization_id = a.organization_id and n.seat_type = a.seat_type
                      and n.closed_at is null and n.action <> 'none'))
 order by a.organization_id
 limit $4`;

/**
 * A page of accounts in the order of their organizations' ids, for people's screens.
 * @param page `after`: the last organization of the page before. `onlyOpen`: only those with something open, due or wrong.
 */
export async function loadPage(
  db: Executor,
  seatType: string,
  page: { readonly after: string | null; readonly limit: number; readonly onlyOpen: boolean },
): Promise<State[]> {
  const { rows } = await db.executeSql(statement, [seatType, page.after ?? '', page.onlyOpen, page.limit]);
  return rows.map(stateFromRow);
}
