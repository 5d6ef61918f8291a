import assert from 'node:assert/strict';
import { test } from 'node:test';
import { poolThatMayBeCut, testDatabase } from '@seatbelt/dev';
import { drizzle } from 'drizzle-orm/node-postgres';
import { drizzle as drizzlePostgresJs } from 'drizzle-orm/postgres-js';
import { CamelCasePlugin, Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import postgres from 'postgres';
import { type Executor, executorOf, type HostDb } from './executor.ts';

class RolledBack extends Error {}

/** Runs `work` in a transaction of one library, which then commits or, where `work` throws, rolls back. */
type InTransaction = (url: string, work: (db: HostDb) => Promise<void>) => Promise<void>;

const libraries: Record<string, InTransaction> = {
  async pg(url, work) {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      await client.query('begin');
      await work(client);
      await client.query('commit');
    } catch (error) {
      await client.query('rollback');
      throw error;
    } finally {
      await client.end();
    }
  },
  async postgres(url, work) {
    const sql = postgres(url, { max: 1 });
    try {
      await sql.begin((transaction) => work(transaction));
    } finally {
      await sql.end();
    }
  },
  async 'postgres that does not ask for types'(url, work) {
    const sql = postgres(url, { max: 1, fetch_types: false });
    try {
      await sql.begin((transaction) => work(transaction));
    } finally {
      await sql.end();
    }
  },
  async 'Drizzle on pg'(url, work) {
    const pool = poolThatMayBeCut(url, 1);
    try {
      await drizzle(pool).transaction((tx) => work(tx));
    } finally {
      await pool.end();
    }
  },
  async 'Drizzle on postgres'(url, work) {
    const sql = postgres(url, { max: 1 });
    try {
      await drizzlePostgresJs(sql).transaction((tx) => work(tx));
    } finally {
      await sql.end();
    }
  },
  async 'Drizzle on postgres that does not ask for types'(url, work) {
    const sql = postgres(url, { max: 1, fetch_types: false });
    try {
      await drizzlePostgresJs(sql).transaction((tx) => work(tx));
    } finally {
      await sql.end();
    }
  },
  async Kysely(url, work) {
    const kysely = new Kysely({
      dialect: new PostgresDialect({ pool: poolThatMayBeCut(url, 1) }),
    });
    try {
      await kysely.transaction().execute((trx) => work(trx));
    } finally {
      await kysely.destroy();
    }
  },
  async 'Kysely with camelCase columns'(url, work) {
    const kysely = new Kysely({
      dialect: new PostgresDialect({ pool: poolThatMayBeCut(url, 1) }),
      plugins: [new CamelCasePlugin()],
    });
    try {
      await kysely.transaction().execute((trx) => work(trx));
    } finally {
      await kysely.destroy();
    }
  },
  async 'a bare function that answers rows'(url, work) {
    await (libraries.pg as InTransaction)(url, (client) =>
      work(async (text, values) => (await (client as pg.Client).query(text, [...values])).rows),
    );
  },
};

