import type { Pool, PoolClient } from 'pg';
import type Stripe from 'stripe';

export interface UsualVersion {
  readonly db: Pool;
  readonly stripe: Stripe;
  /** Whether the organization's row is locked while the seats are counted. */
  readonly lockRow: boolean;
}

interface Organization {
  seat_count: number;
  stripe_subscription_item_id: string;
}

/**
 * Invites somebody, and buys a seat first where none is free: read, count members, count open invites, write the new
 * count and the invite in one transaction, tell Stripe, and take both back if Stripe says no. This is how it is written
 * on a normal day by somebody who knows transactions, and who trusts the SDK with retries and idempotency keys.
 *
 * @throws whatever the database or Stripe threw; the caller then shows "that did not work, please try again".
 */
export async function inviteMember(app: UsualVersion, organizationId: string, email: string): Promise<void> {
  const purchase = await transaction(app.db, async (tx) => {
    const organization = await findOrganization(tx, organizationId, app.lockRow);
    const used = (await countMembers(tx, organizationId)) + (await countOpenInvites(tx, organizationId));
    const invite = await insertInvite(tx, organizationId, email);
    if (used + 1 <= organization.seat_count) return null;
    const seats = used + 1;
    await tx.query(`update usual.organizations set seat_count = $2 where id = $1`, [organizationId, seats]);
    return { invite, seats, item: organization.stripe_subscription_item_id, added: seats - organization.seat_count };
  });
  if (purchase === null) return;

  try {
    await app.stripe.subscriptionItems.update(purchase.item, {
      quantity: purchase.seats,
      proration_behavior: 'create_prorations',
    });
  } catch (error) {
    // Subtracting what was added, instead of writing the old count back, keeps what others bought meanwhile.
    await transaction(app.db, async (tx) => {
      await tx.query(`delete from usual.invites where id = $1`, [purchase.invite]);
      await tx.query(`update usual.organizations set seat_count = seat_count - $2 where id = $1`, [
        organizationId,
        purchase.added,
      ]);
    });
    throw error;
  }
}

async function findOrganization(tx: PoolClient, id: string, lockRow: boolean): Promise<Organization> {
  const { rows } = await tx.query<Organization>(
    `select seat_count, stripe_subscription_item_id from usual.organizations where id = $1 ${lockRow ? 'for update' : ''}`,
    [id],
  );
  const [organization] = rows;
  if (!organization) throw new Error(`There is no organization ${id}.`);
  return organization;
}

async function countMembers(tx: PoolClient, organizationId: string): Promise<number> {
  const { rows } = await tx.query<{ count: number }>(
    `select count(*)::integer as count from usual.members where organization_id = $1`,
    [organizationId],
  );
  return rows[0]?.count ?? 0;
}

async function countOpenInvites(tx: PoolClient, organizationId: string): Promise<number> {
  const { rows } = await tx.query<{ count: number }>(
    `select count(*)::integer as count from usual.invites where organization_id = $1 and accepted_at is null`,
    [organizationId],
  );
  return rows[0]?.count ?? 0;
}

async function insertInvite(tx: PoolClient, organizationId: string, email: string): Promise<string> {
  const { rows } = await tx.query<{ id: string }>(
    `insert into usual.invites (organization_id, email) values ($1, $2) returning id`,
    [organizationId, email],
  );
  const id = rows[0]?.id;
  if (id === undefined) throw new Error('The invite was not written.');
  return id;
}

async function transaction<T>(db: Pool, work: (tx: PoolClient) => Promise<T>): Promise<T> {
  const client = await db.connect();
  // A connection that breaks while it is lent reports that here too; the query that is under way rejects with it.
  const onError = () => undefined;
  client.on('error', onError);
  let broken: Error | undefined;
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((rollbackError: Error) => {
      broken = rollbackError;
    });
    throw error;
  } finally {
    client.removeListener('error', onError);
    client.release(broken);
  }
}
