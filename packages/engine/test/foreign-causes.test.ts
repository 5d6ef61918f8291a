/**
 * Causes beyond a hand that sets a number: a phase of a schedule begins, a pending update of somebody else's is paid, an item
 * is added or replaced, another price takes the place of ours.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type Stripe from 'stripe';
import type { Terms } from '../src/index.ts';
import { type Product, product } from './product.ts';

/** Delivers all that Stripe has to tell, as its webhooks do, and lets the account be looked at. */
async function tell(shop: Product): Promise<void> {
  const events = (await shop.stripe.events.list({ limit: 100 })).data.reverse();
  for (const event of events) await shop.seatbelt.receive(event);
  await shop.seatbelt.advance(shop.organization);
}

async function causes({ pool }: Product): Promise<string[]> {
  const { rows } = await pool.query<{ cause: string }>(
    `select cause from seatbelt.incidents where cause is not null order by opened_at, id`,
  );
  return rows.map(({ cause }) => cause);
}

/** A subscription two days before its renewal, and a schedule of the host's that begins a phase with 15 seats then. */
async function scheduled(onForeignChange: Terms['onForeignChange'], known = true): Promise<Product> {
  const shop = await product({
    seats: 10,
    used: 7,
    demo: { interval: 'week', daysAgo: 5 },
    link: { terms: { onForeignChange } },
  });
  const schedule = await shop.stripe.subscriptionSchedules.create({ from_subscription: shop.subscription });
  const [present] = schedule.phases;
  assert.ok(present);
  const price = String(present.items[0]?.price);
  await shop.stripe.subscriptionSchedules.update(schedule.id, {
    end_behavior: 'release',
    phases: [
      { start_date: present.start_date, end_date: present.end_date, items: [{ price, quantity: 10 }] },
      { items: [{ price, quantity: 15 }], duration: { interval: 'week', interval_count: 4 } },
    ],
  });
  // `known`: the schedule was told of while nothing differed yet.
  if (known) {
    await tell(shop);
    assert.equal((await shop.seatbelt.seats(shop.organization)).billing?.schedule, schedule.id);
  }
  await shop.sim.clock.advance({ days: 3 });
  assert.equal(shop.stripeQuantity(), 15, 'the phase has begun');
  return shop;
}

test('a phase of a schedule is found with its cause and held, and nothing is written over it', async () => {
  await using shop = await scheduled({});
  await tell(shop);
  const { hold } = await shop.seatbelt.seats(shop.organization);
  assert.deepEqual([hold?.code, hold?.cause, hold?.observedQuantity], ['drift', 'schedule_phase', 15]);
  assert.match(hold?.message ?? '', /a phase of the schedule/);
  assert.deepEqual(await causes(shop), ['schedule_phase']);
  assert.deepEqual(shop.stripeWrites(), []);
  await shop.seatbelt.resolve(shop.organization, { by: 'stripe', reason: 'the contract says so' });
  assert.equal((await shop.seatbelt.seats(shop.organization)).settledSeats, 15);
});

test('a phase is adopted where the terms say so, and growth is still the schedule’s to make', async () => {
  await using shop = await scheduled({ schedule_phase: 'adopt' });
  await tell(shop);
  const seats = await shop.seatbelt.seats(shop.organization);
  assert.deepEqual([seats.settledSeats, seats.hold], [15, null]);
  assert.deepEqual(await causes(shop), ['schedule_phase']);
  await assert.rejects(shop.seatbelt.set(shop.organization, 16), { code: 'managed_by_schedule' });
  assert.equal((await shop.seatbelt.verifyAudit(shop.organization)).broken, null);
});

test('where no webhook told of the schedule, the sweep finds its phase by the new period', async () => {
  await using shop = await scheduled({});
  const report = await shop.seatbelt.sweep({ dryRun: false });
  assert.equal(report.state, 'finished');
  const found: unknown[] = [];
  for await (const { kind, cause, answer } of shop.seatbelt.sweepFindings(report.id)) found.push([kind, cause, answer]);
  assert.deepEqual(found, [['drift', 'schedule_phase', 'held']]);
});

