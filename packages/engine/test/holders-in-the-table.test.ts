import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Product, product } from './product.ts';

/** Who sits where, by the view that hosts join, and how many of them the account counts as named. */
async function holdersOf({ pool }: Product) {
  const { rows } = await pool.query<{ holder: string; state: string }>(
    'select holder, state from seatbelt.holders order by holder',
  );
  const counted = await pool.query<{ named: number }>(
    `select (assigned_seats + reserved_seats - anonymous_assigned - anonymous_reserved) as named from seatbelt.accounts`,
  );
  assert.equal(counted.rows[0]?.named, rows.length, 'the account counts as many named seats as there are rows');
  return Object.fromEntries(rows.map(({ holder, state }) => [holder, state]));
}

test('freeing one named holder leaves the rows of all others', async () => {
  await using shop = await product({ seats: 10, used: 0 });
  await shop.seatbelt.add(shop.organization, 3, { holders: ['ada', 'bob', 'cyd'] });
  await shop.seatbelt.release(shop.organization, 1, { holders: ['bob'] });
  assert.deepEqual(await holdersOf(shop), { ada: 'assigned', cyd: 'assigned' });
});

test('a transfer to another name moves that one row', async () => {
  await using shop = await product({ seats: 10, used: 0 });
  await shop.seatbelt.add(shop.organization, 2, { holders: ['ada', 'bob'] });
  await shop.seatbelt.reserve(shop.organization, 1, { holders: ['invite_1'] });
  await shop.seatbelt.transfer(shop.organization, 1, { holders: [{ from: 'invite_1', to: 'cyd' }] });
  assert.deepEqual(await holdersOf(shop), { ada: 'assigned', bob: 'assigned', cyd: 'assigned' });
});

test('a refused purchase drops its own reservation and nobody else', async () => {
  await using shop = await product({ seats: 2, used: 0 });
  await shop.seatbelt.add(shop.organization, 2, { holders: ['ada', 'bob'] });
  shop.sim.faults.add({ kind: 'card_decline_402' });
  const answer = await shop.seatbelt.add(shop.organization, 1, { holders: ['cyd'] });
  assert.equal(answer.status, 'rolled_back');
  assert.deepEqual(await holdersOf(shop), { ada: 'assigned', bob: 'assigned' });
});
