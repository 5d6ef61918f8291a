/** Decreases that take effect when the paid period is over, kept by us. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { moveStoredTimes } from '@seatbelt/dev/move-stored-times';
import { eventually, type Product, product } from './product.ts';

const hour = 3_600_000;
const day = 24 * hour;
const atPeriodEnd = { decrease: { when: 'period_end' } } as const;

/** A product whose period ends in about `hoursLeft` hours, by its own clock, which is the present one. */
function shopBefore(hoursLeft: number): Promise<Product> {
  return product({
    seats: 10,
    used: 4,
    link: { terms: atPeriodEnd },
    demo: { interval: 'week', daysAgo: 7 - hoursLeft / 24 },
  });
}

/** What waits for a date is moved back, as if that much time had passed here. */
async function dateComes({ pool, organization }: Product, ms: number): Promise<void> {
  await pool.query(
    `update seatbelt.seat_changes set waits_until = waits_until - $2::bigint * interval '1 millisecond'
      where organization_id = $1 and status = 'scheduled'`,
    [organization, ms],
  );
  await pool.query(`update seatbelt.accounts set version = version + 1, due_at = now() where organization_id = $1`, [
    organization,
  ]);
}

async function agree(shop: Product, seats: number): Promise<void> {
  const now = await shop.seatbelt.seats(shop.organization);
  assert.deepEqual([now.pending, now.scheduled, now.purchasedSeats, now.settledSeats], [null, null, seats, seats]);
  assert.equal(shop.stripeQuantity(), seats);
  assert.equal((await shop.seatbelt.verifyAudit(shop.organization)).broken, null);
}

test('a decrease is scheduled: seen, charged and credited nothing, and the seats stay until then', async () => {
  await using shop = await shopBefore(72);
  const answer = await shop.seatbelt.set(shop.organization, 6);
  assert.deepEqual([answer.status, answer.success], ['scheduled', null]);
  const seats = await shop.seatbelt.seats(shop.organization);
  assert.equal(seats.scheduled?.seats, 6);
  assert.equal(seats.scheduled?.at, seats.billing?.periodEnd);
  assert.deepEqual([seats.purchasedSeats, seats.availableSeats, seats.pending], [10, 6, null]);
  assert.deepEqual(shop.stripeWrites(), []);
});

test('when its date comes Stripe is told without proration, about an hour before the period ends', async () => {
  await using shop = await shopBefore(0.5);
  const { status } = await shop.seatbelt.set(shop.organization, 6);
  assert.equal(status, 'scheduled');
  await eventually('the decrease', shop.seatbelt, async () => shop.stripeQuantity() === 6);
  await eventually(
    'its end',
    shop.seatbelt,
    async () => (await shop.seatbelt.seats(shop.organization)).pending === null,
  );
  await agree(shop, 6);
  const pending = await shop.stripe.invoiceItems.list({ pending: true });
  assert.deepEqual(pending.data, [], 'nothing is credited: the period was paid for and used');
  await shop.sim.clock.advance({ hours: 3 });
  const [renewal] = (await shop.stripe.invoices.list({ subscription: shop.subscription })).data;
  assert.deepEqual([renewal?.billing_reason, renewal?.total], ['subscription_cycle', 6_000]);
});

test('before its date nothing is told to Stripe, however often somebody looks', async () => {
  await using shop = await shopBefore(72);
  await shop.seatbelt.set(shop.organization, 6);
  for (let tick = 0; tick < 5; tick += 1) await shop.seatbelt.tick();
  await shop.seatbelt.mark(shop.organization);
  await shop.seatbelt.advance(shop.organization);
  assert.deepEqual(shop.stripeWrites(), []);
});

