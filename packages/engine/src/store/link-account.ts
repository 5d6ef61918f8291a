import type { StripeLink, Terms } from '../core/types.ts';
import type { Executor } from '../db/executor.ts';
import { InvalidInput } from '../failures.ts';
import { hashOf } from './audit-chain.ts';
import type { AccountKey } from './store.ts';

/**
 * Creates an account with its first audit entry in one statement. `false`: it exists already.
 * The holders and anonymous seats in use are those the host has already given out.
 */
export async function createAccount(
  db: Executor,
  key: AccountKey,
  account: {
    readonly link: StripeLink | null;
    readonly terms: Terms;
    readonly seats: number;
    readonly anonymousAssigned: number;
    readonly holders: readonly string[];
    readonly actor: string;
    readonly reason: string | null;
    readonly now: number;
  },
): Promise<boolean> {
  const used = account.anonymousAssigned + account.holders.length;
  const entry = JSON.stringify({
    sequence: 1,
    organization: key.organization,
    seatType: key.seatType,
    at: new Date(account.now).toISOString(),
    kind: 'linked',
    change: null,
    push: null,
    actor: account.actor,
    reason: account.reason,
    seatCountBefore: 0,
    seatCountAfter: account.seats,
    settledBefore: 0,
    settledAfter: account.seats,
    usedBefore: 0,
    usedAfter: used,
    requestId: null,
    note: account.link
      ? `Linked to subscription ${account.link.subscription}, item ${account.link.item}.`
      : 'Created without a subscription.',
  });
  const hash = hashOf('', entry);
  const { rows } = await db.executeSql(
    /* sql */ `
with account as (
  insert into seatbelt.accounts
         (organization_id, seat_type, customer_id, subscription_id, subscription_item_id, terms, settled_seats, seat_count,
          assigned_seats, anonymous_assigned, audit_length, audit_head, next_look_at, due_at)
  values ($1, $2, $3, $4, $5, $6::jsonb, $7, $7, $8, $9, 1, $12,
          -- The first look comes at once, so that a difference is found now and not at the next change.
          case when $4::text is null then null else now() end, case when $4::text is null then null else now() end)
  on conflict do nothing
  returning organization_id, seat_type
), seated as (
  insert into seatbelt.seats (organization_id, seat_type, holder, state)
  select account.organization_id, account.seat_type, holder, 'assigned'
    from account, jsonb_array_elements_text($10::jsonb) as holder
), audit as (
  insert into seatbelt.audit (organization_id, seat_type, sequence, entry, hash)
  select account.organization_id, account.seat_type, 1, $11, $12 from account
)
select 1 as created from account`,
    [
      key.organization,
      key.seatType,
      account.link?.customer ?? null,
      account.link?.subscription ?? null,
      account.link?.item ?? null,
      JSON.stringify(account.terms),
      account.seats,
      used,
      account.anonymousAssigned,
      JSON.stringify(account.holders),
      entry,
      hash,
    ],
  );
  return rows.length === 1;
}

/** The database's time in milliseconds. */
export async function databaseNow(db: Executor): Promise<number> {
  const { rows } = await db.executeSql(`select (extract(epoch from clock_timestamp()) * 1000)::bigint as now`, []);
  return Number(rows[0]?.now);
}

/**
 * A subscription belongs to one customer: two organizations that share one would each change what the other pays. Nobody else
 * links anything to it until the transaction ends, so of two that ask at once the second one finds the first.
 * @throws InvalidInput where it bills another organization
 */
export async function claimSubscription(tx: Executor, key: AccountKey, link: StripeLink): Promise<void> {
  const lock = `select pg_advisory_xact_lock(hashtextextended('seatbelt link ' || $1, 0))`;
  await tx.executeSql(lock, [link.subscription]);
  await refuseSharedSubscription(tx, key, link);
}

/** The same as far as is known by now, before anything is asked of anybody. @throws InvalidInput */
export async function refuseSharedSubscription(db: Executor, key: AccountKey, link: StripeLink): Promise<void> {
  const other = await organizationOf(db, link, key.organization);
  if (other === null) return;
  throw new InvalidInput(
    'subscription',
    `The subscription ${link.subscription} bills the organization ${JSON.stringify(other)} already; one subscription bills one organization.`,
  );
}

/** Another organization that another item of this subscription bills, or null. The same item is kept apart by its index. */
async function organizationOf(db: Executor, link: StripeLink, notThis: string): Promise<string | null> {
  const { rows } = await db.executeSql(
    /* sql */ `
select organization_id from seatbelt.accounts
 where subscription_id = $1 and subscription_item_id <> $2 and organization_id <> $3 and status <> 'ended'
 limit 1`,
    [link.subscription, link.item, notThis],
  );
  return rows[0] === undefined ? null : String(rows[0].organization_id);
}
