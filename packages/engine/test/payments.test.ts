/** When seats are given out only when they are paid for: the whole life of a payment that is waited for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { moveStoredTimes } from '@seatbelt/dev/move-stored-times';
import type Stripe from 'stripe';
import { eventually, type Product, product } from './product.ts';

const minute = 60_000;
const paidFirst = {
  increase: { prorationBehavior: 'always_invoice', paymentBehavior: 'pending_if_incomplete' },
} as const;

/** A product whose customer's card has gone bad, unless the test says another card. */
async function unpaid(card: 'broken' | 'needs_3ds' | 'good' = 'broken', terms: object = paidFirst): Promise<Product> {
  const shop = await product({ seats: 10, used: 4, link: { terms } });
  const customer = await customerOf(shop);
  if (card === 'broken') shop.sim.admin.breakCard(customer);
  if (card === 'needs_3ds') {
    const method = await shop.stripe.paymentMethods.attach('pm_card_authenticationRequired', { customer });
    await shop.stripe.customers.update(customer, { invoice_settings: { default_payment_method: method.id } });
  }
  return shop;
}

async function customerOf({ stripe, subscription }: Product): Promise<string> {
  return String((await stripe.subscriptions.retrieve(subscription)).customer);
}

async function latestInvoice({ stripe, subscription }: Product): Promise<Stripe.Invoice> {
  const { latest_invoice: invoice } = await stripe.subscriptions.retrieve(subscription, {
    expand: ['latest_invoice.payments'],
  });
  assert.ok(invoice !== null && typeof invoice === 'object');
  return invoice;
}

async function bothSidesAgree(shop: Product, seats: number): Promise<void> {
  const now = await shop.seatbelt.seats(shop.organization);
  assert.deepEqual([now.pending, now.purchasedSeats, now.settledSeats], [null, seats, seats]);
  assert.equal(shop.stripeQuantity(), seats);
  assert.equal((await shop.seatbelt.verifyAudit(shop.organization)).broken, null);
  assert.deepEqual(shop.sim.truth().violations, []);
}

const rested = (shop: Product) => async () => {
  await moveStoredTimes(shop.pool, shop.organization, minute);
  return (await shop.seatbelt.seats(shop.organization)).pending === null;
};

test('a subscription that is canceled while a purchase waits for its payment leaves nothing that can be paid for nothing', async () => {
  await using shop = await unpaid();
  const { status, change } = await shop.seatbelt.set(shop.organization, 15);
  assert.equal(status, 'awaiting_payment');
  const { id } = await latestInvoice(shop);
  await shop.stripe.subscriptions.cancel(shop.subscription);
  await eventually('at rest', shop.seatbelt, rested(shop));
  const ended = await shop.seatbelt.change(shop.organization, change?.id ?? '');
  assert.deepEqual([ended?.change.status, ended?.change.code], ['rolled_back', 'subscription_ended']);
  assert.equal((await shop.stripe.invoices.retrieve(String(id))).status, 'void');
  assert.equal((await shop.seatbelt.verifyAudit(shop.organization)).broken, null);
});

test('seats that a customer buys in the portal after nobody paid for them here are theirs, as the terms say', async () => {
  await using shop = await unpaid('broken', { ...paidFirst, onForeignChange: { portal: 'adopt' } });
  const { change } = await shop.seatbelt.set(shop.organization, 15);
  await shop.sim.clock.advance({ hours: 23 });
  await eventually('the payment lapsed', shop.seatbelt, rested(shop));
  const lapsed = await shop.seatbelt.change(shop.organization, change?.id ?? '');
  assert.equal(lapsed?.change.code, 'payment_not_made');
  shop.sim.admin.mendCard(await customerOf(shop));
  shop.sim.admin.foreignQuantityChange({
    subscription: shop.subscription,
    item: shop.item,
    quantity: 15,
    by: 'portal',
  });
  const events = await shop.stripe.events.list({ limit: 100 });
  for (const event of events.data.reverse()) await shop.seatbelt.receive(event);
  await shop.seatbelt.advance(shop.organization);
  await bothSidesAgree(shop, 15);
});

test('a declined card: the caller hears awaiting_payment with the link, the seats are not there, and paying brings them', async () => {
  await using shop = await unpaid();
  const answer = await shop.seatbelt.set(shop.organization, 15);
  assert.equal(answer.status, 'awaiting_payment');
  assert.equal(answer.success, null);
  const invoice = await latestInvoice(shop);
  assert.equal(answer.paymentUrl, invoice.hosted_invoice_url);
  assert.equal(answer.availableSeats, 6, 'only what is confirmed is given out');
  assert.equal(shop.stripeQuantity(), 10);

  shop.sim.admin.mendCard(await customerOf(shop));
  await shop.stripe.invoices.pay(invoice.id ?? '');
  await eventually('the payment is found', shop.seatbelt, rested(shop));
  await bothSidesAgree(shop, 15);
});

