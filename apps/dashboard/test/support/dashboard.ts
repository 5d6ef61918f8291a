import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestDatabase, testDatabase } from '@seatbelt/dev';
import { freePort } from '@seatbelt/dev/free-port';
import { ensureDashboardBuilt, nextProgram } from '@seatbelt/dev/supervisor/dashboard-build';
import { stripeClient } from '@seatbelt/dev/supervisor/stripe-client';
import { type StripeSim, startStripeSim } from '@seatbelt/stripe-sim';
import { createSeatbelt, type Seatbelt } from 'seatbelt';

/** The built dashboard with a database, a simulator and a worker of its own. */
export interface RunningDashboard {
  readonly url: string;
  readonly apiKey: string;
  readonly sim: StripeSim;
  readonly database: TestDatabase;
  /** The same engine in this process, beside the dashboard: another server of the host's, and the worker. */
  readonly seatbelt: Seatbelt;
  /** A new organization with its own subscription; returns its id. */
  organization(options: { seats: number; used: number; reserved?: number; maximumSeats?: number }): Promise<string>;
  /** What Stripe bills this organization for, from the simulator's own books. */
  quantityOf(organization: string): number | undefined;
  /** Somebody changes the quantity in Stripe's own dashboard. */
  changeInStripe(organization: string, quantity: number): void;
  [Symbol.asyncDispose](): Promise<void>;
}

const environmentName = 'dashboard-test';

/** @param mode `demo`: as under `npm start` without settings. `configured`: as in production, where only the API key opens. */
export async function startDashboard(
  mode: 'demo' | 'configured' = 'demo',
  options: { sentryDsn?: string } = {},
): Promise<RunningDashboard> {
  const apiKey = randomUUID();
  const secretKey = 'sk_test_dashboard';
  const [database, sim] = await Promise.all([
    testDatabase(),
    startStripeSim({ apiKeys: [secretKey] }),
    ensureDashboardBuilt((line) => console.error(line)),
  ]);
  const stripe = stripeClient({ secretKey, apiBase: sim.url, webhookSecret: null });
  const seatbelt = createSeatbelt({ db: database.url, stripe, environment: environmentName });
  seatbelt.startWorker();

  const port = await freePort();
  const server = await startNext(port, {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    NEXT_TELEMETRY_DISABLED: '1',
    DATABASE_URL: database.url,
    STRIPE_SECRET_KEY: secretKey,
    STRIPE_API_BASE: sim.url,
    SEATBELT_API_KEY: apiKey,
    SEATBELT_ENVIRONMENT: environmentName,
    ...(options.sentryDsn === undefined ? {} : { SENTRY_DSN: options.sentryDsn }),
    ...(mode === 'demo' ? { SEATBELT_DEV: '1', SEATBELT_SUPERVISED: '1' } : {}),
  });

  const subscriptions = new Map<string, { id: string; item: string }>();
  return {
    url: `http://localhost:${port}`,
    apiKey,
    sim,
    database,
    seatbelt,
    async organization({ seats, used, reserved = 0, maximumSeats }) {
      const organization = `org_${randomUUID().slice(0, 8)}`;
      const { subscription, item } = sim.admin.createDemoSubscription({ quantity: seats });
      subscriptions.set(organization, { id: subscription.id, item: item.id });
      await seatbelt.link(organization, {
        subscription: subscription.id,
        ...(maximumSeats === undefined ? {} : { terms: { maximumSeats } }),
      });
      if (used > 0) await seatbelt.add(organization, used, { expand: false });
      if (reserved > 0) await seatbelt.reserve(organization, reserved, { expand: false });
      return organization;
    },
    quantityOf(organization) {
      const subscription = sim.truth().subscriptions.find((each) => each.id === subscriptions.get(organization)?.id);
      return subscription?.items.data[0]?.quantity;
    },
    changeInStripe(organization, quantity) {
      const billed = subscriptions.get(organization);
      if (billed === undefined) throw new Error(`This test made no organization ${organization}.`);
      sim.admin.foreignQuantityChange({ subscription: billed.id, item: billed.item, quantity, by: 'dashboard' });
    },
    async [Symbol.asyncDispose]() {
      await server.stop();
      await seatbelt.close();
      await sim.close();
      await database.drop();
    },
  };
}

async function startNext(port: number, env: Record<string, string | undefined>): Promise<{ stop(): Promise<void> }> {
  const folder = join(import.meta.dirname, '..', '..');
  const child = spawn(process.execPath, [nextProgram, 'start', folder, '-p', String(port), '-H', '127.0.0.1'], {
    // Next's types insist on NODE_ENV; it sets it by itself.
    env: env as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  const { promise: gone, resolve: isGone } = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      said.push(line);
      if (line.includes('Ready in')) resolve();
    });
  }
  child.once('error', reject);
  child.once('exit', (code) => {
    reject(new Error(`The dashboard ended with code ${code}:\n${said.join('\n')}`));
    isGone();
  });
  await ready;
  return {
    async stop() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}
