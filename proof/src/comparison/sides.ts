import { testDatabase } from '@seatbelt/dev/test-database';
import { type StripeSim, startStripeSim } from '@seatbelt/stripe-sim';
import pg from 'pg';
import type { Customer } from '../../../bench/src/lib/two-sides.ts';

/** The one route by which each program writes a quantity. */
const writes = ['POST /v1/subscriptions/:id', 'POST /v1/subscription_items/:id'] as const;

/** A database and a Stripe of its own for one program: customers who pay for `seats` seats each, at one price. */
export async function openSides(options: {
  readonly organizations: number;
  readonly seats: number;
  readonly stripeMs: number;
  readonly seed: number;
}) {
  const database = await testDatabase();
  const pool = new pg.Pool({ connectionString: database.url, max: 4 });
  // The database is taken away at the end while connections are still idle.
  pool.on('error', () => undefined);
  const sim = await startStripeSim({ seed: options.seed });
  const { price } = sim.admin.createSubscriptionsInBulk({
    count: options.organizations,
    quantity: options.seats,
    cards: true,
  });
  const customers = sim.truth().subscriptions.map((subscription, index): Customer => {
    const [item] = subscription.items.data;
    if (!item) throw new Error(`${subscription.id} has no item.`);
    const { customer } = subscription;
    return {
      organization: `org_${index}`,
      customer: typeof customer === 'string' ? customer : customer.id,
      subscription: subscription.id,
      item: item.id,
    };
  });
  for (const route of writes) {
    sim.faults.add({ kind: 'delay_before', match: { route }, delayMs: options.stripeMs, times: null });
  }
  return {
    url: database.url,
    pool,
    sim,
    price,
    customers,
    /** What Stripe bills for, by item. */
    billed: () => billed(sim),
    async [Symbol.asyncDispose]() {
      await pool.end();
      await sim.close();
      await database.drop();
    },
  };
}

export type Sides = Awaited<ReturnType<typeof openSides>>;

function billed(sim: StripeSim): Map<string, number> {
  const items = sim.truth().subscriptions.flatMap((subscription) => subscription.items.data);
  return new Map(items.map(({ id, quantity }) => [id, quantity ?? 0]));
}