test('a schedule that was not known before is known by what it tells', async () => {
  await using shop = await scheduled({}, false);
  await tell(shop);
  assert.equal((await shop.seatbelt.seats(shop.organization)).hold?.cause, 'schedule_phase');
});

/** Another program asked for 15, the card did not pay, and now the customer has. */
async function paidElsewhere(onForeignChange: Terms['onForeignChange']): Promise<Product> {
  const shop = await product({ seats: 10, used: 7, demo: { daysAgo: 10 }, link: { terms: { onForeignChange } } });
  const customer = String((await shop.stripe.subscriptions.retrieve(shop.subscription)).customer);
  shop.sim.admin.breakCard(customer);
  const asked = await shop.stripe.subscriptions.update(shop.subscription, {
    items: [{ id: shop.item, quantity: 15 }],
    proration_behavior: 'always_invoice',
    payment_behavior: 'pending_if_incomplete',
    expand: ['latest_invoice'],
  });
  await tell(shop);
  const waiting = await shop.seatbelt.seats(shop.organization);
  assert.deepEqual([waiting.hold, waiting.settledSeats, waiting.pending], [null, 10, null], 'nothing has changed yet');
  shop.sim.admin.mendCard(customer);
  await shop.stripe.invoices.pay((asked.latest_invoice as Stripe.Invoice).id ?? '');
  assert.equal(shop.stripeQuantity(), 15);
  return shop;
}

test('a pending update of another program that is paid is found with its cause, and held', async () => {
  await using shop = await paidElsewhere({});
  await tell(shop);
  const { hold } = await shop.seatbelt.seats(shop.organization);
  assert.deepEqual([hold?.cause, hold?.observedQuantity], ['pending_update', 15]);
  assert.deepEqual(await causes(shop), ['pending_update']);
});

for (const { answer, seats } of [
  { answer: 'adopt', seats: 15 },
  { answer: 'revert', seats: 10 },
] as const) {
  test(`a pending update of another program is answered as the terms say: ${answer}`, async () => {
    await using shop = await paidElsewhere({ pending_update: answer });
    await tell(shop);
    const now = await shop.seatbelt.seats(shop.organization);
    assert.deepEqual([now.settledSeats, now.hold, shop.stripeQuantity()], [seats, null, seats]);
    assert.deepEqual(await causes(shop), ['pending_update']);
    // What was told once is history: all of it once more changes nothing.
    await tell(shop);
    assert.equal((await shop.seatbelt.seats(shop.organization)).settledSeats, seats);
    assert.deepEqual(await causes(shop), ['pending_update']);
  });
}

test('a pending update that only the list of events told of is named as well', async () => {
  await using shop = await paidElsewhere({ pending_update: 'adopt' });
  const other = shop.another({ eventsEveryMs: 1, sweepEveryMs: 0 });
  await other.tick();
  assert.equal((await shop.seatbelt.seats(shop.organization)).settledSeats, 15);
  assert.deepEqual(await causes(shop), ['pending_update']);
});

for (const answer of ['hold', 'adopt', 'revert'] as const) {
  test(`an item that another program adds together with a change of ours is the cause, and the terms say what then: ${answer}`, async () => {
    await using shop = await product({
      seats: 10,
      used: 7,
      link: { terms: { onForeignChange: { extra_item: answer } } },
    });
    await tell(shop);
    const price = await shop.stripe.prices.create({
      currency: 'usd',
      unit_amount: 500,
      recurring: { interval: 'month' },
      product_data: { name: 'Storage' },
    });
    await shop.stripe.subscriptions.update(shop.subscription, {
      items: [
        { id: shop.item, quantity: 13 },
        { price: price.id, quantity: 2 },
      ],
    });
    await tell(shop);
    const { hold, settledSeats } = await shop.seatbelt.seats(shop.organization);
    assert.deepEqual(await causes(shop), ['extra_item']);
    const expected = { hold: [13, 10, 13], adopt: [null, 13, 13], revert: [null, 10, 10] }[answer];
    assert.deepEqual([hold?.observedQuantity ?? null, settledSeats, shop.stripeQuantity()], expected);
    // The item of others is theirs, whatever becomes of ours.
    const { items } = await shop.stripe.subscriptions.retrieve(shop.subscription);
    assert.equal(items.data.find(({ price: { id } }) => id === price.id)?.quantity, 2);
  });
}

