import assert from 'node:assert/strict';
import { test } from 'node:test';
import { product } from '../../engine/test/product.ts';
import { environmentOf, errorOf, jsonOf, seatbelt } from './cli.ts';

test('an owner`s yes, no, and second thoughts from the command line', async () => {
  await using shop = await product({ seats: 10, used: 4, link: { terms: { guard: { seatsPerDay: 1 } } } });
  const env = environmentOf(shop);
  const asked = async (seats: number) => (await shop.seatbelt.set(shop.organization, seats)).change?.id ?? '';
  const [first, second, third] = [await asked(15), await asked(20), await asked(25)];
  const said = ['--reason', 'talked to olga', '--json'];

  const approved = await seatbelt(env, 'approve', shop.organization, first, ...said);
  assert.deepEqual([approved.code, jsonOf(approved).status], [0, 'applied']);
  assert.equal(shop.stripeQuantity(), 15);
  const declined = await seatbelt(env, 'approve', shop.organization, second, '--decline', ...said);
  assert.deepEqual([declined.code, jsonOf(declined).code], [0, 'approval_declined']);
  const canceled = await seatbelt(env, 'cancel', shop.organization, third, ...said);
  assert.deepEqual([canceled.code, jsonOf(canceled).code], [0, 'canceled']);
  const unknown = await seatbelt(env, 'cancel', shop.organization, 'nothing', ...said);
  assert.equal(errorOf(unknown).code, 'unknown_change');
  assert.notEqual(unknown.code, 0);
});
