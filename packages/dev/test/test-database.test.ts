import assert from 'node:assert/strict';
import { test } from 'node:test';
import { privatePostgres, testDatabase } from '../src/test-database.ts';

test('two tests never see each other: each gets a database of its own', async () => {
  await using one = await testDatabase();
  await using other = await testDatabase();
  assert.notEqual(one.url, other.url);
  await one.pool.query('create table only_here (n int)');
  const found = await other.pool.query("select to_regclass('only_here') as found");
  assert.equal(found.rows[0].found, null);
});

test('twenty tests may ask for a database at the same moment', async () => {
  const databases = await Promise.all(Array.from({ length: 20 }, () => testDatabase()));
  assert.equal(new Set(databases.map((each) => each.url)).size, 20);
  await Promise.all(databases.map((each) => each.drop()));
});

test('drop removes the database although somebody is still connected', async () => {
  const database = await testDatabase({ template: 'empty' });
  await using other = await testDatabase({ template: 'empty' });
  const name = new URL(database.url).pathname.slice(1);
  await database.pool.query('select 1');
  await database.drop();
  const left = await other.pool.query('select from pg_database where datname = $1', [name]);
  assert.equal(left.rowCount, 0);
});

for (const version of [15, 18] as const) {
  test(`PostgreSQL ${version} is the one that answers`, async () => {
    await using database = await testDatabase({ version, template: 'empty' });
    const { rows } = await database.pool.query<{ server_version_num: string }>('show server_version_num');
    assert.equal(Math.floor(Number(rows[0]?.server_version_num) / 10_000), version);
  });
}

test('a private server can be crashed without losing what was committed', async () => {
  await using server = await privatePostgres({ template: 'empty' });
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({ connectionString: server.url });
  pool.on('error', () => {});
  await pool.query('create table kept (n int)');
  for (const kind of ['immediate', 'sigkill'] as const) {
    await pool.query('insert into kept values (1)');
    await server.crash(kind);
    assert.equal(server.pid, undefined);
    await assert.rejects(pool.query('select 1'));
    await server.restart();
  }
  const { rows } = await pool.query('select count(*)::int as count from kept');
  assert.equal(rows[0].count, 2);
  await pool.end();
});