test('a price that is replaced without naming a quantity makes it 1: the cause says so, and nobody is thrown out', async () => {
  await using shop = await product({
    seats: 10,
    used: 7,
    link: { terms: { onForeignChange: { price_replaced: 'revert' } } },
  });
  await tell(shop);
  const price = await shop.stripe.prices.create({
    currency: 'usd',
    unit_amount: 2_000,
    recurring: { interval: 'month' },
    product_data: { name: 'The bigger plan' },
  });
  await shop.stripe.subscriptions.update(shop.subscription, {
    items: [{ id: shop.item, price: price.id, quantity: 1 }],
  });
  assert.equal(shop.stripeQuantity(), 1);
  await tell(shop);
  assert.deepEqual(await causes(shop), ['price_replaced']);
  const seats = await shop.seatbelt.seats(shop.organization);
  assert.deepEqual([seats.settledSeats, seats.usedSeats, seats.hold, shop.stripeQuantity()], [10, 7, null, 10]);
  // The plan stays the one that was changed to: only our number was put back.
  const { items } = await shop.stripe.subscriptions.retrieve(shop.subscription);
  assert.equal(items.data[0]?.price.id, price.id);
});

/** Somebody deletes the item and puts another one with the same price in its place; both are told. @returns its id */
async function replaceItem(shop: Product, quantity: number): Promise<string> {
  await tell(shop);
  const { items } = await shop.stripe.subscriptions.retrieve(shop.subscription);
  const price = items.data[0]?.price.id ?? '';
  const changed = await shop.stripe.subscriptions.update(shop.subscription, {
    items: [
      { id: shop.item, deleted: true },
      { price, quantity },
    ],
  });
  await tell(shop);
  return changed.items.data[0]?.id ?? '';
}

for (const [quantity, status, written] of [
  [10, 'active', 8],
  [20, 'held', 20],
] as const) {
  test(`what waits while the item is gone is told to another one when it is known what that bills: ${quantity}`, async () => {
    await using shop = await product({ seats: 10, used: 7 });
    const item = await replaceItem(shop, quantity);
    const fewer = await shop.seatbelt.set(shop.organization, 8, { waitMs: 0 });
    assert.equal(fewer.status, 'requested');
    await shop.seatbelt.link(shop.organization, { subscription: shop.subscription, item });
    await shop.seatbelt.tick();
    assert.equal((await shop.seatbelt.seats(shop.organization)).status, status);
    const { items: now } = await shop.stripe.subscriptions.retrieve(shop.subscription);
    assert.equal(now.data[0]?.quantity, written);
  });
}

test('an item that is replaced by another one is missing: held without guessing, and linked again it goes on', async () => {
  await using shop = await product({ seats: 10, used: 7 });
  const item = await replaceItem(shop, 10);
  const { hold } = await shop.seatbelt.seats(shop.organization);
  assert.deepEqual([hold?.code, hold?.cause], ['item_missing', 'item_missing']);
  await assert.rejects(shop.seatbelt.set(shop.organization, 12), { code: 'drift_unresolved' });
  await shop.seatbelt.link(shop.organization, { subscription: shop.subscription, item });
  assert.equal((await shop.seatbelt.set(shop.organization, 12)).status, 'applied');
});
