import assert from 'node:assert/strict';
import { test } from 'node:test';
import Stripe from 'stripe';
import { createStripeSim } from '../../src/index.ts';

/** The envelope as it is in recorded webhook deliveries and event lists. */
const ENVELOPE = ['api_version', 'created', 'data', 'id', 'livemode', 'object', 'pending_webhooks', 'request', 'type'];

function newAccount() {
  const sim = createStripeSim({ clock: { frozen: true } });
  const httpClient = Stripe.createFetchHttpClient((url, init) => sim.fetch(new Request(url, init)));
  const stripe = new Stripe('sk_test_x', { httpClient, telemetry: false });
  const { subscription, item, customer } = sim.admin.createDemoSubscription({ quantity: 2 });
  return { sim, stripe, subscription: subscription.id, item: item.id, customer: customer.id };
}

async function latest(stripe: Stripe, type: string): Promise<Stripe.Event> {
  const { data } = await stripe.events.list({ type, limit: 1 });
  const [event] = data;
  assert.ok(event !== undefined, type);
  return event;
}

test('an event has the recorded envelope and names the request and the key that caused it', async () => {
  const { stripe, item, subscription } = newAccount();
  const changed = await stripe.subscriptionItems.update(item, { quantity: 5 }, { idempotencyKey: 'push-1' });
  const event = await latest(stripe, 'customer.subscription.updated');
  assert.deepEqual(Object.keys(event).toSorted(), ENVELOPE);
  assert.deepEqual(event.request, { id: changed.lastResponse.requestId, idempotency_key: 'push-1' });
  assert.equal(event.api_version, '2026-10-28.endive');
  assert.equal((event.data.object as Stripe.Subscription).id, subscription);
});

test('previous_attributes hold the old values of what changed, a changed list whole', async () => {
  const { stripe, item } = newAccount();
  await stripe.subscriptionItems.update(item, { quantity: 5, proration_behavior: 'none' });
  const event = await latest(stripe, 'customer.subscription.updated');
  const previous = event.data.previous_attributes as {
    quantity?: number;
    items?: Stripe.ApiList<Stripe.SubscriptionItem>;
  };
  assert.equal(previous.quantity, 2);
  assert.equal(previous.items?.data[0]?.quantity, 2);
  assert.equal(previous.items?.data[0]?.id, item);
});

test('a created or deleted object has no previous_attributes', async () => {
  const { stripe, subscription } = newAccount();
  await stripe.subscriptions.cancel(subscription);
  for (const type of ['customer.subscription.created', 'customer.subscription.deleted']) {
    assert.equal((await latest(stripe, type)).data.previous_attributes, undefined, type);
  }
});

test('a deletion names its request but no key, since keys have no effect on DELETE', async () => {
  const { stripe, subscription } = newAccount();
  const canceled = await stripe.subscriptions.cancel(subscription);
  const event = await latest(stripe, 'customer.subscription.deleted');
  assert.deepEqual(event.request, { id: canceled.lastResponse.requestId, idempotency_key: null });
});

test('a change by a hand in the dashboard names neither', async () => {
  const { sim, stripe, subscription, item } = newAccount();
  sim.admin.foreignQuantityChange({ subscription, item, quantity: 7, by: 'dashboard' });
  const event = await latest(stripe, 'customer.subscription.updated');
  assert.deepEqual(event.request, { id: null, idempotency_key: null });
});

test('a replay writes no event', async () => {
  const { sim, stripe, item } = newAccount();
  const change = () => stripe.subscriptionItems.update(item, { quantity: 5 }, { idempotencyKey: 'push-1' });
  const first = await change();
  const events = sim.truth().events.length;
  const second = await change();
  assert.equal(sim.truth().events.length, events);
  assert.deepEqual(JSON.parse(JSON.stringify(second)), JSON.parse(JSON.stringify(first)));
  assert.deepEqual(
    sim.truth().requests.map((request) => request.replayed),
    [false, true],
  );
});
