import assert from 'node:assert/strict';
import { test } from 'node:test';
import type Stripe from 'stripe';
import { createStripeSim } from '../index.ts';
import { sdkFor } from '../testing.ts';

const june = Date.UTC(2026, 5, 1) / 1000;

type Proration = 'create_prorations' | 'always_invoice' | 'none';
type Payment = 'allow_incomplete' | 'default_incomplete' | 'error_if_incomplete' | 'pending_if_incomplete';

/** What a raise from 5 to 8 seats in the middle of a month leaves behind. */
interface Outcome {
  answer: number;
  quantity: number;
  status: string;
  waits: boolean;
  invoices: string[];
  pendingItems: number;
}

const waitsForRenewal = (pendingItems: number): Outcome => ({
  answer: 200,
  quantity: 8,
  status: 'active',
  waits: false,
  invoices: ['paid'],
  pendingItems,
});
const paidNow: Outcome = { ...waitsForRenewal(0), invoices: ['paid', 'paid'] };
const pastDue: Outcome = { ...waitsForRenewal(0), status: 'past_due', invoices: ['open', 'paid'] };
const refused: Outcome = { ...waitsForRenewal(0), answer: 402, quantity: 5 };
const waiting: Outcome = { ...waitsForRenewal(0), quantity: 5, waits: true, invoices: ['open', 'paid'] };

const payments: Payment[] = ['allow_incomplete', 'default_incomplete', 'error_if_incomplete', 'pending_if_incomplete'];
const withoutInvoice: [Proration, Outcome][] = [
  ['create_prorations', waitsForRenewal(2)],
  ['none', waitsForRenewal(0)],
];
const withInvoice: Record<Payment, { good: Outcome; bad: Outcome }> = {
  allow_incomplete: { good: paidNow, bad: pastDue },
  default_incomplete: { good: pastDue, bad: pastDue },
  error_if_incomplete: { good: paidNow, bad: refused },
  pending_if_incomplete: { good: paidNow, bad: waiting },
};

async function raise(proration: Proration, payment: Payment, card: 'good' | 'bad'): Promise<Outcome> {
  const sim = createStripeSim({ clock: { startAt: june, frozen: true } });
  const demo = sim.admin.createDemoSubscription({ quantity: 5 });
  const stripe = sdkFor(sim);
  await sim.clock.advance({ days: 15 });
  if (card === 'bad') sim.admin.breakCard(demo.customer.id);
  const answer = await stripe.subscriptions
    .update(demo.subscription.id, {
      items: [{ id: demo.item.id, quantity: 8 }],
      proration_behavior: proration,
      payment_behavior: payment,
    })
    .then(
      () => 200,
      (error: Stripe.errors.StripeError) => error.statusCode ?? 0,
    );
  const after = await stripe.subscriptions.retrieve(demo.subscription.id);
  const invoices = await stripe.invoices.list({ subscription: demo.subscription.id });
  const pending = await stripe.invoiceItems.list({ pending: true });
  assert.deepEqual(sim.truth().violations, []);
  return {
    answer,
    quantity: after.items.data[0]?.quantity ?? 0,
    status: after.status,
    waits: after.pending_update !== null,
    invoices: invoices.data.map(({ status }) => String(status)),
    pendingItems: pending.data.length,
  };
}

for (const card of ['good', 'bad'] as const) {
  for (const payment of payments) {
    for (const [proration, outcome] of withoutInvoice) {
      test(`${proration} with ${payment} and a ${card} card: no invoice, so nothing to pay and always done`, async () => {
        assert.deepEqual(await raise(proration, payment, card), outcome);
      });
    }
    test(`always_invoice with ${payment} and a ${card} card`, async () => {
      assert.deepEqual(await raise('always_invoice', payment, card), withInvoice[payment][card]);
    });
  }
}

test('a volume price can make more seats cheaper, and the raise then gives credit', async () => {
  const sim = createStripeSim({ clock: { startAt: june, frozen: true } });
  const demo = sim.admin.createDemoSubscription({ quantity: 10, priceModel: 'volume' });
  await sim.clock.advance({ days: 15 });
  const changed = await sdkFor(sim).subscriptions.update(demo.subscription.id, {
    items: [{ id: demo.item.id, quantity: 11 }],
    proration_behavior: 'always_invoice',
    expand: ['latest_invoice'],
  });
  const invoice = changed.latest_invoice as Stripe.Invoice;
  assert.deepEqual(
    [invoice.lines.data.map(({ amount }) => amount), invoice.total, invoice.amount_due],
    [[-5000, 4400], -600, 0],
  );
});

test('a graduated price has one line for each tier it reaches', async () => {
  const sim = createStripeSim();
  const demo = sim.admin.createDemoSubscription({ quantity: 12, priceModel: 'graduated' });
  const invoice = (await sdkFor(sim).invoices.list({ subscription: demo.subscription.id })).data[0];
  assert.deepEqual(
    invoice?.lines.data.map(({ amount, description }) => [amount, description]),
    [
      [10_000, '10 seat × Team (Tier 1 at $10.00 / month)'],
      [1_600, '2 seat × Team (Tier 2 at $8.00 / month)'],
    ],
  );
});

test('packages are counted, not seats', async () => {
  const sim = createStripeSim();
  const demo = sim.admin.createDemoSubscription({ quantity: 6, priceModel: 'package' });
  const invoice = (await sdkFor(sim).invoices.list({ subscription: demo.subscription.id })).data[0];
  assert.equal(invoice?.total, 2000);
});
