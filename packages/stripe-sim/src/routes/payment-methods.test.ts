import assert from 'node:assert/strict';
import { test } from 'node:test';
import type Stripe from 'stripe';
import { createStripeSim } from '../index.ts';
import { first, sdkFor } from '../testing.ts';

async function start() {
  const sim = createStripeSim();
  const stripe = sdkFor(sim);
  const demo = sim.admin.createDemoSubscription({ quantity: 5 });
  const card = async (token = 'pm_card_visa') => {
    const customer = await stripe.customers.create();
    const method = await stripe.paymentMethods.attach(token, { customer: customer.id });
    return { customer: customer.id, method: method.id };
  };
  /** A customer with an open invoice and nothing to pay it with. */
  const debtor = async () => {
    const customer = await stripe.customers.create();
    const subscription = await stripe.subscriptions.create({
      customer: customer.id,
      items: [{ price: demo.price.id }],
      payment_behavior: 'default_incomplete',
      expand: ['latest_invoice.payments'],
    });
    const invoice = subscription.latest_invoice as Stripe.Invoice;
    const intent = String(first(invoice.payments?.data ?? []).payment.payment_intent);
    return { customer: customer.id, subscription: subscription.id, invoice: String(invoice.id), intent };
  };
  return { sim, stripe, demo, card, debtor };
}

test('the card of another customer pays nobody else’s invoice', async () => {
  const { stripe, card, debtor } = await start();
  const stranger = await card();
  const { invoice, intent } = await debtor();
  const refusal = { statusCode: 400, code: 'resource_missing', param: 'payment_method' };
  await assert.rejects(stripe.invoices.pay(invoice, { payment_method: stranger.method }), refusal);
  await assert.rejects(stripe.paymentIntents.confirm(intent, { payment_method: stranger.method }), refusal);
  assert.equal((await stripe.invoices.retrieve(invoice)).status, 'open');
});

test('a card that belongs to nobody yet becomes the customer’s when their browser confirms with it', async () => {
  const { stripe, debtor } = await start();
  const { customer, invoice, intent } = await debtor();
  const loose = await stripe.paymentMethods.create({ type: 'card', card: { token: 'tok_visa' } });
  await assert.rejects(stripe.invoices.pay(invoice, { payment_method: loose.id }), { statusCode: 400 });
  assert.equal((await stripe.paymentIntents.confirm(intent, { payment_method: loose.id })).status, 'succeeded');
  assert.equal((await stripe.paymentMethods.retrieve(loose.id)).customer, customer);
});

test('who gives the authentication that a loose card asked for pays with that card, which is theirs then', async () => {
  const { stripe, debtor } = await start();
  const { customer, intent } = await debtor();
  const loose = await stripe.paymentMethods.create({ type: 'card', card: { token: 'tok_threeDSecure2Required' } });
  const asked = await stripe.paymentIntents.confirm(intent, { payment_method: loose.id });
  assert.equal(asked.status, 'requires_action');
  // Another card may be there by then; it is not what was confirmed with.
  await stripe.customers.update(customer, {
    invoice_settings: {
      default_payment_method: (await stripe.paymentMethods.attach('pm_card_visa', { customer })).id,
    },
  });
  const paid = await stripe.paymentIntents.confirm(intent);
  assert.deepEqual([paid.status, paid.payment_method], ['succeeded', loose.id]);
  assert.equal((await stripe.paymentMethods.retrieve(loose.id)).customer, customer);
});

test('the example customer of Stripe’s documentation: one token for the card and for the default', async () => {
  const { stripe } = await start();
  const customer = await stripe.customers.create({
    payment_method: 'pm_card_visa',
    invoice_settings: { default_payment_method: 'pm_card_visa' },
  });
  const cards = await stripe.paymentMethods.list({ customer: customer.id });
  assert.deepEqual(
    cards.data.map(({ id }) => id),
    [customer.invoice_settings.default_payment_method],
  );
});

test('a detached card pays nothing, is nobody’s default and cannot come back', async () => {
  const { sim, stripe, demo, card, debtor } = await start();
  const { customer, method } = await card();
  await stripe.customers.update(customer, { invoice_settings: { default_payment_method: method } });
  const subscription = await stripe.subscriptions.create({
    customer,
    items: [{ price: demo.price.id, quantity: 5 }],
    default_payment_method: method,
  });
  assert.equal((await stripe.paymentMethods.detach(method)).customer, null);
  const after = await stripe.subscriptions.retrieve(subscription.id, { expand: ['customer'] });
  assert.equal(after.default_payment_method, null);
  assert.equal((after.customer as Stripe.Customer).invoice_settings.default_payment_method, null);
  const raised = await stripe.subscriptions.update(subscription.id, {
    items: [{ id: first(subscription.items.data).id, quantity: 50 }],
    proration_behavior: 'always_invoice',
    expand: ['latest_invoice'],
  });
  assert.deepEqual([raised.status, (raised.latest_invoice as Stripe.Invoice).status], ['past_due', 'open']);

  const refusal = { statusCode: 400, message: /previously used without being attached .* may not be used again/ };
  await assert.rejects(stripe.paymentMethods.attach(method, { customer }), refusal);
  const invoice = String((raised.latest_invoice as Stripe.Invoice).id);
  await assert.rejects(stripe.invoices.pay(invoice, { payment_method: method }), refusal);
  const { intent } = await debtor();
  await assert.rejects(stripe.paymentIntents.confirm(intent, { payment_method: method }), refusal);
  assert.deepEqual(sim.truth().violations, []);
});
