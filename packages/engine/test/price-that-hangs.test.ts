/** Where money is bounded, Stripe is asked for a price before anything is written. It may not answer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StripeUnavailable } from '../src/failures.ts';
import { type Product, product } from './product.ts';

const previews = { route: 'POST /v1/invoices/create_preview' } as const;

const bounded = { seats: 10, used: 10, link: { terms: { guard: { amountPerDay: 1_000_000 } } } } as const;

const changes = async ({ pool }: Product) => (await pool.query('select 1 from seatbelt.seat_changes')).rowCount;

/** Prices that were asked for, answered or not. */
const asked = ({ sim }: Product) =>
  sim.truth().requests.filter(({ path }) => path === '/v1/invoices/create_preview').length;

test('whoever does not wait long hears that Stripe did not say, those behind them too, and nothing is written', async () => {
  await using shop = await product(bounded);
  shop.sim.faults.add({ kind: 'hang', times: 100, match: previews });
  const told = await Promise.allSettled(
    Array.from({ length: 4 }, () => shop.seatbelt.add(shop.organization, 1, { waitMs: 500 })),
  );
  for (const answer of told) {
    assert.ok(answer.status === 'rejected' && answer.reason instanceof StripeUnavailable, String(answer.status));
    assert.match(answer.reason.message, /Nothing was written/);
  }
  assert.equal(await changes(shop), 0);
  // Both previews of the first; those that stood behind it did not ask the same in vain.
  assert.equal(asked(shop), 2);

  // Who comes after that asks anew.
  shop.sim.faults.clear();
  assert.equal((await shop.seatbelt.add(shop.organization, 1, { waitMs: 0 })).status, 'requested');
});

test('where Stripe says nothing for as long as it may take, an owner is asked, about all who stood in the line', async () => {
  await using shop = await product(bounded);
  shop.sim.faults.add({ kind: 'hang', times: 100, match: previews });
  const told = await Promise.all(Array.from({ length: 3 }, () => shop.seatbelt.add(shop.organization, 1)));
  assert.deepEqual(
    told.map(({ status }) => status),
    ['awaiting_approval', 'awaiting_approval', 'awaiting_approval'],
  );
  assert.equal(asked(shop), 2);
});
