import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import Stripe from 'stripe';
import { type StripeSim, type StripeSimClient, startStripeSim, stripeSimClient } from '../index.ts';

let sim: StripeSim;
let client: StripeSimClient;
before(async () => {
  sim = await startStripeSim();
  client = stripeSimClient(sim.url);
});
after(() => sim.close());

test('another process steers it through the client: account, fault, release, truth', async () => {
  const demo = await client.admin.createDemoSubscription({ quantity: 5, priceModel: 'volume' });
  const fault = await client.faults.add({ kind: 'drop_after', times: Number.POSITIVE_INFINITY, match: { key: 'k' } });
  assert.equal((await client.faults.list())[0]?.times, null);
  const stripe = new Stripe('sk_test_x', { host: '127.0.0.1', port: sim.port, protocol: 'http', maxNetworkRetries: 0 });
  await assert.rejects(stripe.subscriptionItems.update(demo.item.id, { quantity: 6 }, { idempotencyKey: 'k' }));
  await client.faults.remove(fault);
  const truth = await client.truth();
  assert.deepEqual(
    truth.quantityHistory[demo.item.id]?.map(({ to }) => to),
    [5, 6],
  );
  await client.admin.foreignQuantityChange({
    subscription: demo.subscription.id,
    item: demo.item.id,
    quantity: 9,
    by: 'portal',
  });
  assert.equal((await client.truth()).quantityHistory[demo.item.id]?.at(-1)?.by, 'portal');
});

test('locks and keys can be taken away and given back', async () => {
  const demo = await client.admin.createDemoSubscription({ quantity: 5 });
  await client.admin.holdLock(demo.subscription.id);
  await assert.rejects(client.admin.holdLock(demo.subscription.id), /locked already/);
  await client.admin.releaseLock(demo.subscription.id);
  await client.admin.revokeKey('sk_test_y');
  const answer = () => fetch(`${sim.url}/v1/customers`, { headers: { authorization: 'Bearer sk_test_y' } });
  assert.equal((await answer()).status, 401);
  await client.admin.allowKey('sk_test_y');
  assert.equal((await answer()).status, 200);
});

test('webhooks reach an endpoint over HTTP, held and let go on command', async () => {
  const types: string[] = [];
  const server = createServer((request, response) => {
    request.setEncoding('utf8');
    let body = '';
    request.on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      types.push(JSON.parse(body).type);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  await client.events.addEndpoint({ url: `http://127.0.0.1:${address.port}/hook`, enabledEvents: ['customer.*'] });
  await client.events.hold();
  await client.admin.createDemoSubscription({ quantity: 5 });
  await client.events.flush();
  assert.equal(types.length, 0);
  await client.events.release('reverse');
  assert.equal(types[0], 'customer.subscription.created');
  assert.ok(types.includes('customer.created'));
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test('the virtual clock is moved from outside', async () => {
  const before = await client.clock.now();
  const after = await client.clock.advance({ hours: 1 });
  assert.ok(after - before >= 3_600);
});

test('a page of another origin cannot steer it', async () => {
  const answer = await fetch(`${sim.url}/_sim/faults`, {
    method: 'POST',
    headers: { origin: 'https://elsewhere.example' },
    body: '{"kind":"hang"}',
  });
  assert.equal(answer.status, 403);
  assert.deepEqual(await client.faults.list(), []);
});

test('a thousand demo subscriptions are listed page by page, each once', async () => {
  const one = await startStripeSim();
  await stripeSimClient(one.url).admin.createSubscriptionsInBulk({ count: 1_000, quantity: 3 });
  const stripe = new Stripe('sk_test_x', { host: '127.0.0.1', port: one.port, protocol: 'http' });
  const seen = new Set<string>();
  for await (const subscription of stripe.subscriptions.list({ limit: 100 })) seen.add(subscription.id);
  assert.equal(seen.size, 1_000);
  await one.close();
});
