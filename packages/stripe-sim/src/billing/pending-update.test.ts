import assert from 'node:assert/strict';
import { test } from 'node:test';
import type Stripe from 'stripe';
import { createStripeSim } from '../index.ts';
import { sdkFor } from '../testing.ts';

const june = Date.UTC(2026, 5, 1) / 1000;

async function pendingRaise() {
  const sim = createStripeSim({ clock: { startAt: june, frozen: true } });
  const demo = sim.admin.createDemoSubscription({ quantity: 5 });
  const stripe = sdkFor(sim);
  const [subscription, item] = [demo.subscription.id, demo.item.id];
  await sim.clock.advance({ days: 10 });
  sim.admin.breakCard(demo.customer.id);
  const raise = (quantity: number, extra: Stripe.SubscriptionUpdateParams = {}) =>
    stripe.subscriptions.update(subscription, {
      items: [{ id: item, quantity }],
      proration_behavior: 'always_invoice',
      payment_behavior: 'pending_if_incomplete',
      expand: ['latest_invoice'],
      ...extra,
    });
  return { sim, demo, stripe, subscription, item, raise, answer: await raise(8) };
}

function typesSince(events: { type?: unknown }[], from: number): string[] {
  return events.slice(from).map(({ type }) => String(type));
}

test('a raise that cannot be paid waits: 200, the old quantity, the hash, an open invoice', async () => {
  const { answer, item, sim } = await pendingRaise();
  assert.equal(answer.status, 'active');
  assert.equal(answer.items.data[0]?.quantity, 5);
  assert.equal(answer.pending_update?.subscription_items?.[0]?.quantity, 8);
  assert.equal(answer.pending_update?.expires_at, june + 10 * 86_400 + 23 * 3_600);
  assert.equal((answer.latest_invoice as Stripe.Invoice).status, 'open');
  assert.equal(sim.truth().quantityHistory[item]?.length, 1);
});

test('paying the invoice applies the update at once and clears the hash', async () => {
  const { answer, demo, stripe, sim, subscription, item } = await pendingRaise();
  sim.admin.mendCard(demo.customer.id);
  const before = sim.truth().events.length;
  await stripe.invoices.pay((answer.latest_invoice as Stripe.Invoice).id ?? '');
  const after = await stripe.subscriptions.retrieve(subscription);
  assert.equal(after.items.data[0]?.quantity, 8);
  assert.equal(after.pending_update, null);
  assert.ok(typesSince(sim.truth().events, before).includes('customer.subscription.pending_update_applied'));
  // The debits of the paid proration are what a later decrease credits.
  await stripe.subscriptions.update(subscription, {
    items: [{ id: item, quantity: 5 }],
    proration_behavior: 'always_invoice',
  });
  assert.deepEqual(sim.truth().violations, []);
  const customer = (await stripe.customers.retrieve(demo.customer.id)) as Stripe.Customer;
  assert.equal(customer.balance, -2000);
});

test('another failed payment keeps the hash and its first expiry', async () => {
  const { answer, stripe, sim, subscription } = await pendingRaise();
  await sim.clock.advance({ hours: 2 });
  await assert.rejects(stripe.invoices.pay((answer.latest_invoice as Stripe.Invoice).id ?? ''), { statusCode: 402 });
  const after = await stripe.subscriptions.retrieve(subscription);
  assert.equal(after.pending_update?.expires_at, answer.pending_update?.expires_at);
});

test('voiding the invoice cancels the update', async () => {
  const { answer, stripe, sim, subscription } = await pendingRaise();
  const before = sim.truth().events.length;
  const voided = await stripe.invoices.voidInvoice((answer.latest_invoice as Stripe.Invoice).id ?? '');
  assert.equal(voided.status, 'void');
  const after = await stripe.subscriptions.retrieve(subscription);
  assert.equal(after.pending_update, null);
  assert.equal(after.items.data[0]?.quantity, 5);
  assert.ok(typesSince(sim.truth().events, before).includes('customer.subscription.pending_update_expired'));
});

