import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testDatabase } from '@seatbelt/dev/test-database';
import { startStripeSim } from '@seatbelt/stripe-sim';
import type { Terms } from '../src/core/types.ts';
import { createSeatbelt, InvalidInput } from '../src/index.ts';
import { product, stripeClient } from './product.ts';

test('terms that bill the same seats at another quantity tell Stripe', async () => {
  await using shop = await product({ seats: 10, used: 2 });
  await shop.seatbelt.changeTerms(shop.organization, { includedSeats: 2 });
  assert.equal(shop.stripeQuantity(), 8);
  assert.equal((await shop.seatbelt.seats(shop.organization)).purchasedSeats, 10);
});

const nonsense: Record<string, unknown>[] = [
  { includedSeats: 0.5 },
  { minimumSeats: -1 },
  { minimumSeats: undefined },
  { maximumSeats: Number.NaN },
  { mode: 'postpaid' },
  { increase: { prorationBehavior: 'sometimes', paymentBehavior: 'allow_incomplete' } },
];
for (const terms of nonsense) {
  test(`terms that make no sense are refused: ${JSON.stringify(terms, (_, value) => value ?? String(value))}`, async () => {
    await using shop = await product({ seats: 10, used: 2 });
    const before = (await shop.seatbelt.inspect(shop.organization)).account.terms;
    // As a caller without types would give them.
    const given = terms as Partial<Terms>;
    await assert.rejects(shop.seatbelt.changeTerms(shop.organization, given), InvalidInput);
    await assert.rejects(shop.seatbelt.link('org_other', { subscription: null, terms: given }), InvalidInput);
    assert.deepEqual((await shop.seatbelt.inspect(shop.organization)).account.terms, before);
  });
}

test('terms that contradict themselves are refused at every way in, and name the field', async () => {
  await using shop = await product({ seats: 10, used: 2 });
  const unpaid = { increase: { paymentBehavior: 'pending_if_incomplete' } } as const;
  const refused = { name: 'SeatRefused', code: 'terms_contradict', message: /^terms\.increase\.paymentBehavior: / };
  await assert.rejects(shop.seatbelt.changeTerms(shop.organization, unpaid), refused);
  await assert.rejects(shop.seatbelt.link('org_other', { subscription: null, terms: unpaid }), refused);
  assert.throws(() => shop.another({ terms: unpaid }), refused);
  // Said over what is there, so that one word changes one thing.
  await shop.seatbelt.changeTerms(shop.organization, { increase: { prorationBehavior: 'always_invoice' } });
  await shop.seatbelt.changeTerms(shop.organization, unpaid);
  const { increase } = (await shop.seatbelt.inspect(shop.organization)).account.terms;
  assert.deepEqual(increase, { prorationBehavior: 'always_invoice', paymentBehavior: 'pending_if_incomplete' });
});

test('what one link cannot do is said by the field: one holder twice, an item that bills another organization', async () => {
  await using shop = await product();
  const twice = shop.seatbelt.link('org_other', { subscription: null, holders: ['ada', 'ada'] });
  await assert.rejects(twice, { name: 'InvalidInput', field: 'holders' });
  const taken = shop.seatbelt.link('org_other', { subscription: shop.subscription });
  await assert.rejects(taken, { name: 'InvalidInput', field: 'item' });
});

test('a pause of everything holds in a database that nobody has claimed yet', async () => {
  await using database = await testDatabase();
  const sim = await startStripeSim();
  const seatbelt = createSeatbelt({ db: database.url, stripe: stripeClient(sim.port), environment: 'test' });
  try {
    await seatbelt.pause(null, { reason: 'moving' });
    const { rows } = await database.pool.query('select paused_reason from seatbelt.installation');
    assert.deepEqual(rows, [{ paused_reason: 'moving' }]);
  } finally {
    await seatbelt.close();
    await sim.close();
  }
});

test('a pause of everything also stops what waits behind a push that is on its way', async () => {
  await using shop = await product({ seats: 10, used: 0 });
  const held = shop.sim.faults.add({
    kind: 'delay_before',
    match: { method: 'POST', route: 'POST /v1/subscriptions/:id' },
  });
  const first = shop.seatbelt.set(shop.organization, 12);
  while (shop.sim.truth().requests.every(({ method }) => method !== 'POST')) await new Promise(setImmediate);
  const second = await shop.seatbelt.set(shop.organization, 13, { waitMs: 0 });
  assert.equal(second.success, null);
  await shop.seatbelt.pause(null, { reason: 'stop' });
  shop.sim.faults.remove(held);
  assert.equal((await first).status, 'applied');
  await shop.seatbelt.tick();
  assert.equal(shop.stripeWrites().length, 1, 'nothing is written to Stripe after the pause');
  await shop.seatbelt.resume(null);
  await shop.seatbelt.tick();
  assert.equal(shop.stripeQuantity(), 13);
});

test('a wait that is no number and a page that is none are refused before anything is asked', async () => {
  await using shop = await product();
  await assert.rejects(shop.seatbelt.set(shop.organization, 12, { waitMs: Number.NaN }), InvalidInput);
  await assert.rejects(shop.seatbelt.changes(shop.organization, { before: 1.5 }), InvalidInput);
  assert.equal(shop.stripeWrites().length, 0);
});
