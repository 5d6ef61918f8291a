import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testDatabase } from '@seatbelt/dev';
import { errorOf, jsonOf, seatbelt } from './cli.ts';

test('migrate brings an empty database up to date, and a second run changes nothing', async () => {
  await using database = await testDatabase({ template: 'empty' });
  const env = { DATABASE_URL: database.url };

  const before = await seatbelt(env, 'status', '--json');
  assert.equal(before.code, 2);
  assert.equal(before.out, '');
  assert.equal(errorOf(before).code, 'not_migrated');
  assert.match(errorOf(before).message, /seatbelt migrate/);

  const first = jsonOf<{ ran: string[]; total: number }>(await seatbelt(env, 'migrate', '--json'));
  assert.ok(first.ran.length > 0);
  assert.equal(first.ran.length, first.total);
  const { rows } = await database.pool.query('select name from seatbelt.migrations order by name');
  assert.deepEqual(
    rows.map((row) => row.name),
    first.ran,
  );

  const second = await seatbelt(env, 'migrate');
  assert.equal(second.code, 0);
  assert.match(second.out, /^The schema is up to date \(/);
  const after = await seatbelt(env, 'status');
  assert.equal(after.code, 0);
  assert.match(after.out, /nothing was ever linked here/);
  assert.match(after.out, /No organizations\./);
});

test('a database that is not there is told in one sentence, without the password and without a stack', async () => {
  // Port 1 of this machine refuses connections.
  const env = { DATABASE_URL: 'postgres://me:hunter2secret@127.0.0.1:1/none' };
  const refused = await seatbelt(env, 'migrate');
  assert.equal(refused.code, 1);
  assert.match(refused.err, /^seatbelt: The database did not answer: .*ECONNREFUSED.* \[database_unavailable\]\n$/);
  const verbose = await seatbelt(env, 'migrate', '--verbose');
  assert.match(verbose.err, /\n {4}at /);
  assert.doesNotMatch(refused.err + verbose.err, /hunter2secret/);
});
