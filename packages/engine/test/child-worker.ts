/**
 * A worker in a process of its own, for the test that counts what several processes ask of Stripe together. Takes its
 * settings as JSON in argv, does rounds until nothing is due, and prints one line of JSON: the turns it was granted.
 */
import Stripe from 'stripe';
import { createSeatbelt } from '../src/index.ts';

const settings = JSON.parse(process.argv[2] ?? '{}') as { databaseUrl: string; stripePort: number; perSecond: number };
const seatbelt = createSeatbelt({
  db: settings.databaseUrl,
  stripe: new Stripe('sk_test_engine', {
    host: '127.0.0.1',
    port: settings.stripePort,
    protocol: 'http',
    telemetry: false,
  }),
  environment: 'test',
  stripeRequestsPerSecond: settings.perSecond,
  eventsEveryMs: 0,
  sweepEveryMs: 0,
});
for (let rounds = 0; rounds < 50; rounds += 1) {
  const { accounts } = await seatbelt.tick();
  if (accounts.claimed === 0) break;
}
const granted = (await seatbelt.metricsText()).matchAll(/^seatbelt_stripe_turns_total\{[^}]*\} (\d+)$/gm);
const turns = [...granted].reduce((sum, [, count]) => sum + Number(count), 0);
process.stdout.write(`${JSON.stringify({ turns })}\n`);
await seatbelt.close();
