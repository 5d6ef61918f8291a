import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStripeSim } from '../index.ts';
import { sdkFor } from '../testing.ts';

test('subscriptions on a test clock are listed when the clock or the customer is named', async () => {
  const sim = createStripeSim();
  const stripe = sdkFor(sim);
  const demo = sim.admin.createDemoSubscription({ quantity: 5 });
  const clock = await stripe.testHelpers.testClocks.create({ frozen_time: Math.floor(Date.now() / 1_000) });
  const customer = await stripe.customers.create({
    test_clock: clock.id,
    payment_method: 'pm_card_visa',
    invoice_settings: { default_payment_method: 'pm_card_visa' },
  });
  const clocked = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: demo.price.id }] });
  const listed = async (filter: { customer?: string; test_clock?: string; price?: string }) =>
    (await stripe.subscriptions.list(filter)).data.map(({ id }) => id);
  assert.deepEqual(await listed({}), [demo.subscription.id]);
  assert.deepEqual(await listed({ price: demo.price.id }), [demo.subscription.id]);
  assert.deepEqual(await listed({ customer: customer.id }), [clocked.id]);
  assert.deepEqual(await listed({ test_clock: clock.id }), [clocked.id]);
});
