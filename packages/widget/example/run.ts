/** `npm run example -w @seatbelt/widget`: the example on a PostgreSQL and a Stripe of its own, until Ctrl-C. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '@seatbelt/dev';
import { startStripeSim } from '@seatbelt/stripe-sim';
import { createSeatbelt, migrate } from 'seatbelt';
import Stripe from 'stripe';
import { startHost } from './host.ts';

const folder = await mkdtemp(join(tmpdir(), 'seatbelt-widget-'));
const postgres = await startPostgres({ dataDir: join(folder, 'postgres'), durable: false });
const sim = await startStripeSim();
const demo = await sim.admin.createDemoSubscription({ quantity: 10 });
const stripe = new Stripe('sk_test_example', { host: '127.0.0.1', port: sim.port, protocol: 'http' });
await migrate(postgres.url);
const seatbelt = createSeatbelt({ db: postgres.url, stripe, environment: 'example' });
await seatbelt.link('org_example', { subscription: demo.subscription.id, used: 7 });

const host = await startHost(seatbelt, () => ({ organization: 'org_example', actor: 'you', may: 'change' }), {
  secret: crypto.randomUUID() + crypto.randomUUID(),
});
console.log(
  `The host's page:        ${host.app}\nThe seats, elsewhere:   ${host.api}\nStripe (simulated):     ${sim.url}/_sim`,
);

await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
await host[Symbol.asyncDispose]();
await seatbelt.close();
await sim.close();
await postgres.stop();
await rm(folder, { recursive: true, force: true });
