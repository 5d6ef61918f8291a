import { type StripeSim, startStripeSim } from '@seatbelt/stripe-sim';
import pg from 'pg';
import { type BenchServer, benchServer } from './bench-server.ts';

/** One organization as both programs get it: a subscription of its own at the simulator. */
export interface Customer {
  readonly organization: string;
  readonly customer: string;
  readonly subscription: string;
  readonly item: string;
}

/** The one route by which either program writes a quantity, and the other one. */
const writes = ['POST /v1/subscriptions/:id', 'POST /v1/subscription_items/:id'] as const;

/** A PostgreSQL and a Stripe with customers who pay for `seats` seats each. Both belong to one measurement. */
export async function twoSides(options: {
  readonly server: BenchServer;
  readonly organizations: number;
  readonly seats: number;
  readonly stripeMs: number;
}) {
  const server = await benchServer(options.server);
  const pool = new pg.Pool({ connectionString: server.url, max: 8 });
  // The server is taken away at the end while connections are still idle.
  pool.on('error', () => undefined);
  const sim = await startStripeSim();
  const customers = Array.from({ length: options.organizations }, (_, index): Customer => {
    const made = sim.admin.createDemoSubscription({ quantity: options.seats });
    return {
      organization: `org_${index}`,
      customer: made.customer.id,
      subscription: made.subscription.id,
      item: made.item.id,
    };
  });
  for (const route of writes) {
    const slow = { kind: 'delay_before', match: { route }, delayMs: options.stripeMs, times: null } as const;
    if (options.stripeMs > 0) sim.faults.add(slow);
  }
  return {
    url: server.url,
    pool,
    sim,
    customers,
    stripeQuantities: () => stripeQuantities(sim),
    stripeWrites: () => sim.truth().requests.filter(({ method, path }) => method === 'POST' && isWrite(path)).length,
    async [Symbol.asyncDispose]() {
      await pool.end();
      await sim.close();
      await server.remove();
    },
  };
}

export type TwoSides = Awaited<ReturnType<typeof twoSides>>;

/** What Stripe bills for, by item. */
function stripeQuantities(sim: StripeSim): Map<string, number> {
  const items = sim.truth().subscriptions.flatMap((subscription) => subscription.items.data);
  return new Map(items.map(({ id, quantity }) => [id, quantity ?? 0]));
}

function isWrite(path: string): boolean {
  return path.startsWith('/v1/subscriptions/') || path.startsWith('/v1/subscription_items/');
}
