import { testDatabase } from '@seatbelt/dev/test-database';
import { type Settings, type StripeSim, startStripeSim } from '@seatbelt/stripe-sim';
import type pg from 'pg';
import Stripe from 'stripe';
import { createSeatbelt, type Seatbelt, type SeatbeltOptions } from '../src/index.ts';

/** The engine on a real PostgreSQL and the simulator, with one organization linked: what most tests start from. */
export interface Product extends AsyncDisposable {
  readonly organization: string;
  readonly seatbelt: Seatbelt;
  readonly sim: StripeSim;
  readonly stripe: Stripe;
  readonly subscription: string;
  readonly item: string;
  readonly databaseUrl: string;
  /** For looking into the tables behind the engine's back. */
  readonly pool: pg.Pool;
  /** Another process as far as the engine is concerned: its own lanes, leases and connections. */
  another(options?: Partial<SeatbeltOptions>): Seatbelt;
  /** Stripe's quantity of the item, as the simulator holds it. */
  stripeQuantity(): number;
  /** Writes that reached the simulator, in order. */
  stripeWrites(): { key: string | null; status: number | null; replayed: boolean; executed: boolean }[];
}

export interface ProductOptions {
  readonly seats?: number;
  readonly used?: number;
  readonly holders?: readonly string[];
  readonly link?: Partial<Parameters<Seatbelt['link']>[1]>;
  readonly engine?: Partial<SeatbeltOptions>;
  /** How the subscription is priced and how far into its period it is; its clock then shows the present moment. */
  readonly demo?: Partial<Parameters<StripeSim['admin']['createDemoSubscription']>[0]> & { readonly daysAgo?: number };
  /** Of the simulator; its limits are off unless asked for. */
  readonly settings?: Partial<Settings>;
  /** Where the engine finds its database, when that is not the test's own one (a proxy before it). */
  readonly databaseUrl?: (url: string) => string;
}

export async function product(options: ProductOptions = {}): Promise<Product> {
  const database = await testDatabase();
  const { daysAgo = 0, ...demoOptions } = options.demo ?? {};
  const sim = await startStripeSim({
    ...(options.settings ? { settings: options.settings } : {}),
    ...(daysAgo === 0 ? {} : { clock: { startAt: Math.floor(Date.now() / 1_000) - daysAgo * 86_400 } }),
  });
  const stripe = stripeClient(sim.port);
  const seats = options.seats ?? 10;
  const demo = await sim.admin.createDemoSubscription({ quantity: seats, ...demoOptions });
  if (daysAgo > 0) await sim.clock.advance({ days: daysAgo });
  const engines: Seatbelt[] = [];
  const another = (more: Partial<SeatbeltOptions> = {}): Seatbelt => {
    const engine = createSeatbelt({
      db: options.databaseUrl?.(database.url) ?? database.url,
      stripe,
      environment: 'test',
      ...options.engine,
      ...more,
    });
    engines.push(engine);
    return engine;
  };
  const seatbelt = another();
  const organization = 'org_test';
  const { subscription, item } = { subscription: demo.subscription.id, item: demo.item.id };
  await seatbelt.link(organization, {
    subscription,
    used: options.used ?? 7,
    ...(options.holders ? { holders: options.holders } : {}),
    ...options.link,
  });

  return {
    organization,
    seatbelt,
    sim,
    stripe,
    subscription,
    item,
    databaseUrl: database.url,
    pool: database.pool,
    another,
    stripeQuantity() {
      const found = sim.truth().subscriptions.find((candidate) => candidate.id === subscription);
      const quantity = found?.items.data.find((candidate) => candidate.id === item)?.quantity;
      if (quantity === undefined) throw new Error('The simulator does not have the item.');
      return quantity;
    },
    stripeWrites: () =>
      sim
        .truth()
        .requests.filter(
          (request) => request.method === 'POST' && request.path.startsWith(`/v1/subscriptions/${subscription}`),
        ),
    async [Symbol.asyncDispose]() {
      await Promise.allSettled(engines.map((engine) => engine.close()));
      await sim.close();
      await database.drop();
    },
  };
}

export function stripeClient(port: number, key = 'sk_test_engine'): Stripe {
  return new Stripe(key, { host: '127.0.0.1', port, protocol: 'http', telemetry: false, maxNetworkRetries: 0 });
}

/** Waits until `read` gives a truthy value, asking again after every tick of the engine. Bounded; says what it waited for. */
export async function eventually<T>(
  what: string,
  seatbelt: Seatbelt,
  read: () => T | Promise<T>,
  rounds = 200,
): Promise<NonNullable<T>> {
  for (let round = 0; round < rounds; round += 1) {
    const value = await read();
    if (value) return value as NonNullable<T>;
    await seatbelt.tick();
  }
  throw new Error(`${what} did not come about within ${rounds} ticks.`);
}

/** Another item of the subscription, at a price of its own. @returns its id */
export async function addItem({ stripe }: Product, subscription: string): Promise<string> {
  const { id: price } = await stripe.prices.create({
    currency: 'usd',
    unit_amount: 500,
    recurring: { interval: 'month' },
    product_data: { name: 'other' },
  });
  return (await stripe.subscriptionItems.create({ subscription, price, quantity: 5 })).id;
}

/** As if the disk were full for updates of accounts that `condition` (of `old` and `new`) is true of. @returns what makes room */
export async function fullDiskWhen({ pool }: Product, condition: string): Promise<() => Promise<void>> {
  await pool.query(`
    create function disk_full() returns trigger language plpgsql as $$ begin
      raise exception 'no space' using errcode = '53100';
    end $$;
    create trigger disk_full before update on seatbelt.accounts for each row
      when (${condition}) execute function disk_full();`);
  return async () => {
    await pool.query('drop trigger disk_full on seatbelt.accounts');
  };
}
