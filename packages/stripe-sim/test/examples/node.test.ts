import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { type StripeSim, startStripeSim } from '@seatbelt/stripe-sim';
import Stripe from 'stripe';
import { changeSeats } from './change-seats.ts';

let sim: StripeSim;
let stripe: Stripe;

beforeEach(async () => {
  sim = await startStripeSim();
  stripe = new Stripe('sk_test_x', { host: '127.0.0.1', port: sim.port, protocol: 'http', telemetry: false });
});
afterEach(() => sim.close());

test('an answer that is lost does not charge twice', async () => {
  const { subscription, item } = sim.admin.createDemoSubscription({ quantity: 5 });
  sim.faults.add({ kind: 'drop_after', match: { route: 'POST /v1/subscriptions/:id' } });

  const seats = await changeSeats(stripe, { subscription: subscription.id, item: item.id, seats: 8, key: 'change-1' });

  assert.equal(seats, 8);
  const changes = sim.truth().quantityHistory[item.id]?.filter((change) => change.key === 'change-1');
  assert.equal(changes?.length, 1);
  const sent = sim.truth().requests.filter((request) => request.key === 'change-1');
  assert.deepEqual(
    sent.map((request) => request.replayed),
    [false, true],
  );
});

test('a declined card is a StripeCardError and leaves the seats as they were', async () => {
  const { subscription, item } = sim.admin.createDemoSubscription({ quantity: 5 });
  sim.faults.add({ kind: 'card_decline_402', declineCode: 'insufficient_funds', match: { object: item.id } });

  await assert.rejects(
    changeSeats(stripe, { subscription: subscription.id, item: item.id, seats: 8, key: 'change-2' }),
    (error) => error instanceof Stripe.errors.StripeCardError && error.decline_code === 'insufficient_funds',
  );
  assert.equal((await stripe.subscriptions.retrieve(subscription.id)).items.data[0]?.quantity, 5);
});
