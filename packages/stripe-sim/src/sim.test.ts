import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import Stripe from 'stripe';
import { type StripeSim, startStripeSim } from './index.ts';

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
