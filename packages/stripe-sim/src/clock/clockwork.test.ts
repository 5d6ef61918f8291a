import assert from 'node:assert/strict';
import { test } from 'node:test';
import type Stripe from 'stripe';
import { createStripeSim, type StripeSim } from '../index.ts';
import { first, sdkFor } from '../testing.ts';

const june = Date.UTC(2026, 5, 1) / 1000;
const day = 86_400;

async function onTestClock(
  sim: StripeSim,
  extra: Partial<Stripe.SubscriptionCreateParams> = {},
  card = 'pm_card_visa',
) {
  const stripe = sdkFor(sim);
  const clock = await stripe.testHelpers.testClocks.create({ frozen_time: june });
  const price = await stripe.prices.create({
    currency: 'usd',
    unit_amount: 1000,
    recurring: { interval: 'month' },
    product_data: { name: 'Team' },
  });
  const customer = await stripe.customers.create({ test_clock: clock.id });
  const method = await stripe.paymentMethods.attach(card, { customer: customer.id });
  await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: method.id } });
  const subscription = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: price.id, quantity: 4 }],
    ...extra,
  });
  const advance = async (to: number) => {
    const advancing = await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: to });
    assert.equal(advancing.status, 'advancing');
    for (let turn = 0; turn < 100; turn += 1) {
      if ((await stripe.testHelpers.testClocks.retrieve(clock.id)).status === 'ready') return;
      await new Promise(setImmediate);
    }
    assert.fail('the test clock did not become ready');
  };
  return { stripe, clock, customer, price, subscription, advance };
}

test('a test clock renews what hangs on it, stamped with its own time, and nothing else', async () => {
  const sim = createStripeSim({ clock: { startAt: june, frozen: true } });
  const bystander = sim.admin.createDemoSubscription({ quantity: 1 });
  const { stripe, subscription, advance } = await onTestClock(sim);
  await advance(june + 31 * day);
  const renewed = await stripe.subscriptions.retrieve(subscription.id);
  assert.equal(first(renewed.items.data).current_period_start, june + 30 * day);
  const invoice = first((await stripe.invoices.list({ subscription: subscription.id })).data);
  assert.deepEqual(
    [invoice.billing_reason, invoice.created, invoice.status, invoice.status_transitions.finalized_at],
    ['subscription_cycle', june + 30 * day, 'paid', june + 30 * day + 3600],
  );
  assert.equal((await stripe.invoices.list({ subscription: bystander.subscription.id })).data.length, 1);
});

test('a test clock goes at most two intervals of its shortest subscription at a time', async () => {
  const { stripe, clock } = await onTestClock(createStripeSim());
  await assert.rejects(stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: june + 70 * day }), {
    statusCode: 400,
  });
});

for (const [dunningEnd, status] of [
  ['past_due', 'past_due'],
  ['unpaid', 'unpaid'],
  ['canceled', 'canceled'],
] as const) {
  test(`a renewal that is never paid is tried four times and ends ${status}`, async () => {
    const sim = createStripeSim({ clock: { startAt: june, frozen: true }, settings: { dunningEnd } });
    const demo = sim.admin.createDemoSubscription({ quantity: 4 });
    const stripe = sdkFor(sim);
    await sim.clock.advance({ days: 20 });
    sim.admin.breakCard(demo.customer.id);
    await sim.clock.advance({ days: 11 });
    assert.equal((await stripe.subscriptions.retrieve(demo.subscription.id)).status, 'past_due');
    await sim.clock.advance({ days: 10 });
    assert.equal((await stripe.subscriptions.retrieve(demo.subscription.id)).status, status);
    const invoice = first((await stripe.invoices.list({ subscription: demo.subscription.id })).data);
    assert.deepEqual([invoice.attempt_count, invoice.status, invoice.next_payment_attempt], [4, 'open', null]);
  });
}

test('dunning stops when the card works again', async () => {
  const sim = createStripeSim({ clock: { startAt: june, frozen: true } });
  const demo = sim.admin.createDemoSubscription({ quantity: 4 });
  const stripe = sdkFor(sim);
  sim.admin.breakCard(demo.customer.id);
  await sim.clock.advance({ days: 31 });
  sim.admin.mendCard(demo.customer.id);
  await sim.clock.advance({ days: 3 });
  assert.equal((await stripe.subscriptions.retrieve(demo.subscription.id)).status, 'active');
});

test('a trial costs nothing until it ends, also when seats are added', async () => {
  const sim = createStripeSim({ clock: { startAt: june, frozen: true } });
  const { stripe, subscription, advance } = await onTestClock(sim, {
    trial_period_days: 14,
    expand: ['latest_invoice'],
  });
  assert.equal(subscription.status, 'trialing');
  const trialInvoice = subscription.latest_invoice as Stripe.Invoice;
  assert.deepEqual([trialInvoice.total, trialInvoice.lines.data[0]?.description], [0, 'Free trial for 4 × Team']);
  await stripe.subscriptions.update(subscription.id, {
    items: [{ id: first(subscription.items.data).id, quantity: 6 }],
    proration_behavior: 'always_invoice',
  });
  assert.equal((await stripe.invoices.list({ subscription: subscription.id })).data.length, 1);
  await advance(june + 15 * day);
  const after = await stripe.subscriptions.retrieve(subscription.id, { expand: ['latest_invoice'] });
  assert.equal(after.status, 'active');
  assert.equal((after.latest_invoice as Stripe.Invoice).amount_paid, 6000);
});

