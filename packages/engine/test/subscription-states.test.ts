/** One test for each row of "What may be changed in which state of the subscription" in docs/states.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeatRefused } from '../src/index.ts';
import { type Product, product } from './product.ts';

const paidFirst = {
  increase: { prorationBehavior: 'always_invoice', paymentBehavior: 'pending_if_incomplete' },
} as const;

interface Row {
  readonly state: string;
  readonly terms?: object;
  readonly arrange: (shop: Product) => Promise<unknown>;
  readonly more: string;
  readonly fewer: string;
}

const update = (parameters: object) => (shop: Product) =>
  shop.stripe.subscriptions.update(shop.subscription, parameters);

/** An open invoice that the card did not pay. */
async function overdue(shop: Product): Promise<void> {
  const { customer } = await shop.stripe.subscriptions.retrieve(shop.subscription);
  shop.sim.admin.breakCard(String(customer));
  await shop.stripe.subscriptions.update(shop.subscription, {
    items: [{ id: shop.item, quantity: 10 }],
    billing_cycle_anchor: { type: 'now' },
    proration_behavior: 'none',
  });
  const { status } = await shop.stripe.subscriptions.retrieve(shop.subscription);
  assert.equal(status, 'past_due', 'the test did not make it overdue');
}

const rows: Row[] = [
  { state: 'active', arrange: async () => {}, more: 'applied', fewer: 'applied' },
  { state: 'past_due', arrange: overdue, more: 'payment_overdue', fewer: 'applied' },
  { state: 'past_due, paid first', terms: paidFirst, arrange: overdue, more: 'awaiting_payment', fewer: 'applied' },
  {
    state: 'unpaid',
    arrange: async (shop) => {
      await overdue(shop);
      // Stripe tries the card for weeks, and then gives up as the account's settings say.
      await shop.sim.clock.advance({ days: 28 });
      const { status } = await shop.stripe.subscriptions.retrieve(shop.subscription);
      assert.equal(status, 'unpaid', 'the test did not make it unpaid');
    },
    more: 'payment_overdue',
    fewer: 'applied',
  },
  {
    state: 'cancels at the end of the period',
    arrange: update({ cancel_at_period_end: true }),
    more: 'applied',
    fewer: 'applied',
  },
  {
    state: 'cancels at the end of the period, decreases at the end of the period',
    terms: { decrease: { when: 'period_end' } },
    arrange: update({ cancel_at_period_end: true }),
    more: 'applied',
    fewer: 'subscription_ending',
  },
  {
    state: 'collection is paused',
    arrange: update({ pause_collection: { behavior: 'keep_as_draft' } }),
    more: 'applied',
    fewer: 'applied',
  },
  {
    state: 'collection is paused, paid first',
    terms: paidFirst,
    arrange: update({ pause_collection: { behavior: 'keep_as_draft' } }),
    more: 'collection_paused',
    fewer: 'applied',
  },
  {
    state: 'managed by a schedule',
    arrange: (shop) => shop.stripe.subscriptionSchedules.create({ from_subscription: shop.subscription }),
    more: 'managed_by_schedule',
    fewer: 'managed_by_schedule',
  },
  {
    state: 'paused',
    arrange: (shop) => shop.stripe.subscriptions.pause(shop.subscription, { type: 'subscription' } as never),
    more: 'subscription_paused',
    fewer: 'subscription_paused',
  },
  {
    state: 'canceled',
    arrange: (shop) => shop.stripe.subscriptions.cancel(shop.subscription),
    more: 'subscription_not_changeable',
    fewer: 'subscription_not_changeable',
  },
];

async function setting(shop: Product, seats: number): Promise<string> {
  try {
    const answer = await shop.seatbelt.set(shop.organization, seats);
    return answer.status === 'rolled_back' ? `rolled_back ${answer.code}` : answer.status;
  } catch (error) {
    if (!(error instanceof SeatRefused)) throw error;
    assert.ok(error.message.length > 20, 'a refusal says what to do');
    return error.code;
  }
}

for (const { state, terms, arrange, more, fewer } of rows) {
  test(`${state}: more seats ${more}, fewer seats ${fewer}`, async () => {
    await using shop = await product({
      seats: 10,
      used: 4,
      ...(terms ? { link: { terms } } : {}),
      demo: { daysAgo: 3 },
      settings: { dunningEnd: 'unpaid' },
    });
    await arrange(shop);
    await shop.seatbelt.mark(shop.organization);
    await shop.seatbelt.advance(shop.organization);
    assert.deepEqual({ fewer: await setting(shop, 8), more: await setting(shop, 12) }, { fewer, more });
  });
}

