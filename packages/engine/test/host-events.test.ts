import assert from 'node:assert/strict';
import { test } from 'node:test';
import { product } from './product.ts';

test('what a process does not listen to is left to the one that does', async () => {
  await using shop = await product({ seats: 10, used: 0 });
  const other = shop.another();
  const heard: string[] = [];
  other.on('seat.ready', (event) => {
    heard.push(event.type);
  });
  shop.seatbelt.on('incident.opened', () => undefined);
  await shop.seatbelt.add(shop.organization, 1, { holders: ['ada'] });
  await shop.seatbelt.tick();
  await other.tick();
  assert.deepEqual(heard, ['seat.ready']);
});

test('advance delivers what a transaction of the host committed', { timeout: 20_000 }, async () => {
  await using shop = await product({ seats: 10, used: 0 });
  const heard = Promise.withResolvers<string | null>();
  shop.seatbelt.on('seat.ready', (event) => heard.resolve(event.change));
  const client = await shop.pool.connect();
  await client.query('begin');
  const { change } = await shop.seatbelt.reserve(shop.organization, 1, { db: client, holders: ['invite_1'] });
  await client.query('commit');
  client.release();
  await shop.seatbelt.advance(shop.organization);
  assert.equal(await heard.promise, change.id);
});

test('a listener that never answers keeps neither accounts nor the end of the engine waiting', {
  timeout: 60_000,
}, async () => {
  await using shop = await product({ seats: 10, used: 0 });
  const engine = shop.another();
  const asked: string[] = [];
  engine.on('change.applied', (event) => {
    asked.push(event.type);
    return new Promise(() => undefined);
  });
  await shop.seatbelt.set(shop.organization, 12);
  // Stripe's events of this push mark the account too: they are read before the rounds are counted.
  assert.ok(((await shop.seatbelt.tick()).events?.marked ?? 0) > 0);
  for (let round = 0; round < 3; round += 1) {
    await shop.seatbelt.mark(shop.organization);
    assert.equal((await engine.tick({ budgetMs: 100 })).accounts.claimed, 1);
  }
  assert.deepEqual(asked, ['change.applied'], 'it is not asked again by each round while it has not answered');
  await engine.close();
});
