import type { Ground } from '../lib/ground.ts';

export interface History {
  /** Organizations beside those that are measured. */
  readonly organizations: number;
  /** Ended changes of all, each with its push, four audit entries and a delivered event. */
  readonly changes: number;
  /** How many of them belong to `org_0`; the others have one each. */
  readonly ofOne: number;
}

/**
 * Years of history in minutes: copies of rows that the engine has really written for one change of `org_0`, with ids of their own
 * and everything else of their size. Constraints and triggers are off while it is written, as for a restored dump.
 */
export async function fillHistory(place: Ground, history: History): Promise<void> {
  if (history.changes - history.ofOne > history.organizations) throw new RangeError('There are too few organizations.');
  const client = await place.pool.connect();
  try {
    await client.query(`set session_replication_role = replica`);
    await client.query(`set synchronous_commit = off`);
    await client.query(
      `insert into seatbelt.accounts
       select copy.*
         from seatbelt.accounts a, generate_series(1, $1::bigint) as n,
              jsonb_populate_record(a, jsonb_build_object(
                'organization_id', 'filled_' || n, 'customer_id', 'cus_filled_' || n,
                'subscription_id', 'sub_filled_' || n, 'subscription_item_id', 'si_filled_' || n)) as copy
        where a.organization_id = 'org_0'`,
      [history.organizations],
    );
    // Of the one organization the numbers go on behind the change it has; of each other one it is the first.
    await client.query(
      `create temporary table filled as
       select n, gen_random_uuid() as change, gen_random_uuid() as push,
              case when n <= $2 then 'org_0' else 'filled_' || (n - $2) end as organization,
              case when n <= $2 then n + 1 else 1 end as number
         from generate_series(1, $1::bigint) as n`,
      [history.changes, history.ofOne],
    );
    await client.query(
      `insert into seatbelt.seat_changes
       select copy.*
         from filled f,
              (select c from seatbelt.seat_changes c where organization_id = 'org_0' limit 1) as one,
              jsonb_populate_record(one.c, jsonb_build_object(
                'id', f.change, 'organization_id', f.organization, 'number', f.number, 'push_id', f.push,
                'idempotency_key', f.change::text)) as copy`,
    );
    await client.query(
      `insert into seatbelt.pushes
       select copy.*
         from filled f,
              (select p from seatbelt.pushes p where organization_id = 'org_0' limit 1) as one,
              jsonb_populate_record(one.p, jsonb_build_object(
                'id', f.push, 'organization_id', f.organization, 'subscription_id', 'sub_' || f.organization)) as copy`,
    );
    await client.query(
      `insert into seatbelt.audit (organization_id, seat_type, sequence, entry, hash, change_id, push_id)
       select f.organization, 'seat', (f.number - 1) * 4 + a.sequence, a.entry, a.hash,
              case when a.change_id is not null then f.change end, case when a.push_id is not null then f.push end
         from filled f, (select * from seatbelt.audit where organization_id = 'org_0' and sequence between 2 and 5) a`,
    );
    await client.query(
      `insert into seatbelt.host_events (organization_id, seat_type, type, change_id, data, created_at, tries, delivered_at)
       select f.organization, 'seat', e.type, f.change, e.data, e.created_at, 1, e.created_at
         from filled f, (select * from seatbelt.host_events where organization_id = 'org_0' limit 1) e`,
    );
    await client.query(
      `update seatbelt.accounts set change_count = 1 + $1::bigint, audit_length = 5 + 4 * $1::bigint
        where organization_id = 'org_0'`,
      [history.ofOne],
    );
    await client.query(`drop table filled`);
    await client.query(`set session_replication_role = origin`);
    await client.query(`vacuum analyze`);
  } finally {
    // Its settings go with it.
    client.release(true);
  }
}
