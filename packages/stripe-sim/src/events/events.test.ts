import assert from 'node:assert/strict';
import { test } from 'node:test';
import type Stripe from 'stripe';
import { createStripeSim, type StripeSim } from '../index.ts';
import { sdkFor } from '../testing.ts';

/** An endpoint that checks signatures with the SDK, as an application does. */
function listening(sim: StripeSim, answers: (() => number) | undefined = undefined) {
  const received: Stripe.Event[] = [];
  const refused: string[] = [];
  const stripe = sdkFor(sim);
  const endpoint = sim.events.addEndpoint({
    receiver: async (request) => {
      try {
        const signature = request.headers.get('stripe-signature') ?? '';
        received.push(stripe.webhooks.constructEvent(await request.text(), signature, endpoint.secret));
      } catch (failure) {
        refused.push(failure instanceof Error ? failure.message : String(failure));
        return new Response('bad signature', { status: 400 });
      }
      return new Response('', { status: answers?.() ?? 200 });
    },
  });
  return { received, refused, endpoint, stripe };
}

function start() {
  const sim = createStripeSim({ clock: { frozen: true } });
  const demo = sim.admin.createDemoSubscription({ quantity: 5 });
  const raise = (quantity: number) =>
    sdkFor(sim).subscriptionItems.update(demo.item.id, { quantity }, { idempotencyKey: `raise-${quantity}` });
  return { sim, demo, raise };
}

const updated = (events: Stripe.Event[]) => events.filter(({ type }) => type === 'customer.subscription.updated');

test('an event is signed, names the request that caused it, and shows the old values', async () => {
  const { sim, raise } = start();
  const { received } = listening(sim);
  await raise(7);
  await sim.events.flush();
  const [event] = updated(received);
  assert.ok(event);
  assert.equal(event.request?.idempotency_key, 'raise-7');
  const request = sim.truth().requests.find((entry) => entry.key === 'raise-7');
  assert.equal(event.request?.id, request?.requestId);
  const previous = event.data.previous_attributes as { quantity: number; items: { data: { quantity: number }[] } };
  assert.equal(previous.quantity, 5);
  assert.equal(previous.items.data[0]?.quantity, 5);
  assert.equal(sim.truth().events.find((stored) => stored.id === event.id)?.pending_webhooks, 0);
});

test('a failed delivery is tried again with a fresh signature until the endpoint answers 2xx', async () => {
  const { sim, raise } = start();
  const answers = [500, 302, 200];
  const { received } = listening(sim, () => answers.shift() ?? 200);
  sim.events.hold();
  await raise(7);
  sim.events.reset();
  const wanted = sim.events.deliveries().filter(({ type }) => type === 'customer.subscription.updated');
  assert.equal(wanted.length, 1);
  await sim.events.release(wanted.map(({ event }) => event));
  await sim.clock.advance({ minutes: 30 });
  const delivery = sim.events.deliveries().find(({ id }) => id === wanted[0]?.id);
  assert.equal(delivery?.state, 'delivered');
  assert.ok((delivery?.attempts ?? 0) >= 2);
  assert.ok(received.length > 3);
});

test('an endpoint that never answers well is given up after the last retry', async () => {
  const { sim, raise } = start();
  listening(sim, () => 500);
  await raise(7);
  await sim.events.flush();
  for (let turn = 0; turn < 5; turn += 1) await sim.clock.advance({ minutes: 30 });
  assert.ok(sim.events.deliveries().every(({ state, attempts }) => state === 'failed' && attempts === 4));
  const failed = await sdkFor(sim).events.list({ delivery_success: false, limit: 100 });
  assert.ok(failed.data.length > 0);
});

test('a long advance tries again at each time of the plan, and delivers at the time an event is due', async () => {
  const { sim, raise } = start();
  const began = sim.clock.now();
  const attempts: number[] = [];
  const renewals: number[] = [];
  sim.events.addEndpoint({
    enabledEvents: ['customer.subscription.updated'],
    receiver: async (request) => {
      const event = (await request.json()) as Stripe.Event;
      if (event.request?.idempotency_key === 'raise-7') attempts.push(sim.clock.now() - began);
      else renewals.push(sim.clock.now() - event.created);
      return new Response('', { status: event.request?.idempotency_key === 'raise-7' ? 500 : 200 });
    },
  });
  await raise(7);
  await sim.clock.advance({ days: 32 });
  assert.deepEqual(attempts, [0, 10, 70, 670]);
  assert.deepEqual(new Set(renewals), new Set([0]), 'the renewal is told when it happens');
});

test('a delay that ends within a second is over when the clock has passed it', async () => {
  const { sim, raise } = start();
  const { received } = listening(sim);
  sim.events.spoil({ kind: 'delay', delaySeconds: 0.5 });
  await raise(6);
  await sim.clock.advance({ seconds: 1 });
  assert.ok(received.length > 0);
  assert.deepEqual(new Set(sim.events.deliveries().map(({ state }) => state)), new Set(['delivered']));
});

test('held events come in the order asked for', async () => {
  const { sim, raise } = start();
  const { received } = listening(sim);
  sim.events.hold();
  await raise(6);
  await raise(7);
  await sim.events.flush();
  assert.equal(received.length, 0);
  await sim.events.release('reverse');
  const quantities = updated(received).map(({ data }) => (data.object as Stripe.Subscription).items.data[0]?.quantity);
  assert.deepEqual(quantities, [7, 6]);
});

