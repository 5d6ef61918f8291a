import assert from 'node:assert/strict';
import { test } from 'node:test';
import type Stripe from 'stripe';
import type { DemoOptions } from '../admin/demo.ts';
import { createStripeSim } from '../index.ts';
import { sdkFor } from '../testing.ts';

/** 1 June 2026, so that a month has 30 days and a tenth of it is three of them. */
const june = Date.UTC(2026, 5, 1) / 1000;
const day = 86_400;

function setUp(options: Partial<DemoOptions> = {}) {
  const sim = createStripeSim({ clock: { startAt: june, frozen: true } });
  const demo = sim.admin.createDemoSubscription({ quantity: 5, unitAmount: 1000, ...options });
  return { sim, demo, stripe: sdkFor(sim), item: demo.item.id, subscription: demo.subscription.id };
}

function amounts(invoice: Stripe.Invoice | string | null): number[] {
  assert.ok(invoice !== null && typeof invoice === 'object');
  return invoice.lines.data.map((line) => line.amount);
}

test('a new subscription is charged for its first period and its invoice says so', async () => {
  const { stripe, subscription, sim } = setUp();
  const found = await stripe.subscriptions.retrieve(subscription, { expand: ['latest_invoice.payments'] });
  const invoice = found.latest_invoice as Stripe.Invoice;
  assert.equal(invoice.status, 'paid');
  assert.equal(invoice.amount_paid, 5000);
  assert.equal(invoice.attempt_count, 1);
  assert.equal(invoice.lines.data[0]?.description, '5 seat × Team (at $10.00 / month)');
  assert.equal(invoice.payments?.data[0]?.status, 'paid');
  assert.deepEqual(sim.truth().violations, []);
});

test('always_invoice charges credit and debit of the whole item at once', async () => {
  const { sim, stripe, subscription, item } = setUp();
  await sim.clock.advance({ days: 20 });
  const changed = await stripe.subscriptions.update(subscription, {
    items: [{ id: item, quantity: 7 }],
    proration_behavior: 'always_invoice',
    expand: ['latest_invoice.payments'],
  });
  const invoice = changed.latest_invoice as Stripe.Invoice;
  assert.deepEqual(amounts(invoice), [-1667, 2333]);
  assert.deepEqual(
    invoice.lines.data.map((line) => line.description),
    ['Unused time on 5 × Team after 21 Jun 2026', 'Remaining time on 7 × Team after 21 Jun 2026'],
  );
  assert.equal(invoice.total, 666);
  assert.equal(invoice.amount_paid, 666);
  assert.equal(invoice.billing_reason, 'subscription_update');
  const credited = invoice.lines.data[0]?.parent?.subscription_item_details?.proration_details?.credited_items;
  assert.ok(credited?.invoice);
  assert.deepEqual(sim.truth().violations, []);
});

test('create_prorations writes two pending items and no invoice, and the next invoice sweeps them', async () => {
  const { sim, stripe, subscription, item, demo } = setUp();
  const before = demo.subscription.latest_invoice;
  await sim.clock.advance({ days: 15 });
  const changed = await stripe.subscriptions.update(subscription, { items: [{ id: item, quantity: 6 }] });
  assert.equal(changed.latest_invoice, before);
  const pending = await stripe.invoiceItems.list({ customer: demo.customer.id, pending: true });
  assert.deepEqual(
    pending.data.map(({ amount }) => amount).sort((a, b) => a - b),
    [-2500, 3000],
  );
  await sim.clock.advance({ days: 16 });
  const invoices = await stripe.invoices.list({ subscription });
  const renewal = invoices.data[0];
  assert.equal(renewal?.billing_reason, 'subscription_cycle');
  assert.deepEqual(amounts(renewal ?? null), [-2500, 3000, 6000]);
  assert.equal(renewal?.status, 'paid');
});

test('none changes the quantity and bills nothing before the renewal', async () => {
  const { sim, stripe, subscription, item } = setUp();
  await sim.clock.advance({ days: 15 });
  await stripe.subscriptions.update(subscription, { items: [{ id: item, quantity: 8 }], proration_behavior: 'none' });
  assert.equal((await stripe.invoiceItems.list()).data.length, 0);
  await sim.clock.advance({ days: 16 });
  const invoices = await stripe.invoices.list({ subscription });
  assert.equal(invoices.data[0]?.total, 8000);
});

