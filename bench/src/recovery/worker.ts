/** The worker of another process: Seatbelt as it is shipped, and nothing else. */
import Stripe from 'stripe';
import { createSeatbelt } from '../../../packages/engine/src/index.ts';

const { databaseUrl, stripePort } = JSON.parse(process.argv[2] ?? '{}') as { databaseUrl: string; stripePort: number };
const stripe = new Stripe('sk_test_bench', { host: '127.0.0.1', port: stripePort, protocol: 'http' });
const seatbelt = createSeatbelt({ db: databaseUrl, stripe, environment: 'bench', prepare: true });
seatbelt.startWorker();
process.once('message', () => {
  void seatbelt.close().then(() => process.exit(0));
});
process.on('disconnect', () => process.exit(0));
process.send?.('started');
