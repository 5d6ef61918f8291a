import assert from 'node:assert/strict';
import { test } from 'node:test';
import type Stripe from 'stripe';
import { createStripeSim } from '../index.ts';
import { first, sdkFor } from '../testing.ts';

const june = Date.UTC(2026, 5, 1) / 1000;
const day = 86_400;

function start() {
  const sim = createStripeSim({ clock: { startAt: june, frozen: true } });
  const demo = sim.admin.createDemoSubscription({ quantity: 4 });
  return { sim, demo, stripe: sdkFor(sim), subscription: demo.subscription.id, item: demo.item.id };
}

test('a cancellation with prorate and invoice_now gives the unused time back as credit', async () => {
  const { sim, stripe, subscription, demo } = start();
  await sim.clock.advance({ days: 15 });
  const canceled = await stripe.subscriptions.cancel(subscription, {
    prorate: true,
    invoice_now: true,
    expand: ['latest_invoice'],
  });
  assert.equal(canceled.status, 'canceled');
  assert.equal((canceled.latest_invoice as Stripe.Invoice).total, -2000);
  assert.equal(((await stripe.customers.retrieve(demo.customer.id)) as Stripe.Customer).balance, -2000);
  assert.deepEqual(sim.truth().violations, []);
});

test('a trial can be made longer, and then ends later', async () => {
  const { sim, stripe, demo } = start();
  const trial = await stripe.subscriptions.create({
    customer: demo.customer.id,
    items: [{ price: demo.price.id, quantity: 2 }],
    trial_end: june + 10 * day,
  });
  const longer = await stripe.subscriptions.update(trial.id, { trial_end: june + 20 * day });
  assert.equal(longer.trial_end, june + 20 * day);
  assert.equal(first(longer.items.data).current_period_end, june + 20 * day);
  await sim.clock.advance({ days: 15 });
  assert.equal((await stripe.subscriptions.retrieve(trial.id)).status, 'trialing');
  await sim.clock.advance({ days: 6 });
  const after = await stripe.subscriptions.retrieve(trial.id);
  assert.equal(after.status, 'active');
  assert.equal(first(after.items.data).current_period_start, june + 20 * day);
});

test('ending a trial now begins a paid period now', async () => {
  const { sim, stripe, demo } = start();
  const trial = await stripe.subscriptions.create({
    customer: demo.customer.id,
    items: [{ price: demo.price.id, quantity: 2 }],
    trial_period_days: 14,
  });
  await sim.clock.advance({ days: 3 });
  const ended = await stripe.subscriptions.update(trial.id, { trial_end: 'now', expand: ['latest_invoice'] });
  assert.deepEqual([ended.status, ended.billing_cycle_anchor], ['active', june + 3 * day]);
  assert.equal((ended.latest_invoice as Stripe.Invoice).amount_paid, 2000);
});

test('the method of the first payment is kept when asked to', async () => {
  const { stripe, demo } = start();
  const made = await stripe.subscriptions.create({
    customer: demo.customer.id,
    items: [{ price: demo.price.id, quantity: 2 }],
    payment_behavior: 'default_incomplete',
    payment_settings: { save_default_payment_method: 'on_subscription' },
    expand: ['latest_invoice.confirmation_secret'],
  });
  assert.equal(made.status, 'incomplete');
  const secret = (made.latest_invoice as Stripe.Invoice).confirmation_secret?.client_secret ?? '';
  const intent = await stripe.paymentIntents.confirm(secret.split('_secret_')[0] ?? '', {
    payment_method: 'pm_card_mastercard',
  });
  const after = await stripe.subscriptions.retrieve(made.id);
  assert.deepEqual([after.status, after.default_payment_method], ['active', intent.payment_method]);
});