for (const [billingMode, lines] of [
  ['flexible', [-2500, 3000]],
  ['classic', [-4000, 3000]],
] as const) {
  test(`buy 5, raise to 8 unbilled, lower to 6: ${billingMode} billing credits ${billingMode === 'flexible' ? 'what was debited' : 'what stands there'}`, async () => {
    const { sim, stripe, subscription, item } = setUp({ billingMode });
    await stripe.subscriptions.update(subscription, { items: [{ id: item, quantity: 8 }], proration_behavior: 'none' });
    await sim.clock.advance({ days: 15 });
    const changed = await stripe.subscriptions.update(subscription, {
      items: [{ id: item, quantity: 6 }],
      proration_behavior: 'always_invoice',
      expand: ['latest_invoice'],
    });
    assert.deepEqual(amounts(changed.latest_invoice), [...lines]);
    assert.deepEqual(sim.truth().violations, []);
  });
}

test('a net credit goes to the balance and pays for the next invoice', async () => {
  const { sim, stripe, subscription, item, demo } = setUp();
  await sim.clock.advance({ days: 15 });
  const lowered = await stripe.subscriptions.update(subscription, {
    items: [{ id: item, quantity: 1 }],
    proration_behavior: 'always_invoice',
    expand: ['latest_invoice'],
  });
  const invoice = lowered.latest_invoice as Stripe.Invoice;
  assert.deepEqual(
    [invoice.total, invoice.amount_due, invoice.status, invoice.attempt_count, invoice.ending_balance],
    [-2000, 0, 'paid', 0, -2000],
  );
  const customer = (await stripe.customers.retrieve(demo.customer.id)) as Stripe.Customer;
  assert.equal(customer.balance, -2000);
  const [row] = (await stripe.customers.listBalanceTransactions(demo.customer.id)).data;
  assert.deepEqual([row?.type, row?.amount], ['applied_to_invoice', -2000]);
});

test('less than the minimum charge is not charged but owed', async () => {
  const { sim, stripe, subscription, item } = setUp({ quantity: 1 });
  await sim.clock.advance(30 * day - (30 * day) / 400);
  const changed = await stripe.subscriptions.update(subscription, {
    items: [{ id: item, quantity: 3 }],
    proration_behavior: 'always_invoice',
    expand: ['latest_invoice'],
  });
  const invoice = changed.latest_invoice as Stripe.Invoice;
  assert.deepEqual(amounts(invoice), [-3, 7]);
  assert.deepEqual(
    [
      invoice.total,
      invoice.status,
      invoice.amount_due,
      invoice.attempt_count,
      invoice.attempted,
      invoice.ending_balance,
    ],
    [4, 'paid', 0, 0, true, 4],
  );
});

test('a declined card with allow_incomplete: the seats are there, the money is not, the status says past due', async () => {
  const { sim, stripe, subscription, item, demo } = setUp();
  sim.admin.breakCard(demo.customer.id);
  const changed = await stripe.subscriptions.update(subscription, {
    items: [{ id: item, quantity: 9 }],
    proration_behavior: 'always_invoice',
    expand: ['latest_invoice'],
  });
  assert.equal(changed.items.data[0]?.quantity, 9);
  assert.equal(changed.status, 'past_due');
  const invoice = changed.latest_invoice as Stripe.Invoice;
  assert.deepEqual([invoice.status, invoice.attempt_count, invoice.attempted], ['open', 1, true]);
  sim.admin.mendCard(demo.customer.id);
  await stripe.invoices.pay(invoice.id ?? '');
  assert.equal((await stripe.subscriptions.retrieve(subscription)).status, 'active');
});

test('a declined card with error_if_incomplete: 402, and nothing of it is left', async () => {
  const { sim, stripe, subscription, item, demo } = setUp();
  sim.admin.breakCard(demo.customer.id, 'insufficient_funds');
  const before = sim.truth();
  await assert.rejects(
    stripe.subscriptions.update(subscription, {
      items: [{ id: item, quantity: 9 }],
      proration_behavior: 'always_invoice',
      payment_behavior: 'error_if_incomplete',
    }),
    (error: Stripe.errors.StripeCardError) => {
      assert.equal(error.statusCode, 402);
      assert.equal(error.code, 'card_declined');
      assert.equal(error.decline_code, 'insufficient_funds');
      return true;
    },
  );
  const after = sim.truth();
  assert.deepEqual(after.subscriptions, before.subscriptions);
  assert.deepEqual(after.events, before.events);
  assert.deepEqual(after.ledger, before.ledger);
  assert.equal((await stripe.invoices.list({ subscription })).data.length, 1);
});

