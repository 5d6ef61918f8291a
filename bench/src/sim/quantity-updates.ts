/**
 * How many quantity updates a second the simulator does: in process through `fetch`, and over HTTP through the
 * official SDK. Run: node bench/src/sim/quantity-updates.ts
 */
import Stripe from 'stripe';
import { createStripeSim, startStripeSim } from '../../../packages/stripe-sim/src/index.ts';

const inProcessCount = 20_000;
const httpCount = 8_000;
const concurrency = 16;

async function timed(name: string, count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const startedMs = performance.now();
  const lane = async () => {
    while (next < count) {
      const index = next;
      next += 1;
      await work(index);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  const seconds = (performance.now() - startedMs) / 1000;
  const megabytes = Math.round(process.memoryUsage().rss / 2 ** 20);
  console.log(`${name}: ${count} in ${seconds.toFixed(2)} s = ${Math.round(count / seconds)}/s, RSS ${megabytes} MB`);
}

const inProcess = createStripeSim();
const one = inProcess.admin.createDemoSubscription({ quantity: 5 });
await timed('in process, fetch', inProcessCount, async (index) => {
  const response = await inProcess.fetch(
    new Request(`http://stripe.test/v1/subscriptions/${one.subscription.id}`, {
      method: 'POST',
      headers: {
        authorization: 'Bearer sk_test_x',
        'content-type': 'application/x-www-form-urlencoded',
        'idempotency-key': `op-${index}`,
      },
      body: `items[0][id]=${one.item.id}&items[0][quantity]=${(index % 50) + 1}&proration_behavior=none`,
    }),
  );
  await response.text();
  if (response.status !== 200) throw new Error(`status ${response.status}`);
});
await inProcess.close();

const overHttp = await startStripeSim();
const two = overHttp.admin.createDemoSubscription({ quantity: 5 });
const stripe = new Stripe('sk_test_x', { host: '127.0.0.1', port: overHttp.port, protocol: 'http', telemetry: false });
await timed('over HTTP, SDK in the same process', httpCount, async (index) => {
  await stripe.subscriptions.update(
    two.subscription.id,
    { items: [{ id: two.item.id, quantity: (index % 50) + 1 }], proration_behavior: 'none' },
    { idempotencyKey: `op-${index}` },
  );
});
await overHttp.close();
