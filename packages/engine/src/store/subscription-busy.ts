import type { Executor } from '../db/executor.ts';
import type { AccountKey } from './store.ts';

/** Whether the account of another seat type has a push open on the subscription. A commit that opens one more is turned down. */
export async function isSubscriptionBusy(db: Executor, key: AccountKey, subscription: string): Promise<boolean> {
  const { rows } = await db.executeSql(
    /* sql */ `
select 1 as open from seatbelt.pushes
 where subscription_id = $1 and ended_at is null and (organization_id, seat_type) <> ($2, $3)`,
    [subscription, key.organization, key.seatType],
  );
  return rows.length > 0;
}
