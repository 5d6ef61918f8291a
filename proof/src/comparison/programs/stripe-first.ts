import type { Pool } from 'pg';
import Stripe from 'stripe';
import type { Program, ProgramSettings } from '../programs.ts';
import { poolOf, stripeKey, stripeOptions } from './connect.ts';

/** Stripe first: nobody is let in before Stripe has said yes, and what Stripe did is taken back if the database says no. */
export function stripeFirst(settings: ProgramSettings): Program {
  const db = poolOf(settings);
  const stripe = new Stripe(stripeKey, stripeOptions(settings));
  return {
    async add({ organization, person }) {
      try {
        await inviteAfterPaying(db, stripe, organization, person);
        return 'success';
      } catch (error) {
        return error instanceof Error ? 'failure' : Promise.reject(error);
      }
    },
    askAgain: null,
    webhook: null,
    close: () => db.end(),
  };
}

/**
 * Buys the seat, then writes invite and count in one statement, as somebody does who has read that a failed payment must
 * not let anybody in. The row cannot be locked over the call to Stripe without holding a transaction open for it.
 *
 * @throws whatever the database or Stripe threw.
 */
async function inviteAfterPaying(db: Pool, stripe: Stripe, organization: string, person: string): Promise<void> {
  const { rows } = await db.query<{ item: string; seats: number; used: number }>(
    `select o.stripe_subscription_item_id as item, o.seat_count as seats,
            (select count(*) from usual.members m where m.organization_id = o.id)::integer
            + (select count(*) from usual.invites i where i.organization_id = o.id and i.accepted_at is null)::integer as used
       from usual.organizations o where o.id = $1`,
    [organization],
  );
  const [found] = rows;
  if (!found) throw new Error(`There is no organization ${organization}.`);
  const seats = Math.max(found.seats, found.used + 1);
  const buys = seats > found.seats;
  if (buys) await setQuantity(stripe, found.item, seats);
  try {
    await db.query(
      `with invited as (insert into usual.invites (organization_id, email) values ($1, $2))
       update usual.organizations set seat_count = $3 where id = $1`,
      [organization, person, seats],
    );
  } catch (error) {
    if (buys) await setQuantity(stripe, found.item, found.seats);
    throw error;
  }
}

async function setQuantity(stripe: Stripe, item: string, quantity: number): Promise<void> {
  await stripe.subscriptionItems.update(item, { quantity, proration_behavior: 'create_prorations' });
}
