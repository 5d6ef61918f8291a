import { createStripeKit, type StripeKit } from '@seatbelt/stripe-sim';
import Stripe from 'stripe';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { changeSeats } from './change-seats.ts';

let kit: StripeKit;
let stripe: Stripe;

// No port is needed: the simulator is a fetch function, and the SDK takes one.
beforeEach(() => {
  kit = createStripeKit();
  stripe = new Stripe('sk_test_x', {
    httpClient: Stripe.createFetchHttpClient(kit.stripe.fetch),
    telemetry: false,
  });
});
afterEach(() => kit.close());

test('an answer that is lost does not charge twice', async () => {
  const { subscription, item } = kit.admin.createDemoSubscription({ quantity: 5 });
  kit.stripe.loseNextAnswer();

  const seats = await changeSeats(stripe, { subscription: subscription.id, item: item.id, seats: 8, key: 'change-1' });

  expect(seats).toBe(8);
  expect(kit.truth().quantityHistory[item.id]?.filter((change) => change.key === 'change-1')).toHaveLength(1);
});

test('a key is forgotten after a day of virtual time, and a retry is then a new write', async () => {
  const { subscription, item } = kit.admin.createDemoSubscription({ quantity: 5 });
  const change = { subscription: subscription.id, item: item.id, seats: 8, key: 'change-1' };
  await changeSeats(stripe, change);
  await kit.clock.advance({ hours: 25 });
  await changeSeats(stripe, change);
  const sent = kit.truth().requests.filter((request) => request.key === 'change-1');
  expect(sent.map((request) => request.replayed)).toEqual([false, false]);
});