test('an incomplete subscription refuses seats and expires after 23 hours', async () => {
  const sim = createStripeSim({ clock: { startAt: june, frozen: true } });
  const { stripe, subscription, advance } = await onTestClock(sim, {}, 'pm_card_authenticationRequired');
  assert.equal(subscription.status, 'incomplete');
  await assert.rejects(
    stripe.subscriptions.update(subscription.id, { items: [{ id: first(subscription.items.data).id, quantity: 6 }] }),
    { statusCode: 400 },
  );
  await advance(june + day);
  assert.equal((await stripe.subscriptions.retrieve(subscription.id)).status, 'incomplete_expired');
});

test('cancel_at_period_end keeps the status, allows seats, and ends with the period', async () => {
  const sim = createStripeSim({ clock: { startAt: june, frozen: true } });
  const { stripe, subscription, advance } = await onTestClock(sim);
  const ending = await stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true });
  assert.deepEqual([ending.status, ending.cancel_at], ['active', june + 30 * day]);
  await stripe.subscriptions.update(subscription.id, {
    items: [{ id: first(subscription.items.data).id, quantity: 6 }],
  });
  await advance(june + 31 * day);
  assert.equal((await stripe.subscriptions.retrieve(subscription.id)).status, 'canceled');
  await assert.rejects(
    stripe.subscriptions.update(subscription.id, { items: [{ id: first(subscription.items.data).id, quantity: 7 }] }),
    { code: 'invalid_canceled_subscription_fields' },
  );
  await assert.rejects(stripe.subscriptions.cancel(subscription.id), { statusCode: 404 });
});

test('pause_collection decides what becomes of invoices and leaves the status alone', async () => {
  for (const [behavior, status] of [
    ['keep_as_draft', 'draft'],
    ['mark_uncollectible', 'uncollectible'],
    ['void', 'void'],
  ] as const) {
    const sim = createStripeSim({ clock: { startAt: june, frozen: true } });
    const { stripe, subscription, advance } = await onTestClock(sim);
    await stripe.subscriptions.update(subscription.id, { pause_collection: { behavior } });
    await advance(june + 31 * day);
    const invoice = first((await stripe.invoices.list({ subscription: subscription.id })).data);
    assert.equal(invoice.status, status);
    assert.equal((await stripe.subscriptions.retrieve(subscription.id)).status, 'active');
  }
});

test('a paused subscription makes no invoices; resuming begins a new cycle', async () => {
  const sim = createStripeSim({ clock: { startAt: june, frozen: true } });
  const { stripe, subscription, advance } = await onTestClock(sim);
  assert.equal((await stripe.subscriptions.pause(subscription.id)).status, 'paused');
  await advance(june + 40 * day);
  assert.equal((await stripe.invoices.list({ subscription: subscription.id })).data.length, 1);
  const { latest_invoice: invoice } = await stripe.subscriptions.resume(subscription.id);
  await stripe.invoices.pay(String(invoice));
  const resumed = await stripe.subscriptions.retrieve(subscription.id);
  assert.equal(resumed.status, 'active');
  assert.equal(resumed.billing_cycle_anchor, june + 40 * day);
});

test('a schedule lowers the seats at the end of the period, before the renewal is invoiced', async () => {
  const sim = createStripeSim({ clock: { startAt: june, frozen: true } });
  const { stripe, subscription, price, advance } = await onTestClock(sim);
  const schedule = await stripe.subscriptionSchedules.create({ from_subscription: subscription.id });
  const phase = first(schedule.phases);
  await stripe.subscriptionSchedules.update(schedule.id, {
    end_behavior: 'release',
    phases: [
      { items: [{ price: price.id, quantity: 4 }], start_date: phase.start_date, end_date: phase.end_date },
      { items: [{ price: price.id, quantity: 2 }], duration: { interval: 'month' }, proration_behavior: 'none' },
    ],
  });
  await assert.rejects(stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true }), {
    message: new RegExp(`managed by the subscription schedule \`${schedule.id}\``),
  });
  await advance(june + 31 * day);
  const after = await stripe.subscriptions.retrieve(subscription.id, { expand: ['latest_invoice'] });
  assert.equal(first(after.items.data).quantity, 2);
  assert.equal((after.latest_invoice as Stripe.Invoice).total, 2000);
  await advance(june + 62 * day);
  const done = await stripe.subscriptionSchedules.retrieve(schedule.id);
  assert.deepEqual([done.status, done.released_subscription, done.subscription], ['released', subscription.id, null]);
  assert.equal((await stripe.subscriptions.retrieve(subscription.id)).schedule, null);
});
