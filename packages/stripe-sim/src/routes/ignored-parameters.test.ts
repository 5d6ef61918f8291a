import assert from 'node:assert/strict';
import { test } from 'node:test';
import type Stripe from 'stripe';
import { createStripeSim } from '../index.ts';
import { sdkFor } from '../testing.ts';

function start() {
  const sim = createStripeSim();
  const demo = sim.admin.createDemoSubscription({ quantity: 5 });
  return { stripe: sdkFor(sim), customer: demo.customer.id, subscription: demo.subscription.id, price: demo.price.id };
}

test('subscriptions are filtered by plan, and invoices by how they are collected', async () => {
  const { stripe, customer, subscription, price } = start();
  const ofPlan = async (plan: string) => (await stripe.subscriptions.list({ plan })).data.map(({ id }) => id);
  assert.deepEqual([await ofPlan(price), await ofPlan('price_nope')], [[subscription], []]);
  const sent = await stripe.subscriptions.create({
    customer,
    items: [{ price }],
    collection_method: 'send_invoice',
    days_until_due: 14,
  });
  for (const collection_method of ['send_invoice', 'charge_automatically'] as const) {
    const { data } = await stripe.invoices.list({ collection_method });
    const wanted = collection_method === 'send_invoice' ? sent.id : subscription;
    assert.deepEqual(
      data.map((invoice) => invoice.parent?.subscription_details?.subscription),
      [wanted],
    );
  }
});

test('a wish that would change nothing here is refused by name, what asks for nothing passes', async () => {
  const { stripe, customer, subscription, price } = start();
  await stripe.invoiceItems.create({ customer, amount: 500, currency: 'usd' });
  const draft = await stripe.invoices.create({ customer, pending_invoice_items_behavior: 'include' });
  const invoice = String(draft.id);
  const preview = (currency: string) => stripe.invoices.createPreview({ subscription, currency });
  const url = 'https://example.com/hook';
  const refused: [string, () => Promise<unknown>][] = [
    ['collection_method', () => stripe.invoices.create({ customer, collection_method: 'send_invoice' })],
    ['auto_advance', () => stripe.invoices.finalizeInvoice(invoice, { auto_advance: true })],
    ['forgive', () => stripe.invoices.pay(invoice, { forgive: true })],
    ['off_session', () => stripe.invoices.pay(invoice, { off_session: false })],
    ['scheduled', () => stripe.subscriptionSchedules.list({ scheduled: false })],
    ['allow_redisplay', () => stripe.paymentMethods.list({ customer, allow_redisplay: 'always' })],
    ['connect', () => stripe.webhookEndpoints.create({ url, enabled_events: ['*'], connect: true })],
    ['currency', () => preview('eur')],
    ['currency', () => stripe.subscriptions.create({ customer, items: [{ price }], currency: 'eur' })],
  ];
  for (const [param, ask] of refused) {
    await assert.rejects(ask(), (error: Stripe.errors.StripeError) => {
      assert.deepEqual([error.statusCode, error.code, error.param], [400, 'not_simulated', param]);
      return true;
    });
  }
  await preview('usd');
  await stripe.subscriptionSchedules.list({ scheduled: true });
  await stripe.webhookEndpoints.create({ url, enabled_events: ['*'], connect: false });
  await stripe.invoices.finalizeInvoice(invoice, { auto_advance: false });
  assert.equal((await stripe.invoices.pay(invoice, { off_session: true, forgive: false })).status, 'paid');
});
