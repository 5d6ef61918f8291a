import assert from 'node:assert/strict';
import { test } from 'node:test';
import { product } from '../../engine/test/product.ts';
import { environmentOf, errorOf, jsonOf, seatbelt } from './cli.ts';
import { held } from './states.ts';

const resolve = (side: string) => [
  'resolve',
  'org_test',
  '--in-favour-of',
  side,
  '--reason',
  'asked them',
  '--actor',
  'op_1',
];

test('a hold is resolved in favour of stripe: the database follows', async () => {
  await using p = await product();
  await held(p, 15);
  const ended = await seatbelt(environmentOf(p), ...resolve('stripe'), '--json');
  assert.equal(ended.code, 0);
  const { status, purchasedSeats, settledSeats } = jsonOf(ended);
  assert.deepEqual([status, purchasedSeats, settledSeats, p.stripeQuantity()], ['active', 15, 15, 15]);
  const { rows } = await p.pool.query('select entry from seatbelt.audit order by sequence');
  assert.ok(rows.some(({ entry }) => /Resolved in favour of stripe/.test(JSON.parse(entry).note)));
});

test('a hold is resolved in favour of the database: Stripe follows', async () => {
  await using p = await product();
  await held(p, 15);
  const ended = await seatbelt(environmentOf(p), ...resolve('database'));
  assert.deepEqual([ended.code, ended.out], [0, 'Resolved in favour of database: 10 seats, 10 confirmed by Stripe.\n']);
  assert.equal(p.stripeQuantity(), 10);
});

test('where Stripe refuses what the database says, the account is held again and the exit code says so', async () => {
  await using p = await product();
  await held(p, 15);
  p.sim.faults.add({ kind: 'invalid_request_400', match: { method: 'POST' } });
  const ended = await seatbelt(environmentOf(p), ...resolve('database'));
  assert.equal(ended.code, 1);
  assert.match(ended.out, /org_test is held again: Stripe refused quantity 10/);
});

test('a word is about the numbers that were seen: where one has moved nothing is done, and both are named', async () => {
  await using p = await product();
  await held(p, 15);
  const moved = await seatbelt(environmentOf(p), ...resolve('stripe'), '--seen', '14,10', '--json');
  assert.deepEqual([moved.code, moved.out, errorOf(moved).code], [1, '', 'numbers_moved']);
  assert.match(errorOf(moved).message, /bills 15 by now and 10 was agreed on; it was 14 and 10 .* Nothing was done/);
  assert.equal((await p.seatbelt.seats(p.organization)).status, 'held');
  for (const nonsense of ['15', '15,', '-1,10', '15,10,5', 'a,b']) {
    assert.equal((await seatbelt(environmentOf(p), ...resolve('stripe'), '--seen', nonsense)).code, 2, nonsense);
  }
  const ended = await seatbelt(environmentOf(p), ...resolve('stripe'), '--seen', '15,10');
  assert.deepEqual([ended.code, ended.out], [0, 'Resolved in favour of stripe: 15 seats, 15 confirmed by Stripe.\n']);
});

test('an account that is not held has nothing to resolve', async () => {
  await using p = await product();
  const ended = await seatbelt(environmentOf(p), ...resolve('stripe'), '--json');
  assert.deepEqual([ended.code, ended.out, errorOf(ended).code], [1, '', 'nothing_to_resolve']);
});
