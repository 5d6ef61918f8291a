import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createStripeSim, type StripeSim } from '@seatbelt/stripe-sim';
import Stripe from 'stripe';
import { changeSeats } from './change-seats.ts';

let sim: StripeSim;
let stripe: Stripe;

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

test('a dashboard user who changes the seats is seen as a foreign hand', () => {
  const { subscription, item } = sim.admin.createDemoSubscription({ quantity: 5 });
  sim.admin.foreignQuantityChange({ subscription: subscription.id, item: item.id, quantity: 3, by: 'dashboard' });
  const [, change] = sim.truth().quantityHistory[item.id] ?? [];
  expect(change).toMatchObject({ from: 5, to: 3, by: 'dashboard', key: null });
});
