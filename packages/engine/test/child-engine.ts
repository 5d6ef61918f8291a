/**
 * An engine in a process of its own, for tests that kill it. Takes one command as JSON in argv, prints one line of JSON
 * for what its caller would have heard.
 */
import Stripe from 'stripe';
import { createSeatbelt } from '../src/index.ts';

const settings = JSON.parse(process.argv[2] ?? '{}') as {
  databaseUrl: string;
  stripePort: number;
  organization: string;
  seats: number;
  idempotencyKey: string;
};
const seatbelt = createSeatbelt({
  db: settings.databaseUrl,
  stripe: new Stripe('sk_test_engine', {
    host: '127.0.0.1',
    port: settings.stripePort,
    protocol: 'http',
    telemetry: false,
  }),
  environment: 'test',
});
const answer = await seatbelt.set(settings.organization, settings.seats, { idempotencyKey: settings.idempotencyKey });
process.stdout.write(`${JSON.stringify({ status: answer.status })}\n`);
await seatbelt.close();