test('a worker that slept over the moment makes it after the renewal, with credit, and says so', async () => {
  await using shop = await shopBefore(2);
  await shop.seatbelt.set(shop.organization, 6);
  await shop.sim.clock.advance({ hours: 10 });
  await dateComes(shop, 10 * hour);
  await eventually('the decrease', shop.seatbelt, async () => shop.stripeQuantity() === 6);
  await eventually(
    'its end',
    shop.seatbelt,
    async () => (await shop.seatbelt.seats(shop.organization)).pending === null,
  );
  await agree(shop, 6);
  const pending = await shop.stripe.invoiceItems.list({ pending: true });
  const credit = pending.data.reduce((sum, { amount }) => sum + amount, 0);
  assert.ok(credit < -3_800 && credit >= -4_000, `four seats of a week that has just begun, not ${credit}`);
  const { rows } = await shop.pool.query(
    `select kind, closed_at is not null as closed from seatbelt.incidents where organization_id = $1`,
    [shop.organization],
  );
  assert.deepEqual(rows, [{ kind: 'schedule_missed', closed: true }]);
});

test('it is canceled, replaced by a later one, ended by going back to what there is, and kept through usage', async () => {
  await using shop = await shopBefore(72);
  const first = await shop.seatbelt.set(shop.organization, 6);
  const second = await shop.seatbelt.set(shop.organization, 7);
  const replaced = await shop.seatbelt.change(shop.organization, first.change?.id ?? '');
  assert.deepEqual(
    [replaced?.change.status, replaced?.change.code, replaced?.change.supersededBy],
    ['rolled_back', 'superseded', second.change?.id],
  );
  assert.equal((await shop.seatbelt.add(shop.organization, 7)).status, 'applied');
  assert.equal(shop.stripeQuantity(), 11);
  assert.equal((await shop.seatbelt.seats(shop.organization)).scheduled?.seats, 7, 'usage drops no schedule');
  const canceled = await shop.seatbelt.cancel(shop.organization, second.change?.id ?? '');
  assert.equal(canceled.code, 'canceled');
  await shop.seatbelt.release(shop.organization, 5);
  await shop.seatbelt.set(shop.organization, 6);
  assert.equal((await shop.seatbelt.set(shop.organization, 11)).status, 'applied');
  assert.equal((await shop.seatbelt.seats(shop.organization)).scheduled, null, 'back to what there is');
});

test('seats that came into use meanwhile are not taken away: it is checked again when it is due', async () => {
  await using shop = await shopBefore(0.5);
  // Both are there before anything is carried out: the decrease is due at once, and by then four more work here.
  const client = await shop.pool.connect();
  await client.query('begin');
  await shop.seatbelt.set(shop.organization, 6, { db: client });
  await shop.seatbelt.add(shop.organization, 4, { db: client });
  await client.query('commit');
  client.release();
  await eventually('its end', shop.seatbelt, async () => {
    const { scheduled, pending } = await shop.seatbelt.seats(shop.organization);
    return scheduled === null && pending === null;
  });
  await agree(shop, 10);
  const { changes } = await shop.seatbelt.changes(shop.organization);
  const decrease = changes.find(({ kind }) => kind === 'set');
  assert.deepEqual([decrease?.status, decrease?.code], ['rolled_back', 'below_used']);
});

test('a plan change that moves the end of the period moves it along', async () => {
  await using shop = await shopBefore(72);
  await shop.seatbelt.set(shop.organization, 6);
  const before = (await shop.seatbelt.seats(shop.organization)).scheduled?.at ?? '';
  const yearly = await shop.stripe.prices.create({
    currency: 'usd',
    unit_amount: 100_000,
    recurring: { interval: 'year' },
    product_data: { name: 'Team, yearly' },
  });
  await shop.stripe.subscriptions.update(shop.subscription, {
    items: [{ id: shop.item, price: yearly.id, quantity: 10 }],
    proration_behavior: 'always_invoice',
  });
  await shop.seatbelt.mark(shop.organization);
  await shop.seatbelt.advance(shop.organization);
  const { scheduled, billing } = await shop.seatbelt.seats(shop.organization);
  assert.equal(scheduled?.at, billing?.periodEnd);
  assert.ok(Date.parse(scheduled?.at ?? '') - Date.parse(before) > 300 * day);
});

test('a process that dies after the acceptance takes nothing with it', async () => {
  await using shop = await shopBefore(0.5);
  const first = shop.another();
  await first.set(shop.organization, 6, { waitMs: 0 });
  await first.close();
  await eventually('the decrease', shop.another(), async () => {
    await moveStoredTimes(shop.pool, shop.organization, 60_000);
    return shop.stripeQuantity() === 6;
  });
});
