/** What an open change waits for besides Stripe's answer is said to everybody who asks, with until when. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { moveStoredTimes } from '@seatbelt/dev/move-stored-times';
import type { SeatsBody } from '../src/index.ts';
import { eventually, type Product, product } from './product.ts';

const minute = 60_000;
const invoiced = { prorationBehavior: 'always_invoice', paymentBehavior: 'allow_incomplete' } as const;

/** As anybody hears it: through the HTTP door. */
async function heard({ seatbelt, organization }: Product): Promise<SeatsBody> {
  const { seats } = seatbelt.handlers({ authorize: () => ({ organization, actor: 'olga', may: 'read' }) });
  const answer = await seats.GET(new Request('http://host/api/billing/seats'));
  assert.equal(answer.status, 200);
  return (await answer.json()) as SeatsBody;
}

/** About `ms` from now, within half a minute: a loaded machine is slow, and a wrong rule is minutes off. */
function about(until: string | undefined, ms: number): void {
  const off = Date.parse(until ?? '') - Date.now() - ms;
  assert.ok(Math.abs(off) < minute / 2, `${until} is ${off} ms off`);
}

test('a burst that settles says until when, and nothing once it is told', async () => {
  const settling = { settleMs: 2 * minute, maxWaitMs: 10 * minute } as const;
  await using shop = await product({ seats: 10, used: 10, link: { terms: settling } });
  await shop.seatbelt.add(shop.organization, 2, { waitMs: 0 });
  const { pending } = await heard(shop);
  assert.deepEqual([pending?.waitingFor?.what, pending?.push, pending?.changes.length], ['settling', null, 1]);
  about(pending?.waitingFor?.until, 2 * minute);
  assert.deepEqual(shop.stripeWrites(), []);
  await shop.seatbelt.pause(shop.organization, { reason: 'a closing of the books' });
  assert.equal((await heard(shop)).pending?.waitingFor, null, 'a pause is what it waits for now, and that is said');
  await shop.seatbelt.resume(shop.organization);
  await shop.seatbelt.flush(shop.organization);
  assert.equal((await heard(shop)).pending, null);
});

test('a used-up quota is waited for together: who asks hears until when, and Stripe is asked once for all of it', async () => {
  await using shop = await product({ seats: 10, used: 4, link: { terms: { increase: invoiced } } });
  for (let seats = 11; seats <= 19; seats += 1) {
    assert.equal((await shop.seatbelt.set(shop.organization, seats)).status, 'applied');
  }
  const writes = shop.stripeWrites().length;
  assert.equal(writes, 9);
  for (const seats of [25, 26, 27]) {
    assert.equal((await shop.seatbelt.set(shop.organization, seats, { waitMs: 0 })).status, 'requested');
  }
  const { pending, purchasedSeats, settledSeats } = await heard(shop);
  assert.deepEqual([pending?.waitingFor?.what, pending?.push, pending?.changes.length], ['stripe_quota', null, 3]);
  about(pending?.waitingFor?.until, minute);
  assert.deepEqual([purchasedSeats, settledSeats], [27, 19]);
  const metrics = await shop.seatbelt.metricsText();
  assert.match(metrics, /seatbelt_stripe_quota_used_total\{quota="quantity_updates"\} 9\n/);
  assert.match(metrics, /seatbelt_stripe_quota_used_total\{quota="invoices"\} 9\n/);
  assert.match(metrics, /seatbelt_changes_waited_for_quota_total 3\n/);
  await shop.seatbelt.tick();
  assert.equal(shop.stripeWrites().length, writes, 'nobody asks a Stripe that would refuse');
  // A minute later.
  await shop.pool.query(
    `update seatbelt.accounts set version = version + 1, due_at = now(), quota_used = jsonb_set(quota_used, '{invoices}',
       (select jsonb_agg(at::bigint - 60000) from jsonb_array_elements_text(quota_used->'invoices') as at))`,
  );
  await eventually('the end', shop.seatbelt, async () => (await heard(shop)).pending === null);
  assert.equal(shop.stripeWrites().length, writes + 1);
  assert.equal(shop.stripeQuantity(), 27);
});

test('a quota that others have used up is heard of Stripe, waited for, and nobody is in doubt', async () => {
  await using shop = await product({ seats: 10, used: 4, settings: { limits: true, quantityUpdatesPerHour: 3 } });
  // The host's own program, which ends where it began.
  for (const quantity of [11, 10]) {
    await shop.stripe.subscriptions.update(shop.subscription, { items: [{ id: shop.item, quantity }] });
  }
  assert.equal((await shop.seatbelt.set(shop.organization, 12, { waitMs: 500 })).status, 'requested');
  const { pending } = await heard(shop);
  assert.deepEqual(
    [pending?.waitingFor?.what, pending?.push?.state, pending?.push?.doubt],
    ['stripe_quota', 'intended', null],
  );
  about(pending?.waitingFor?.until, 10 * minute);
  assert.equal(shop.stripeWrites().at(-1)?.status, 429);
  // What is waited for does not change while it is waited for.
  await moveStoredTimes(shop.pool, shop.organization, 6 * minute);
  assert.equal((await heard(shop)).pending?.waitingFor?.what, 'stripe_quota');
  await shop.sim.clock.advance({ hours: 1 });
  await eventually('the end', shop.seatbelt, async () => {
    await moveStoredTimes(shop.pool, shop.organization, 10 * minute);
    return (await heard(shop)).pending === null;
  });
  assert.equal(shop.stripeQuantity(), 12);
});

test('a Stripe that takes no more requests is waited for, and said', async () => {
  await using shop = await product();
  const busy = shop.sim.faults.add({ kind: 'rate_limit_429', match: { method: 'POST' }, times: null });
  assert.equal((await shop.seatbelt.set(shop.organization, 12, { waitMs: 0 })).status, 'requested');
  const said = await eventually('it is said', shop.seatbelt, async () => {
    const { pending } = await heard(shop);
    return pending?.waitingFor && { ...pending.waitingFor, state: pending.push?.state, doubt: pending.push?.doubt };
  });
  assert.deepEqual([said.what, said.state, said.doubt], ['stripe', 'intended', null]);
  about(said.until, 0);
  shop.sim.faults.remove(busy);
  await eventually('the end', shop.seatbelt, async () => {
    await moveStoredTimes(shop.pool, shop.organization, minute);
    return (await heard(shop)).pending === null;
  });
  assert.equal(shop.stripeQuantity(), 12);
});
