import type { Executor } from '../db/executor.ts';
import { withPatience } from './patience.ts';
import type { AccountKey } from './store.ts';

/** Several times as long as any claim is taken for. */
export const claimedAtMostMs = 60_000;

/** What lasts longer was taken by a clock that was put back since, by hand or by a failover, and would hold as much longer. */
export const ofAnotherClock = `lease_until > now() + interval '${claimedAtMostMs} milliseconds'`;

/** Takes accounts that are due and free, longest overdue first. Leases end by the database's clock. */
export async function claimDue(db: Executor, owner: string, limit: number, leaseMs: number): Promise<AccountKey[]> {
  const { rows } = await db.executeSql(
    /* sql */ `
with claimed as materialized (
  select organization_id, seat_type from seatbelt.accounts
   where due_at <= now() and (lease_until is null or lease_until < now() or ${ofAnotherClock})
   order by due_at
   limit $2
     for update skip locked
)
update seatbelt.accounts a
   set lease_owner = $1, lease_until = clock_timestamp() + $3 * interval '1 millisecond'
  from claimed
 where a.organization_id = claimed.organization_id and a.seat_type = claimed.seat_type
returning a.organization_id, a.seat_type`,
    [owner, limit, leaseMs],
  );
  return rows.map((row) => ({ organization: String(row.organization_id), seatType: String(row.seat_type) }));
}

/** Takes one account if nobody else has it. */
export async function claim(db: Executor, key: AccountKey, owner: string, leaseMs: number): Promise<boolean> {
  const { rows } = await db.executeSql(
    /* sql */ `
update seatbelt.accounts
   set lease_owner = $3, lease_until = clock_timestamp() + $4 * interval '1 millisecond'
 where organization_id = $1 and seat_type = $2
   and (lease_until is null or lease_until < now() or lease_owner = $3 or ${ofAnotherClock}) and ${withPatience}
returning 1 as claimed`,
    [key.organization, key.seatType, owner, leaseMs],
  );
  return rows.length === 1;
}

/** Gives the claim back, if it is still ours. */
export async function release(db: Executor, key: AccountKey, owner: string): Promise<void> {
  await db.executeSql(
    /* sql */ `
update seatbelt.accounts set lease_owner = null, lease_until = null
 where organization_id = $1 and seat_type = $2 and lease_owner = $3 and ${withPatience}`,
    [key.organization, key.seatType, owner],
  );
}

/** Locks the account's row until the transaction ends. */
export async function lock(db: Executor, key: AccountKey): Promise<void> {
  await db.executeSql(
    /* sql */ `
select 1 from seatbelt.accounts where organization_id = $1 and seat_type = $2 and ${withPatience} for update`,
    [key.organization, key.seatType],
  );
}