test('duplicates share an id, twins do not, and dropped ones never come', async () => {
  const { sim, raise } = start();
  const { received } = listening(sim);
  const type = 'customer.subscription.updated';
  sim.events.spoil({ kind: 'duplicate', type });
  await raise(6);
  await sim.events.flush();
  const ids = updated(received).map(({ id }) => id);
  assert.equal(ids.length, 2);
  assert.equal(new Set(ids).size, 1);

  sim.events.spoil({ kind: 'twin', type });
  await raise(7);
  await sim.events.flush();
  const twins = updated(received).slice(2);
  assert.equal(new Set(twins.map(({ id }) => id)).size, 2);
  assert.deepEqual(twins[0]?.data.object, twins[1]?.data.object);

  sim.events.spoil({ kind: 'drop', type });
  await raise(8);
  await sim.events.flush();
  assert.equal(updated(received).length, 4);
  assert.equal((await sdkFor(sim).events.list({ type })).data.length, 4);
});

test('a delayed event waits for the virtual clock', async () => {
  const { sim, raise } = start();
  const { received } = listening(sim);
  sim.events.spoil({ kind: 'delay', type: 'customer.subscription.updated', delaySeconds: 3_600 });
  await raise(6);
  await sim.events.flush();
  assert.equal(updated(received).length, 0);
  await sim.clock.advance({ hours: 1 });
  assert.equal(updated(received).length, 1);
});

test('a wrong secret and an old timestamp are refused by the SDK, a stale object is not', async () => {
  const { sim, raise } = start();
  const { received, refused } = listening(sim);
  const type = 'customer.subscription.updated';
  sim.events.spoil({ kind: 'wrong_secret', type });
  await raise(6);
  await sim.events.flush();
  sim.events.spoil({ kind: 'old_timestamp', type });
  await raise(7);
  await sim.events.flush();
  assert.equal(refused.length, 2);
  sim.events.spoil({ kind: 'stale_object', type });
  await raise(8);
  await sim.events.flush();
  const stale = updated(received).at(-1)?.data.object as Stripe.Subscription;
  assert.equal(stale.items.data[0]?.quantity, 7);
});

test('while a secret is rolled both sign, and after a day only the new one', async () => {
  const { sim, raise } = start();
  const { received, refused, endpoint } = listening(sim);
  sim.events.rollSecret(endpoint.id);
  await raise(6);
  await sim.events.flush();
  assert.ok(received.length > 0);
  assert.equal(refused.length, 0);
  await sim.clock.advance({ days: 1 });
  await raise(7);
  await sim.events.flush();
  assert.ok(refused.length > 0);
});

test('a hand in the dashboard leaves an event without request id, another program one with its own', async () => {
  const { sim, demo } = start();
  const { received } = listening(sim);
  const change = (quantity: number, by: 'dashboard' | 'api') =>
    sim.admin.foreignQuantityChange({ subscription: demo.subscription.id, item: demo.item.id, quantity, by });
  change(6, 'dashboard');
  change(7, 'api');
  await sim.events.flush();
  const [byHand, byProgram] = updated(received);
  assert.deepEqual(byHand?.request, { id: null, idempotency_key: null });
  assert.match(byProgram?.request?.id ?? '', /^req_/);
  assert.deepEqual(
    sim.truth().quantityHistory[demo.item.id]?.map(({ to, by }) => [to, by]),
    [
      [5, 'dashboard'],
      [6, 'dashboard'],
      [7, 'api'],
    ],
  );
});

test('events are listed by type, in chronological order with ending_before, for thirty days', async () => {
  const { sim, raise } = start();
  await raise(6);
  await raise(7);
  const stripe = sdkFor(sim);
  const type = 'customer.subscription.updated';
  const newest = await stripe.events.list({ type });
  assert.equal(newest.data.length, 2);
  const oldest = newest.data.at(-1)?.id ?? '';
  const later = await stripe.events.list({ ending_before: oldest, types: [type] });
  assert.deepEqual(
    later.data.map(({ id }) => id),
    [newest.data[0]?.id],
  );
  await assert.rejects(stripe.events.list({ type, types: [type] }), { statusCode: 400 });
  await sim.clock.advance({ days: 31 });
  await assert.rejects(stripe.events.retrieve(oldest), { statusCode: 404 });
});

test('what is no order, endpoint or rule is refused, and nothing changes', async () => {
  const { sim, raise } = start();
  const { received } = listening(sim);
  sim.events.hold();
  const control = async (verb: string, body: unknown) => {
    const request = new Request(`http://127.0.0.1/_sim/events/${verb}`, { method: 'POST', body: JSON.stringify(body) });
    return (await sim.fetch(request)).status;
  };
  const url = 'http://127.0.0.1:9/hook';
  const refused: [string, unknown][] = [
    ['release', { order: 'nonsense' }],
    ['release', { order: [1] }],
    ['addEndpoint', {}],
    ['addEndpoint', { url: 'nonsense' }],
    ['addEndpoint', { url, enabledEvents: 'customer.created' }],
    ['addEndpoint', { url, enabledEvents: [5] }],
    ['addEndpoint', { url, secret: 5 }],
    ['spoil', { kind: 'drop', type: 5 }],
    ['spoil', { kind: 'drop', times: 0 }],
    ['spoil', { kind: 'delay', delaySeconds: 'x' }],
    ['spoil', { kind: 'drop', tpye: 'customer.created' }],
  ];
  for (const [verb, body] of refused) assert.equal(await control(verb, body), 400, `${verb} ${JSON.stringify(body)}`);
  await raise(7);
  await sim.events.flush();
  assert.equal(received.length, 0, 'events are held as before');
  assert.equal(await control('release', { order: null }), 200);
  assert.ok(received.length > 0);
});