test('default_incomplete waits for the client to confirm', async () => {
  const { stripe, subscription, item } = setUp();
  const changed = await stripe.subscriptions.update(subscription, {
    items: [{ id: item, quantity: 9 }],
    proration_behavior: 'always_invoice',
    payment_behavior: 'default_incomplete',
    expand: ['latest_invoice.confirmation_secret'],
  });
  assert.equal(changed.status, 'past_due');
  const secret = (changed.latest_invoice as Stripe.Invoice).confirmation_secret?.client_secret ?? '';
  await stripe.paymentIntents.confirm(secret.split('_secret_')[0] ?? '', { payment_method: 'pm_card_visa' });
  assert.equal((await stripe.subscriptions.retrieve(subscription)).status, 'active');
});

test('the preview shows the very amounts that the change then charges', async () => {
  const { sim, stripe, subscription, item } = setUp();
  await sim.clock.advance({ days: 11, hours: 5 });
  const prorationDate = sim.clock.now();
  const before = sim.truth();
  const preview = await stripe.invoices.createPreview({
    subscription,
    subscription_details: {
      items: [{ id: item, quantity: 12 }],
      proration_behavior: 'always_invoice',
      proration_date: prorationDate,
    },
  });
  assert.match(preview.id ?? '', /^upcoming_in_/);
  assert.deepEqual(sim.truth().events, before.events);
  assert.deepEqual(sim.truth().subscriptions, before.subscriptions);
  const changed = await stripe.subscriptions.update(subscription, {
    items: [{ id: item, quantity: 12 }],
    proration_behavior: 'always_invoice',
    proration_date: prorationDate,
    expand: ['latest_invoice'],
  });
  const invoice = changed.latest_invoice as Stripe.Invoice;
  assert.deepEqual(amounts(invoice), amounts(preview));
  assert.equal(invoice.amount_due, preview.amount_due);
});

test('the preview of create_prorations is the next renewal with the prorations on it', async () => {
  const { sim, stripe, subscription, item } = setUp();
  await sim.clock.advance({ days: 15 });
  const preview = await stripe.invoices.createPreview({
    subscription,
    subscription_details: { items: [{ id: item, quantity: 10 }] },
  });
  assert.deepEqual(amounts(preview), [-2500, 5000, 10000]);
  const prorated = preview.lines.data.map((line) => line.parent?.subscription_item_details?.proration);
  assert.deepEqual(prorated, [true, true, false]);
  const recurring = await stripe.invoices.createPreview({
    subscription,
    preview_mode: 'recurring',
    subscription_details: { items: [{ id: item, quantity: 10 }] },
  });
  assert.deepEqual(amounts(recurring), [10000]);
});

test('an equal quantity makes no lines and no invoice', async () => {
  const { sim, stripe, subscription, item } = setUp();
  await sim.clock.advance({ days: 3 });
  await stripe.subscriptions.update(subscription, {
    items: [{ id: item, quantity: 5 }],
    proration_behavior: 'always_invoice',
  });
  assert.equal((await stripe.invoices.list({ subscription })).data.length, 1);
});

test('a proration date outside the period is refused and not stored under the key', async () => {
  const { stripe, subscription, item } = setUp();
  const call = () =>
    stripe.subscriptions.update(
      subscription,
      { items: [{ id: item, quantity: 9 }], proration_date: june - 1 },
      { idempotencyKey: 'k' },
    );
  await assert.rejects(call(), { statusCode: 400, param: 'proration_date' });
  const fine = await stripe.subscriptions.update(
    subscription,
    { items: [{ id: item, quantity: 9 }] },
    { idempotencyKey: 'k' },
  );
  assert.equal(fine.items.data[0]?.quantity, 9);
});

test('from monthly to yearly in flexible billing keeps the anchor, as recorded', async () => {
  const { sim, stripe, subscription, item, demo } = setUp({ quantity: 1, unitAmount: 2500 });
  const yearly = await stripe.prices.create({
    product: demo.price.product as string,
    currency: 'usd',
    unit_amount: 25_000,
    recurring: { interval: 'year' },
  });
  await sim.clock.advance(4);
  const changed = await stripe.subscriptions.update(subscription, {
    items: [{ id: item, price: yearly.id }],
    proration_behavior: 'always_invoice',
    expand: ['latest_invoice'],
  });
  assert.deepEqual(amounts(changed.latest_invoice), [-2500, 25_000]);
  assert.equal(changed.billing_cycle_anchor, june);
  assert.equal(changed.items.data[0]?.current_period_end, Date.UTC(2027, 5, 1) / 1000);
});