test('a card that needs 3DS waits for the customer, and the seats come when it is confirmed', async () => {
  await using shop = await unpaid('needs_3ds');
  const answer = await shop.seatbelt.add(shop.organization, 8, { holders: 'abcdefgh'.split('') });
  assert.equal(answer.status, 'awaiting_payment');
  const [payment] = (await latestInvoice(shop)).payments?.data ?? [];
  await shop.stripe.paymentIntents.confirm(String(payment?.payment.payment_intent));
  await eventually('the confirmation is found', shop.seatbelt, rested(shop));
  await bothSidesAgree(shop, 12);
  assert.equal((await shop.seatbelt.seats(shop.organization)).assignedSeats, 12);
});

test('a payment that nobody makes ends by itself, and with it everything that hung on it', async () => {
  await using shop = await unpaid();
  await shop.seatbelt.add(shop.organization, 8, { holders: 'abcdefgh'.split('') });
  await shop.sim.clock.advance({ hours: 23 });
  await eventually('the end', shop.seatbelt, rested(shop));
  await bothSidesAgree(shop, 10);
  const { changes } = await shop.seatbelt.changes(shop.organization);
  assert.deepEqual([changes[0]?.status, changes[0]?.code], ['rolled_back', 'payment_not_made']);
  assert.equal((await shop.seatbelt.seats(shop.organization)).usedSeats, 4);
});

test('a price that was confirmed and is not paid gives way to a later change once: one invoice is voided, not one after the other', async () => {
  await using shop = await unpaid();
  const { quote } = await shop.seatbelt.preview(shop.organization, 15);
  assert.equal((await shop.seatbelt.set(shop.organization, 15, { quote })).status, 'awaiting_payment');
  const answer = await shop.seatbelt.set(shop.organization, 12);
  assert.equal(answer.status, 'awaiting_payment');
  await shop.seatbelt.tick();
  const requests = shop.sim.truth().requests.filter(({ method }) => method === 'POST');
  assert.equal(requests.filter(({ path }) => path.endsWith('/void')).length, 1);
  assert.equal(shop.stripeWrites().length, 2, 'one for the price that was shown, one for what took its place');

  shop.sim.admin.mendCard(await customerOf(shop));
  await shop.stripe.invoices.pay((await latestInvoice(shop)).id ?? '');
  await eventually('the payment is found', shop.seatbelt, rested(shop));
  await bothSidesAgree(shop, 12);
});

test('an invoice that somebody voids ends the wait', async () => {
  await using shop = await unpaid();
  await shop.seatbelt.set(shop.organization, 15);
  await shop.stripe.invoices.voidInvoice((await latestInvoice(shop)).id ?? '');
  await eventually('the end', shop.seatbelt, rested(shop));
  await bothSidesAgree(shop, 10);
});

test('a later change takes the place of one that is not paid: its invoice is void, and both are asked for as one', async () => {
  await using shop = await unpaid();
  await shop.seatbelt.set(shop.organization, 15);
  const first = await latestInvoice(shop);
  const answer = await shop.seatbelt.add(shop.organization, 12);
  assert.equal(answer.status, 'awaiting_payment', 'the new link is what the caller hears');
  const second = await latestInvoice(shop);
  assert.notEqual(second.id, first.id);
  assert.equal(answer.paymentUrl, second.hosted_invoice_url);
  assert.equal((await shop.stripe.invoices.retrieve(first.id ?? '')).status, 'void');
  const voids = shop.sim.truth().requests.filter(({ path }) => path === `/v1/invoices/${first.id}/void`);
  assert.deepEqual(
    voids.map(({ key, status }) => [/^seatbelt:[0-9a-f-]{36}:void:1$/.test(key ?? ''), status]),
    [[true, 200]],
  );

  shop.sim.admin.mendCard(await customerOf(shop));
  await shop.stripe.invoices.pay(second.id ?? '');
  await eventually('the payment', shop.seatbelt, rested(shop));
  await bothSidesAgree(shop, 16);
  const { changes } = await shop.seatbelt.changes(shop.organization);
  assert.deepEqual(
    changes.map(({ status }) => status),
    ['applied', 'applied'],
  );
});

