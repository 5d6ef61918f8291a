import assert from 'node:assert/strict';
import { test } from 'node:test';
import { product } from './product.ts';

test('old rows are forgotten in the first round of whatever process comes, and in one round of an hour', async () => {
  await using shop = await product();
  const receivedLongAgo = (id: string) =>
    shop.pool.query(
      `insert into seatbelt.stripe_events (id, type, received_at) values ($1, 'invoice.paid', now() - interval '31 days')`,
      [id],
    );
  const kept = async () =>
    (await shop.pool.query(`select id from seatbelt.stripe_events where id in ('evt_first', 'evt_second')`)).rows;
  await receivedLongAgo('evt_first');
  await shop.seatbelt.tick();
  assert.deepEqual(await kept(), []);
  await receivedLongAgo('evt_second');
  await shop.another().tick();
  assert.deepEqual(await kept(), [{ id: 'evt_second' }], 'it is nobody`s turn yet');
  await shop.pool.query(`update seatbelt.cursors set next_at = now() where name = 'forget'`);
  await shop.another().tick();
  assert.deepEqual(await kept(), []);
});