for (const [library, inTransaction] of Object.entries(libraries)) {
  test(`a statement runs in the host's transaction: ${library}`, async () => {
    await using database = await testDatabase({ template: 'empty' });
    await database.pool.query(
      'create table invites (organization_id text primary key, seat_count integer not null, data jsonb not null, big bigint)',
    );
    const insert = /* sql */ `
      with wanted as (select * from jsonb_to_record($2::jsonb) as r (seat_count integer, data jsonb))
      insert into invites as i (organization_id, seat_count, data, big)
      select $1, wanted.seat_count, wanted.data, $3 from wanted
      returning i.organization_id, i.seat_count, i.data, i.big`;
    const document = JSON.stringify({ seat_count: 12, data: { note: `it's "quoted" \\ and $1`, list: [1, null] } });

    await inTransaction(database.url, async (db) => {
      const executor = executorOf(db);
      const inserted = await executor.executeSql(insert, ['org_1', document, 9_007_199_254_740_993n.toString()]);
      assert.equal(inserted.rowCount, 1);
      assert.deepEqual(
        inserted.rows.map((row) => ({ ...row, big: String(row.big) })),
        [
          {
            organization_id: 'org_1',
            seat_count: 12,
            data: { note: `it's "quoted" \\ and $1`, list: [1, null] },
            big: '9007199254740993',
          },
        ],
      );
      await assertSameTransaction(executor);
      assert.equal((await database.pool.query('select from invites')).rowCount, 0, 'not committed yet');
      const none = await executor.executeSql('select seat_count from invites where organization_id = $1', ['nobody']);
      assert.deepEqual(none, { rows: [], rowCount: 0 });
    });
    assert.equal((await database.pool.query('select from invites')).rowCount, 1, 'the host committed');

    await assert.rejects(
      inTransaction(database.url, async (db) => {
        await executorOf(db).executeSql(insert, ['org_2', document, null]);
        throw new RolledBack();
      }),
      RolledBack,
    );
    assert.equal((await database.pool.query('select from invites')).rowCount, 1, 'the host rolled back');
  });

  test(`lists are passed as they are: ${library}`, async () => {
    await using database = await testDatabase({ template: 'empty' });
    const names = ['ada', '', 'it\'s "quoted" \\ and {one, two}', 'null', 'NULL', 'ü\n'];
    await inTransaction(database.url, async (db) => {
      const { rows } = await executorOf(db).executeSql(
        `select array_to_json($1::text[])::text as names, 7 = any ($2::bigint[]) as seven, 7 = any ($3::bigint[]) as none`,
        [names, ['7', '9007199254740993'], []],
      );
      assert.deepEqual(JSON.parse(String(rows[0]?.names)), names);
      assert.deepEqual([rows[0]?.seven, rows[0]?.none], [true, false]);
    });
  });

  test(`an error is the library's own, and the SQLSTATE is found in it: ${library}`, async () => {
    const { classifyDatabaseError } = await import('./executor.ts');
    await using database = await testDatabase({ template: 'empty' });
    let seen: unknown;
    await assert.rejects(
      inTransaction(database.url, async (db) => {
        try {
          await executorOf(db).executeSql('select 1 / $1::integer', [0]);
        } catch (error) {
          seen = error;
          throw error;
        }
      }),
    );
    const { kind, code } = classifyDatabaseError(seen, true);
    assert.deepEqual({ kind, code }, { kind: 'rejected', code: '22012' });
  });
}

/**
 * Prisma needs 300 MB of packages and a generated client, so it is not installed here. With Prisma 7.10.1 on
 * @prisma/adapter-pg the statements of this file were run by hand; this keeps the shape they rely on.
 */
test("a statement runs in the host's transaction: the shape of Prisma's client", async () => {
  await using database = await testDatabase({ template: 'empty' });
  const prisma = {
    $queryRawUnsafe: async (text: string, ...values: unknown[]) => (await database.pool.query(text, values)).rows,
  };
  const answer = await executorOf(prisma).executeSql('select $1::integer as seats, $2::jsonb as data', [
    12,
    '{"a":[1]}',
  ]);
  assert.deepEqual(answer, { rows: [{ seats: 12, data: { a: [1] } }], rowCount: 1 });
});

test('an executor is used as it is', () => {
  const executor: Executor = { executeSql: async () => ({ rows: [], rowCount: 0 }) };
  assert.equal(executorOf(executor), executor);
});

test('a `postgres` client that renames columns is refused, because its rows could not be read', async () => {
  const sql = postgres('postgres://nobody@127.0.0.1:1/none', { transform: postgres.camel });
  assert.throws(() => executorOf(sql), /renames columns/);
});

test('what is no database is refused with a sentence', () => {
  assert.throws(() => executorOf({} as HostDb), /no database that Seatbelt knows/);
});

test('an answer that holds no rows is an error and not an empty result', async () => {
  const db = (async () => undefined) as unknown as HostDb;
  await assert.rejects(executorOf(db).executeSql('select 1', []), /answered neither with rows/);
});

async function assertSameTransaction(executor: Executor): Promise<void> {
  const first = await executor.executeSql('select pg_current_xact_id()::text as id', []);
  const second = await executor.executeSql('select pg_current_xact_id()::text as id', []);
  assert.equal(first.rows[0]?.id, second.rows[0]?.id);
}
