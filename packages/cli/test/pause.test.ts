import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testDatabase } from '@seatbelt/dev';
import { SeatRefused } from 'seatbelt';
import { product } from '../../engine/test/product.ts';
import { environmentOf, errorOf, jsonOf, seatbelt } from './cli.ts';

const paused = (error: unknown) => error instanceof SeatRefused && error.code === 'paused';

test('pause and resume of one organization stop its writes to Stripe and let them go on, with who and why in the trail', async () => {
  await using p = await product();
  const env = environmentOf(p);
  const args = ['pause', 'org_test', '--reason', 'price change', '--actor', 'op_1'];
  const first = await seatbelt(env, ...args, '--json');
  assert.equal(first.code, 0);
  assert.deepEqual(jsonOf(first), { paused: true, organization: 'org_test', reason: 'price change' });
  await assert.rejects(p.seatbelt.set('org_test', 12), paused);
  assert.equal(p.stripeWrites().length, 0);

  const resumed = await seatbelt(env, 'resume', 'org_test', '--actor', 'op_2', '--reason', 'done');
  assert.deepEqual([resumed.code, resumed.out], [0, 'Resumed for org_test.\n']);
  assert.equal((await p.seatbelt.set('org_test', 12)).status, 'applied');
  const { rows } = await p.pool.query('select entry from seatbelt.audit order by sequence');
  const entries = rows.map(({ entry }) => JSON.parse(entry)).filter(({ kind }) => /paused|resumed/.test(kind));
  assert.deepEqual(
    entries.map(({ kind, actor, reason }) => [kind, actor, reason]),
    [
      ['paused', 'op_1', 'price change'],
      ['resumed', 'op_2', 'done'],
    ],
  );
});

test('pause of all needs the database only, and resuming one of two kinds says what is still paused', async () => {
  await using p = await product();
  const database = { DATABASE_URL: p.databaseUrl };
  assert.equal((await seatbelt(environmentOf(p), 'pause', 'org_test', '--reason', 'one')).code, 0);
  const all = await seatbelt(database, 'pause', '--reason', 'all of them');
  assert.deepEqual([all.code, /for all organizations/.test(all.out)], [0, true]);
  await assert.rejects(p.seatbelt.set('org_test', 12), paused);

  const one = await seatbelt(environmentOf(p), 'resume', 'org_test');
  assert.match(one.out, /All organizations are paused still: all of them\n$/);
  await assert.rejects(p.seatbelt.set('org_test', 12), paused);
  await seatbelt(environmentOf(p), 'pause', 'org_test', '--reason', 'one');
  const rest = await seatbelt(database, 'resume');
  assert.match(rest.out, /1 paused one by one still are/);
  await assert.rejects(p.seatbelt.set('org_test', 12), paused);
});

test('pausing where nothing was ever linked is refused rather than silently forgotten', async () => {
  await using database = await testDatabase();
  const ended = await seatbelt({ DATABASE_URL: database.url }, 'pause', '--reason', 'test', '--json');
  assert.deepEqual([ended.code, ended.out, errorOf(ended).code], [2, '', 'usage']);
  assert.match(errorOf(ended).message, /nothing to pause/);
});

test('pause wants a reason', async () => {
  const ended = await seatbelt({}, 'pause', 'org_test', '--json');
  assert.deepEqual([ended.code, errorOf(ended).code], [2, 'usage']);
  assert.match(errorOf(ended).message, /--reason/);
});
