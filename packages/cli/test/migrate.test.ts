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

test('a login that is refused, a database that is missing and a right that is missing are set-up errors', async () => {
  await using database = await testDatabase();
  const at = (change: (url: URL) => void) => {
    const url = new URL(database.url);
    change(url);
    return { DATABASE_URL: url.href };
  };
  const code = async (env: { DATABASE_URL: string }) => {
    const ended = await seatbelt(env, 'status', '--json');
    return [ended.code, errorOf(ended).code];
  };
  const nobody = at((url) => {
    url.username = 'nobody_here';
  });
  assert.deepEqual(await code(nobody), [2, 'database_login_refused']);
  const missing = at((url) => {
    url.pathname = '/not_a_database';
  });
  assert.deepEqual(await code(missing), [2, 'database_missing']);

  // Roles belong to the server, which other tests share; its name is this database's own.
  const role = `${new URL(database.url).pathname.slice(1)}_guest`;
  const password = decodeURIComponent(new URL(database.url).password);
  await database.pool.query(`create role ${role} login password '${password}'`);
  try {
    const guest = at((url) => {
      url.username = role;
    });
    assert.deepEqual(await code(guest), [2, 'database_permission']);
  } finally {
    await database.pool.query(`drop role ${role}`);
  }
});