test('a second pending raise replaces the first: old invoice void, new invoice, new expiry', async () => {
  const { answer, stripe, sim, raise } = await pendingRaise();
  await sim.clock.advance({ hours: 5 });
  const second = await raise(9);
  assert.equal(second.pending_update?.subscription_items?.[0]?.quantity, 9);
  assert.ok((second.pending_update?.expires_at ?? 0) > (answer.pending_update?.expires_at ?? 0));
  const old = await stripe.invoices.retrieve((answer.latest_invoice as Stripe.Invoice).id ?? '');
  assert.equal(old.status, 'void');
});

test('after 23 hours it expires: invoice void, change discarded', async () => {
  const { answer, stripe, sim, subscription } = await pendingRaise();
  await sim.clock.advance({ hours: 23 });
  const after = await stripe.subscriptions.retrieve(subscription);
  assert.equal(after.pending_update, null);
  assert.equal(after.items.data[0]?.quantity, 5);
  const invoice = await stripe.invoices.retrieve((answer.latest_invoice as Stripe.Invoice).id ?? '');
  assert.equal(invoice.status, 'void');
});

test('a period that ends within 23 hours ends the wait', async () => {
  const { sim, raise } = await pendingRaise();
  await sim.clock.advance({ days: 19, hours: 20 });
  const late = await raise(500);
  assert.equal(late.pending_update?.expires_at, june + 30 * 86_400);
});

test('only the documented parameters may come along', async () => {
  const { raise } = await pendingRaise();
  await assert.rejects(raise(9, { description: 'x' }), {
    statusCode: 400,
    message:
      'When `payment_behavior` is set to `pending_if_incomplete`, you can only pass supported params. `description` is not supported.',
  });
});

test('a card that needs authentication leaves the update waiting until the customer confirms', async () => {
  const sim = createStripeSim({ clock: { startAt: june, frozen: true } });
  const demo = sim.admin.createDemoSubscription({ quantity: 5 });
  const stripe = sdkFor(sim);
  const card = await stripe.paymentMethods.attach('pm_card_authenticationRequired', { customer: demo.customer.id });
  await stripe.customers.update(demo.customer.id, { invoice_settings: { default_payment_method: card.id } });
  await sim.clock.advance({ days: 10 });
  const answer = await stripe.subscriptions.update(demo.subscription.id, {
    items: [{ id: demo.item.id, quantity: 8 }],
    proration_behavior: 'always_invoice',
    payment_behavior: 'pending_if_incomplete',
    expand: ['latest_invoice.payments'],
  });
  const invoice = answer.latest_invoice as Stripe.Invoice;
  assert.deepEqual([invoice.status, invoice.attempted, invoice.attempt_count], ['open', true, 0]);
  const intent = String(invoice.payments?.data[0]?.payment.payment_intent);
  assert.equal((await stripe.paymentIntents.retrieve(intent)).status, 'requires_action');
  await stripe.paymentIntents.confirm(intent);
  assert.equal((await stripe.subscriptions.retrieve(demo.subscription.id)).items.data[0]?.quantity, 8);
});

test('error_if_incomplete on a card that needs authentication says so in the recorded words', async () => {
  const sim = createStripeSim();
  const demo = sim.admin.createDemoSubscription({ quantity: 5 });
  const stripe = sdkFor(sim);
  const card = await stripe.paymentMethods.attach('pm_card_threeDSecure2Required', { customer: demo.customer.id });
  await stripe.customers.update(demo.customer.id, { invoice_settings: { default_payment_method: card.id } });
  await assert.rejects(
    stripe.subscriptions.update(demo.subscription.id, {
      items: [{ id: demo.item.id, quantity: 8 }],
      proration_behavior: 'always_invoice',
      payment_behavior: 'error_if_incomplete',
    }),
    { code: 'subscription_payment_intent_requires_action', statusCode: 402 },
  );
});