test('items are added, priced anew and taken away, each prorated by itself', async () => {
  const { sim, stripe, subscription, item, demo } = start();
  const other = await stripe.prices.create({
    product: String(demo.price.product),
    currency: 'usd',
    unit_amount: 500,
    recurring: { interval: 'month' },
  });
  await sim.clock.advance({ days: 15 });
  const added = await stripe.subscriptionItems.create({ subscription, price: other.id, quantity: 2 });
  assert.equal(added.quantity, 2);
  await assert.rejects(stripe.subscriptionItems.create({ subscription, price: other.id }), {
    statusCode: 400,
    param: 'plan',
  });
  // Changing the price without a quantity resets it to one seat.
  await stripe.subscriptionItems.del(added.id, { proration_behavior: 'none' });
  const repriced = await stripe.subscriptionItems.update(item, {
    price: other.id,
    proration_behavior: 'always_invoice',
  });
  assert.equal(repriced.quantity, 1);
  assert.equal(repriced.id, item);
  await assert.rejects(stripe.subscriptionItems.del(item), { statusCode: 400 });
  assert.deepEqual(sim.truth().violations, []);
});

test('billing_cycle_anchor now credits the rest and bills a whole new period', async () => {
  const { sim, stripe, subscription } = start();
  await sim.clock.advance({ days: 15 });
  const moved = await stripe.subscriptions.update(subscription, {
    billing_cycle_anchor: { type: 'now' },
    expand: ['latest_invoice'],
  });
  const amounts = (moved.latest_invoice as Stripe.Invoice).lines.data.map(({ amount }) => amount);
  assert.deepEqual(
    amounts.toSorted((left, right) => left - right),
    [-2000, 4000],
  );
  assert.equal(moved.billing_cycle_anchor, june + 15 * day);
  assert.deepEqual(sim.truth().violations, []);
});

test('classic billing begins a new cycle when the interval changes', async () => {
  const sim = createStripeSim({ clock: { startAt: june, frozen: true } });
  const demo = sim.admin.createDemoSubscription({ quantity: 1, billingMode: 'classic' });
  const stripe = sdkFor(sim);
  const yearly = await stripe.prices.create({
    product: String(demo.price.product),
    currency: 'usd',
    unit_amount: 10_000,
    recurring: { interval: 'year' },
  });
  await sim.clock.advance({ days: 15 });
  const changed = await stripe.subscriptions.update(demo.subscription.id, {
    items: [{ id: demo.item.id, price: yearly.id }],
    expand: ['latest_invoice'],
  });
  assert.equal(changed.billing_cycle_anchor, june + 15 * day);
  assert.equal((changed.latest_invoice as Stripe.Invoice).total, 9_500);
});

test('a sent invoice is not charged: it is finalized after an hour and waits to be paid', async () => {
  const { sim, stripe, demo } = start();
  const made = await stripe.subscriptions.create({
    customer: demo.customer.id,
    items: [{ price: demo.price.id, quantity: 2 }],
    collection_method: 'send_invoice',
    days_until_due: 14,
    expand: ['latest_invoice'],
  });
  assert.deepEqual([made.status, (made.latest_invoice as Stripe.Invoice).status], ['active', 'draft']);
  await sim.clock.advance({ hours: 2 });
  const open = await stripe.invoices.retrieve((made.latest_invoice as Stripe.Invoice).id ?? '');
  assert.deepEqual([open.status, open.due_date], ['open', june + 3_600 + 14 * day]);
  const paid = await stripe.invoices.pay(open.id ?? '', { paid_out_of_band: true });
  assert.equal(paid.status, 'paid');
  assert.deepEqual(sim.truth().violations, []);
});

test('a canceled subscription takes no further item: for that verb it is gone', async () => {
  const { stripe, subscription, item, demo } = start();
  await stripe.subscriptions.cancel(subscription);
  await assert.rejects(stripe.subscriptionItems.create({ subscription, price: demo.price.id }), {
    statusCode: 404,
    code: 'resource_missing',
    message: `No such subscription: '${subscription}'`,
  });
  await assert.rejects(stripe.subscriptions.update(subscription, { items: [{ id: item, quantity: 9 }] }), {
    statusCode: 400,
    code: 'invalid_canceled_subscription_fields',
  });
});
