import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type TestDatabase, testDatabase } from '@seatbelt/dev/test-database';
import postgres from 'postgres';
import { databaseOf } from '../src/db/executor.ts';
import { migrate } from '../src/store/migrate.ts';
import { migrations } from '../src/store/migrations/index.ts';
import { product } from './product.ts';

/** Statements that wait for a lock, and have for longer than a statement may take here. */
const waitsFor = `select 1 from pg_stat_activity
  where datname = current_database() and wait_event_type = 'Lock' and clock_timestamp() - query_start > interval '2.1 s'`;
const statementTimeoutMs = 2_000;
const waitsForTheLock = `select 1 from pg_stat_activity
  where datname = current_database() and wait_event_type = 'Lock' and query like '%pg_advisory_xact_lock%'`;

for (const source of ['pg', 'postgres'] as const) {
  test(`one process waits for another's migration, however long a statement may take otherwise: ${source}`, async () => {
    await using server = await testDatabase({ template: 'empty' });
    const sql = postgres(server.url, { max: 1, onnotice: () => undefined });
    const database = databaseOf(source === 'pg' ? server.url : sql, { statementTimeoutMs });
    const other = await server.pool.connect();
    try {
      await other.query(`begin; select pg_advisory_xact_lock(hashtext('seatbelt.migrations'))`);
      let over = false;
      const migrating = migrate(database).finally(() => {
        over = true;
      });
      // What it says is heard of below.
      migrating.catch(() => undefined);
      while (!over && (await server.pool.query(waitsFor)).rows.length === 0);
      await other.query('commit');
      const { ran, total } = await migrating;
      assert.equal(ran.length, total);
    } finally {
      other.release();
      await database.close();
      await sql.end();
    }
  });
}

/** A connection that has looked for a name in vain remembers that until the server has it read what others have done. */
test('who waited for another process that made schema and tables finds them', async () => {
  await using server = await testDatabase({ template: 'empty' });
  const database = databaseOf(server.url, { maxConnections: 1 });
  const other = await server.pool.connect();
  try {
    await other.query(`begin; select pg_advisory_xact_lock(hashtext('seatbelt.migrations'))`);
    const migrating = migrate(database);
    migrating.catch(() => undefined);
    while ((await server.pool.query(waitsForTheLock)).rows.length === 0);
    await other.query('create schema seatbelt; create table seatbelt.migrations (name text primary key)');
    await other.query('insert into seatbelt.migrations select unnest($1::text[])', [
      migrations.map(({ name }) => name),
    ]);
    await other.query('commit');
    assert.deepEqual(await migrating, { ran: [], total: migrations.length });
  } finally {
    other.release();
    await database.close();
  }
});

describe('roles with no more rights than they need', () => {
  test('who may not make schemas migrates in one that was made for them, and again when nothing is left to do', async () => {
    await using server = await testDatabase({ template: 'empty' });
    await using owner = await roleOf(server, `create schema seatbelt authorization ROLE`);
    const database = databaseOf(owner.url);
    try {
      const first = await migrate(database);
      assert.equal(first.ran.length, first.total);
      assert.deepEqual(await migrate(database), { ran: [], total: first.total });
    } finally {
      await database.close();
    }
  });

  test('an app with the rights that the documents name does everything but migrate what is new', async () => {
    const page = await readFile(join(import.meta.dirname, '../../../docs/cli.md'), 'utf8');
    const grants = /```sql\n([^`]*grant usage on schema seatbelt[^`]*)```/.exec(page)?.[1];
    assert.ok(grants, 'docs/cli.md names the grants');
    await using shop = await product({ seats: 10, used: 7 });
    // What comes later belongs to whoever migrates.
    await using app = await roleOf({ url: shop.databaseUrl, pool: shop.pool }, grants.replaceAll(/\bapp\b/g, 'ROLE'));
    const failed: unknown[] = [];
    const hears = (fields: object) => failed.push('err' in fields ? fields.err : fields);
    const silent = () => undefined;
    const seatbelt = shop.another({
      db: app.url,
      logger: { debug: silent, info: silent, warn: hears, error: hears, fatal: hears },
    });
    try {
      await seatbelt.migrate();
      await seatbelt.set(shop.organization, 12);
      await seatbelt.add(shop.organization, 1, { holders: ['ada'] });
      await seatbelt.tick();
      assert.equal((await seatbelt.sweep({ dryRun: true })).state, 'finished');
      await seatbelt.pause(null, { reason: 'test' });
      await seatbelt.resume(null);
      assert.deepEqual(failed, []);
      await shop.pool.query('create table seatbelt.of_a_later_version (id integer)');
      const { rows } = await shop.pool.query(
        `select has_table_privilege($1, 'seatbelt.of_a_later_version', 'select, insert, update, delete') as granted`,
        [app.name],
      );
      assert.deepEqual(rows, [{ granted: true }]);
    } finally {
      await seatbelt.close();
    }
  });
});

/** A role that may log in, after `statements` with its name in the place of ROLE. Everything it has is dropped with it. */
async function roleOf(server: Pick<TestDatabase, 'url' | 'pool'>, statements: string) {
  const name = `role_${randomUUID().replaceAll('-', '')}`;
  await server.pool.query(`create role ${name} login password 'x'`);
  await server.pool.query(statements.replaceAll('ROLE', name));
  const url = new URL(server.url);
  url.username = name;
  url.password = 'x';
  return {
    name,
    url: url.href,
    async [Symbol.asyncDispose]() {
      await server.pool.query(`drop owned by ${name}; drop role ${name}`);
    },
  };
}
