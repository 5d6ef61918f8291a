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

test('a pause of everything leaves who, when and why in a trail that nobody can alter unseen', async () => {
  await using p = await product();
  const database = { DATABASE_URL: p.databaseUrl };
  await seatbelt(database, 'pause', '--reason', 'price change', '--actor', 'op_1');
  await seatbelt(database, 'resume', '--reason', 'done', '--actor', 'op_2');
  // Two people at once: both are in the trail, one after the other.
  await Promise.all([
    p.seatbelt.pause(null, { reason: 'a', actor: 'op_3' }),
    p.seatbelt.pause(null, { reason: 'b', actor: 'op_3' }),
  ]);

  const exported = await seatbelt(database, 'audit', 'export');
  const entries = exported.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(JSON.parse(line).entry) as Record<string, unknown>);
  assert.deepEqual(
    entries.slice(0, 2).map(({ sequence, kind, actor, reason }) => [sequence, kind, actor, reason]),
    [
      [1, 'paused', 'op_1', 'price change'],
      [2, 'resumed', 'op_2', 'done'],
    ],
  );
  assert.deepEqual(
    entries
      .slice(2)
      .map(({ reason }) => reason)
      .toSorted(),
    ['a', 'b'],
  );
  for (const { at } of entries) assert.match(String(at), /^\d{4}-\d\d-\d\dT/);
  assert.equal((await seatbelt(database, 'audit', 'verify')).code, 0);

  const append = /installation_audit is append-only/;
  await assert.rejects(p.pool.query(`update seatbelt.installation_audit set entry = '{}'`), append);
  await assert.rejects(p.pool.query('delete from seatbelt.installation_audit'), append);
  await assert.rejects(p.pool.query('truncate seatbelt.installation_audit'), append);

  const tamper = async (statement: string) => {
    await p.pool.query('alter table seatbelt.installation_audit disable trigger all');
    await p.pool.query(statement);
    await p.pool.query('alter table seatbelt.installation_audit enable trigger all');
    return seatbelt(database, 'audit', 'verify');
  };
  const cut = await tamper('delete from seatbelt.installation_audit where sequence = 4');
  assert.deepEqual([cut.code, /sequence 4, entries at the end are missing/.test(cut.out)], [1, true]);
  const altered = await tamper(
    `update seatbelt.installation_audit set entry = replace(entry, 'op_1', 'op_9') where sequence = 1`,
  );
  assert.deepEqual([altered.code, /sequence 1, the hash does not fit/.test(altered.out)], [1, true]);
});