/** Another organization of the same product, on a subscription that is made like this. */
async function withSubscription(shop: Product, parameters: object): Promise<string> {
  const former = await shop.stripe.subscriptions.retrieve(shop.subscription);
  const subscription = await shop.stripe.subscriptions.create({
    customer: String(former.customer),
    items: [{ price: former.items.data[0]?.price.id ?? '', quantity: 10 }],
    ...parameters,
  });
  await shop.seatbelt.link('org_second', { subscription: subscription.id, used: 4 });
  return subscription.status;
}

test('trialing: more seats applied, fewer seats applied, and nothing is charged', async () => {
  await using shop = await product({ seats: 10, used: 4 });
  assert.equal(await withSubscription(shop, { trial_period_days: 14 }), 'trialing');
  const second = { ...shop, organization: 'org_second' };
  assert.deepEqual([await setting(second, 8), await setting(second, 12)], ['applied', 'applied']);
  const invoices = await shop.stripe.invoices.list({ limit: 100 });
  assert.ok(
    invoices.data.every(({ billing_reason: reason, total }) => reason === 'subscription_create' || total === 0),
  );
});

test('incomplete: nothing can be changed before the first invoice is paid', async () => {
  await using shop = await product({ seats: 10, used: 4 });
  const { customer } = await shop.stripe.subscriptions.retrieve(shop.subscription);
  shop.sim.admin.breakCard(String(customer));
  assert.equal(await withSubscription(shop, { payment_behavior: 'allow_incomplete' }), 'incomplete');
  const second = { ...shop, organization: 'org_second' };
  assert.deepEqual(
    [await setting(second, 8), await setting(second, 12)],
    ['subscription_incomplete', 'subscription_incomplete'],
  );
  // Nobody has paid for these seats, so nobody sits down in them.
  assert.equal((await shop.seatbelt.seats('org_second')).availableSeats, 0);
  for (const seating of [
    shop.seatbelt.assign('org_second', 1),
    shop.seatbelt.add('org_second', 1),
    shop.seatbelt.add('org_second', 1, { expand: false }),
  ]) {
    await assert.rejects(seating, (error) => error instanceof SeatRefused && error.code === 'subscription_incomplete');
  }
  shop.sim.admin.mendCard(String(customer));
  const { latest_invoice: invoice } = await shop.stripe.subscriptions.retrieve(
    (await shop.seatbelt.inspect('org_second')).account.link?.subscription ?? '',
  );
  await shop.stripe.invoices.pay(String(invoice));
  await shop.seatbelt.mark('org_second');
  await shop.seatbelt.advance('org_second');
  assert.equal((await shop.seatbelt.assign('org_second', 1)).status, 'applied', 'they are paid for now');
});

test('incomplete_expired: nobody paid the first invoice in time, and the account has ended', async () => {
  await using shop = await product({ seats: 10, used: 4 });
  const { customer } = await shop.stripe.subscriptions.retrieve(shop.subscription);
  shop.sim.admin.breakCard(String(customer));
  assert.equal(await withSubscription(shop, { payment_behavior: 'allow_incomplete' }), 'incomplete');
  await shop.sim.clock.advance({ hours: 24 });
  await shop.seatbelt.mark('org_second');
  await shop.seatbelt.advance('org_second');
  const second = { ...shop, organization: 'org_second' };
  assert.equal((await shop.seatbelt.seats('org_second')).status, 'ended');
  assert.deepEqual(
    [await setting(second, 8), await setting(second, 12)],
    ['subscription_not_changeable', 'subscription_not_changeable'],
  );
});

test('re-subscribed: linked to the new subscription, and everything works again', async () => {
  await using shop = await product({ seats: 10, used: 4 });
  const former = await shop.stripe.subscriptions.retrieve(shop.subscription);
  await shop.stripe.subscriptions.cancel(shop.subscription);
  await shop.seatbelt.mark(shop.organization);
  await shop.seatbelt.advance(shop.organization);
  assert.equal((await shop.seatbelt.seats(shop.organization)).status, 'ended');
  const again = await shop.stripe.subscriptions.create({
    customer: String(former.customer),
    items: [{ price: former.items.data[0]?.price.id ?? '', quantity: 10 }],
  });
  await shop.seatbelt.link(shop.organization, { subscription: again.id, onMismatch: 'stripe' });
  assert.equal(await setting(shop, 12), 'applied');
});
