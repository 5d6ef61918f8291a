import { policy } from '../core/policy.ts';
import type { Executor } from '../db/executor.ts';

/** Longer than this nothing is in doubt without an incident of its own; a doubt that ended sooner is found by its push. */
const doubtWithoutIncidentSeconds = policy.doubtIncidentMs / 1_000;

/**
 * The organizations that were billed, or may have been billed, wrongly that long ago and have been put right since: held over
 * a difference, or in doubt, at that moment, by what incidents, pushes and the trail say. Read from the database, so that every
 * server says the same and a restart forgets nothing. Some of them may be wrong again now.
 * @param secondsAgo at least 300: what is younger may be a doubt that is over before anybody could act
 * @param limit the most organizations that are read
 */
export async function readWrongThen(
  db: Executor,
  seatType: string,
  secondsAgo: number,
  limit: number,
): Promise<string[]> {
  if (secondsAgo < doubtWithoutIncidentSeconds) {
    throw new RangeError(`secondsAgo is ${secondsAgo}, and has to be at least ${doubtWithoutIncidentSeconds}.`);
  }
  const { rows } = await db.executeSql(
    /* sql */ `
select distinct organization_id from (
  (select i.organization_id
     from seatbelt.incidents i
    where i.seat_type = $1
      and i.closed_at > now() - make_interval(secs => $2) and i.opened_at <= now() - make_interval(secs => $2)
      and (i.kind in ('drift', 'held') and i.action = 'act' or i.kind = 'in_doubt')
    limit $4)
  union all
  (select p.organization_id
     from seatbelt.pushes p
    where p.seat_type = $1
      and p.ended_at > now() - make_interval(secs => $2) and p.ended_at <= now() - make_interval(secs => $2 - $3)
      and p.intended_at <= now() - make_interval(secs => $2) and p.from_quantity <> p.target_quantity
      and exists (select from seatbelt.audit a
                   where a.push_id = p.id and a.entry::jsonb ->> 'kind' = 'push_in_doubt'
                     and (a.entry::jsonb ->> 'at')::timestamptz <= now() - make_interval(secs => $2))
    limit $4)
) as wrong
 limit $4`,
    [seatType, secondsAgo, doubtWithoutIncidentSeconds, limit],
  );
  return rows.map((row) => String(row.organization_id));
}
