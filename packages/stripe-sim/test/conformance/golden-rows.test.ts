import assert from 'node:assert/strict';
import { test } from 'node:test';
import Stripe from 'stripe';
import { createStripeSim } from '../../src/index.ts';

/** November has 30 days, which is what the recorded fractions were taken from. */
const NOVEMBER = Date.UTC(2026, 10, 1) / 1000;
const DECEMBER = Date.UTC(2026, 11, 1) / 1000;
const leftOver = (parts: number) => DECEMBER - (DECEMBER - NOVEMBER) / parts;

interface Side {
  unitAmount: number;
  quantity: number;
}

/** A subscription since 1 November, changed at a moment of that month; both the answer and what can be read later. */
async function changed(from: Side, to: Side, at: number, behavior: 'always_invoice' | 'create_prorations') {
  const sim = createStripeSim({ clock: { frozen: true, startAt: NOVEMBER } });
  const httpClient = Stripe.createFetchHttpClient((url, init) => sim.fetch(new Request(url, init)));
  const stripe = new Stripe('sk_test_x', { httpClient, telemetry: false });
  const product = await stripe.products.create({ name: 'Plan' });
  const priceOf = (unit_amount: number) =>
    stripe.prices.create({ product: product.id, currency: 'usd', unit_amount, recurring: { interval: 'month' } });
  const customer = await stripe.customers.create();
  const card = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id });
  await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: card.id } });
  const created = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: (await priceOf(from.unitAmount)).id, quantity: from.quantity }],
  });
  const [item] = created.items.data;
  assert.ok(item !== undefined);
  await sim.clock.advance(at - NOVEMBER);
  const updated = await stripe.subscriptions.update(created.id, {
    items: [{ id: item.id, price: (await priceOf(to.unitAmount)).id, quantity: to.quantity }],
    proration_behavior: behavior,
    expand: ['latest_invoice'],
  });
  const invoice = updated.latest_invoice;
  assert.ok(invoice !== null && typeof invoice === 'object');
  const pending = await stripe.invoiceItems.list({ customer: customer.id, pending: true });
  const { balance } = (await stripe.customers.retrieve(customer.id)) as Stripe.Customer;
  return { invoice, pending: pending.data, balance, firstInvoice: created.latest_invoice };
}

const summary = (invoice: Stripe.Invoice) => ({
  lines: invoice.lines.data.map((line) => line.amount),
  total: invoice.total,
  status: invoice.status,
  amountDue: invoice.amount_due,
  amountPaid: invoice.amount_paid,
  attempted: invoice.attempted,
  attemptCount: invoice.attempt_count,
  endingBalance: invoice.ending_balance,
});

test('recorded: 1 to 3 seats at 1000 with 1/400 left is paid without a charge, and four cents are owed on', async () => {
  const { invoice, balance } = await changed(
    { unitAmount: 1000, quantity: 1 },
    { unitAmount: 1000, quantity: 3 },
    leftOver(400),
    'always_invoice',
  );
  assert.deepEqual(summary(invoice), {
    lines: [-3, 7],
    total: 4,
    status: 'paid',
    amountDue: 0,
    amountPaid: 0,
    attempted: true,
    attemptCount: 0,
    endingBalance: 4,
  });
  assert.equal(balance, 4);
});

test('recorded: 2000 to 60000 with a third left is charged in the call', async () => {
  const { invoice, balance } = await changed(
    { unitAmount: 2000, quantity: 1 },
    { unitAmount: 60_000, quantity: 1 },
    leftOver(3),
    'always_invoice',
  );
  assert.deepEqual(summary(invoice), {
    lines: [-667, 20_000],
    total: 19_333,
    status: 'paid',
    amountDue: 19_333,
    amountPaid: 19_333,
    attempted: true,
    attemptCount: 1,
    endingBalance: 0,
  });
  assert.equal(balance, 0);
});

test('noted and documented: 2000 to 1000 with a third left becomes credit and no refund', async () => {
  const { invoice, balance } = await changed(
    { unitAmount: 2000, quantity: 1 },
    { unitAmount: 1000, quantity: 1 },
    leftOver(3),
    'always_invoice',
  );
  assert.deepEqual(summary(invoice), {
    lines: [-667, 333],
    total: -334,
    status: 'paid',
    amountDue: 0,
    amountPaid: 0,
    attempted: true,
    attemptCount: 0,
    endingBalance: -334,
  });
  assert.equal(balance, -334);
});

test('recorded: 1000 to 1800 with create_prorations makes two pending items, credit first, and no invoice', async () => {
  const { invoice, pending, firstInvoice } = await changed(
    { unitAmount: 1000, quantity: 1 },
    { unitAmount: 1800, quantity: 1 },
    leftOver(400),
    'create_prorations',
  );
  assert.deepEqual(
    pending.map((item) => item.amount),
    [-3, 4],
  );
  assert.equal(invoice.id, firstInvoice);
});
