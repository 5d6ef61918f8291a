import type { State } from '../core/types.ts';
import type { Executor } from '../db/executor.ts';
import { stateFromRow } from './load.ts';
import { notAtRest } from './not-at-rest.ts';

/** The columns of `load`, for many accounts at once; nobody names keys or holders here. */
const columns = /* sql */ `
select row_to_json(a) as account,
       (extract(epoch from clock_timestamp()) * 1000)::bigint as now,
       i.paused_reason as installation_paused,
       case when a.waiting_changes = 0 and a.parked_changes = 0 then '[]'::json else
         (select coalesce(json_agg(row_to_json(c) order by c.number), '[]') from seatbelt.seat_changes c
           where c.organization_id = a.organization_id and c.seat_type = a.seat_type and c.ended_at is null)
       end as waiting,
       '[]'::json as keys,
       '[]'::json as holders,
       (select coalesce(json_agg(row_to_json(n)), '[]') from seatbelt.incidents n
         where n.organization_id = a.organization_id and n.seat_type = a.seat_type and n.closed_at is null) as incidents
  from seatbelt.accounts a
  left join seatbelt.installation i on true`;

const everyAccount = /* sql */ `
${columns}
 where a.seat_type = $1 and a.organization_id > $2
 order by a.organization_id
 limit $3`;

/**
 * Those with something open, due or wrong: three small lists, each by an index of its own. As one condition over all accounts
 * it would read a million that are at rest to find none. More seats in use than are paid for has an incident.
 */
const openAccounts = /* sql */ `
with open as (
  (select a.organization_id from seatbelt.accounts a
    where a.seat_type = $1 and a.organization_id > $2 and ${notAtRest}
    order by a.organization_id
    limit $3)
  union
  (select a.organization_id from seatbelt.accounts a
    where a.seat_type = $1 and a.organization_id > $2 and a.due_at <= now()
    order by a.organization_id
    limit $3)
  union
  (select n.organization_id from seatbelt.incidents n
    where n.seat_type = $1 and n.organization_id > $2 and n.closed_at is null and n.action <> 'none'
    order by n.organization_id
    limit $3)
)
${columns}
  join open on open.organization_id = a.organization_id
 where a.seat_type = $1
 order by a.organization_id
 limit $3`;

/**
 * A page of accounts in the order of their organizations' ids, for people's screens.
 * @param page `after`: the last organization of the page before. `onlyOpen`: only those with something open, due or wrong.
 */
export async function loadPage(
  db: Executor,
  seatType: string,
  page: { readonly after: string | null; readonly limit: number; readonly onlyOpen: boolean },
): Promise<State[]> {
  const { rows } = await db.executeSql(page.onlyOpen ? openAccounts : everyAccount, [
    seatType,
    page.after ?? '',
    page.limit,
  ]);
  return rows.map(stateFromRow);
}
