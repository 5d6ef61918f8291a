import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import Stripe from 'stripe';
import { createStripeSim, type StripeSim, startStripeSim } from './index.ts';

let sim: StripeSim;
let stripe: Stripe;

before(async () => {
  sim = await startStripeSim();
  stripe = new Stripe('sk_test_x', {
    host: '127.0.0.1',
    port: sim.port,
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
  });
});
after(() => sim.close());

test('the official SDK subscribes a customer from nothing and changes the quantity', async () => {
  const product = await stripe.products.create({ name: 'Team' });
  const price = await stripe.prices.create({
    product: product.id,
    currency: 'usd',
    unit_amount: 1000,
    recurring: { interval: 'month' },
  });
  const customer = await stripe.customers.create({ email: 'a@example.com' });
  const method = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id });
  await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: method.id } });
  const subscription = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: price.id, quantity: 5 }],
    metadata: { organization: 'o1' },
    expand: ['customer', 'items.data.price.product'],
  });
  assert.equal(subscription.status, 'active');
  const item = subscription.items.data[0];
  assert.ok(item);
  const changed = await stripe.subscriptions.update(subscription.id, { items: [{ id: item.id, quantity: 7 }] });
  assert.equal(changed.items.data[0]?.quantity, 7);
  const second = await stripe.subscriptionItems.update(item.id, { quantity: 9 });
  assert.equal(second.quantity, 9);
  assert.equal((await stripe.subscriptionItems.retrieve(item.id)).quantity, 9);
  assert.equal((await stripe.subscriptions.list({ customer: customer.id })).data.length, 1);
  const events = await stripe.events.list({ type: 'customer.subscription.updated' });
  assert.equal(events.data.length, 2);
  assert.equal((await stripe.subscriptions.cancel(subscription.id)).status, 'canceled');
  assert.deepEqual(sim.truth().violations, []);
});

test('a lost answer leaves the change in place, and the same key replays it without a second event', async () => {
  const demo = sim.admin.createDemoSubscription({ quantity: 3 });
  sim.faults.add({ kind: 'drop_after', times: 2, match: { key: 'op-1' } });
  const change = () =>
    stripe.subscriptions.update(
      demo.subscription.id,
      { items: [{ id: demo.item.id, quantity: 4 }] },
      { idempotencyKey: 'op-1' },
    );
  // The SDK sends once more by itself after a reset, even with retries off; both answers are lost.
  await assert.rejects(change(), { type: 'StripeConnectionError' });
  const before = sim.truth().events.length;
  const replayed = await change();
  assert.equal(replayed.items.data[0]?.quantity, 4);
  assert.equal(replayed.lastResponse.headers['idempotent-replayed'], 'true');
  assert.equal(sim.truth().events.length, before);
  assert.equal(sim.truth().quantityHistory[demo.item.id]?.length, 2);
});

test('one that could not listen keeps nothing of its state file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'stripe-sim-'));
  const stateFile = join(folder, 'state');
  try {
    await assert.rejects(startStripeSim({ stateFile, port: sim.port }), { code: 'EADDRINUSE' });
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.endsWith('.lock')),
      [],
      'another process may take it',
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('closing tells those who wait for a request, and those who come later', async () => {
  const one = createStripeSim();
  const waiting = assert.rejects(
    one.waitFor(() => false),
    /was closed/,
  );
  await one.close();
  await waiting;
  await assert.rejects(
    one.waitFor(() => false),
    /was closed/,
  );
});

test('closing cuts off a webhook that nobody answers, which stays to be delivered', async () => {
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const silent = createServer(() => resolve()).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const one = createStripeSim();
  one.events.addEndpoint({ url: `http://127.0.0.1:${(silent.address() as AddressInfo).port}/hook` });
  one.admin.createDemoSubscription({ quantity: 1 });
  const delivered = one.events.flush();
  await asked;
  await one.close();
  await delivered;
  assert.ok(one.events.deliveries().every(({ state, attempts }) => state === 'waiting' && attempts === 0));
  silent.closeAllConnections();
  silent.close();
});