test('a customer who pays in the very moment gets the seats, and the later change follows', async () => {
  await using shop = await unpaid();
  await shop.seatbelt.set(shop.organization, 15);
  const invoice = await latestInvoice(shop);
  shop.sim.admin.mendCard(await customerOf(shop));
  // The intent to void it is committed and on its way when the payment arrives.
  const held = shop.sim.faults.add({
    kind: 'delay_before',
    match: { method: 'POST', route: 'POST /v1/invoices/:id/void' },
  });
  const later = shop.seatbelt.add(shop.organization, 12);
  await shop.sim.waitFor(({ path }) => path.endsWith('/void'));
  await shop.stripe.invoices.pay(invoice.id ?? '');
  shop.sim.faults.release(held);
  assert.equal((await later).status, 'applied');
  await bothSidesAgree(shop, 16);
  const { changes } = await shop.seatbelt.changes(shop.organization);
  assert.deepEqual(
    changes.map(({ status }) => status),
    ['applied', 'applied'],
  );
});

test('the answer to the voiding is lost: reading the invoice says what it did', async () => {
  await using shop = await unpaid();
  await shop.seatbelt.set(shop.organization, 15);
  shop.sim.faults.add({ kind: 'drop_after', match: { method: 'POST', route: 'POST /v1/invoices/:id/void' } });
  const answer = await shop.seatbelt.set(shop.organization, 12);
  assert.equal(answer.status, 'awaiting_payment');
  assert.equal(shop.sim.truth().requests.filter(({ path }) => path.endsWith('/void')).length, 1);
});

test('a change that nobody has paid for can be taken back, twice is once, and its link is dead', async () => {
  await using shop = await unpaid();
  const { change } = await shop.seatbelt.set(shop.organization, 15);
  const invoice = await latestInvoice(shop);
  const canceled = await shop.seatbelt.cancel(shop.organization, change?.id ?? '', { actor: 'olga', reason: 'oops' });
  assert.deepEqual([canceled.status, canceled.code], ['rolled_back', 'canceled']);
  assert.equal((await shop.stripe.invoices.retrieve(invoice.id ?? '')).status, 'void');
  const again = await shop.seatbelt.cancel(shop.organization, change?.id ?? '');
  assert.equal(again.code, 'canceled');
  await bothSidesAgree(shop, 10);
});

test('error_if_incomplete is a yes or no at once', async () => {
  const increase = { prorationBehavior: 'always_invoice', paymentBehavior: 'error_if_incomplete' } as const;
  await using shop = await unpaid('broken', { increase });
  const answer = await shop.seatbelt.set(shop.organization, 15);
  assert.deepEqual([answer.status, answer.success], ['rolled_back', false]);
  await bothSidesAgree(shop, 10);
});

for (const paymentBehavior of ['allow_incomplete', 'default_incomplete'] as const) {
  test(`${paymentBehavior} gives the seats on request, and that the invoice is not paid is shown`, async () => {
    await using shop = await unpaid('broken', { increase: { prorationBehavior: 'always_invoice', paymentBehavior } });
    assert.equal((await shop.seatbelt.set(shop.organization, 15)).status, 'applied');
    await shop.seatbelt.mark(shop.organization);
    await shop.seatbelt.advance(shop.organization);
    const { billing, incidents, settledSeats } = await shop.seatbelt.seats(shop.organization);
    assert.equal(settledSeats, 15);
    assert.equal(billing?.subscriptionStatus, 'past_due');
    assert.equal(billing?.openInvoiceUrl, (await latestInvoice(shop)).hosted_invoice_url);
    assert.deepEqual(
      incidents.map(({ kind, action }) => [kind, action]),
      [['payment_overdue', 'watch']],
    );
    shop.sim.admin.mendCard(await customerOf(shop));
    await shop.stripe.invoices.pay((await latestInvoice(shop)).id ?? '');
    await shop.seatbelt.mark(shop.organization);
    await shop.seatbelt.advance(shop.organization);
    assert.deepEqual((await shop.seatbelt.seats(shop.organization)).incidents, []);
  });
}

test('a subscription whose invoices are sent gets its seats on request, with an invoice and without a payment behavior', async () => {
  await using shop = await unpaid('good');
  await shop.stripe.subscriptions.update(shop.subscription, { collection_method: 'send_invoice', days_until_due: 14 });
  await shop.seatbelt.mark(shop.organization);
  await shop.seatbelt.advance(shop.organization);
  assert.equal((await shop.seatbelt.set(shop.organization, 15)).status, 'applied');
  assert.equal((await shop.seatbelt.seats(shop.organization)).billing?.collectionMethod, 'send_invoice');
  await bothSidesAgree(shop, 15);
  assert.equal((await latestInvoice(shop)).collection_method, 'send_invoice');
});
