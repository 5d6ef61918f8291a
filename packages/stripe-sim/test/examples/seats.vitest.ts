import { createStripeSim, type StripeSim } from '@seatbelt/stripe-sim';
import Stripe from 'stripe';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { changeSeats } from './change-seats.ts';

let sim: StripeSim;
let stripe: Stripe;

// No port is needed: the simulator is a fetch function, and the SDK takes one.
beforeEach(() => {
  sim = createStripeSim();
  const httpClient = Stripe.createFetchHttpClient((url, init) => sim.fetch(new Request(url, init)));
  stripe = new Stripe('sk_test_x', { httpClient, telemetry: false });
});
afterEach(() => sim.close());

test('an answer that is lost does not charge twice', async () => {
  const { subscription, item } = sim.admin.createDemoSubscription({ quantity: 5 });
  sim.faults.add({ kind: 'drop_after', match: { route: 'POST /v1/subscriptions/:id' } });

  const seats = await changeSeats(stripe, { subscription: subscription.id, item: item.id, seats: 8, key: 'change-1' });

  expect(seats).toBe(8);
  expect(sim.truth().quantityHistory[item.id]?.filter((change) => change.key === 'change-1')).toHaveLength(1);
});

test('a key is forgotten after a day of virtual time, and a retry is then a new write', async () => {
  const { subscription, item } = sim.admin.createDemoSubscription({ quantity: 5 });
  const change = { subscription: subscription.id, item: item.id, seats: 8, key: 'change-1' };
  await changeSeats(stripe, change);
  await sim.clock.advance({ hours: 25 });
  await changeSeats(stripe, change);
  const sent = sim.truth().requests.filter((request) => request.key === 'change-1');
  expect(sent.map((request) => request.replayed)).toEqual([false, false]);
});
