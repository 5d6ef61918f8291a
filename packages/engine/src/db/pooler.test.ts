import assert from 'node:assert/strict';
import { test } from 'node:test';
import { poolThatMayBeCut, testDatabase } from '@seatbelt/dev';
import pg from 'pg';
import postgres from 'postgres';
import { type Database, DatabaseError, databaseOf } from './executor.ts';
import { transactionPooler } from './testing/transaction-pooler.ts';

const sources: Record<string, (url: string) => { database: Database; end(): Promise<void> }> = {
  'a connection string': (url) => {
    const database = databaseOf(url);
    return { database, end: () => database.close() };
  },
  'a pg pool': (url) => {
    const pool = poolThatMayBeCut(url, 8);
    return { database: databaseOf(pool), end: () => pool.end() };
  },
  'a postgres client without prepared statements': (url) => {
    const sql = postgres(url, { max: 8, prepare: false });
    return { database: databaseOf(sql), end: () => sql.end() };
  },
};

for (const [source, open] of Object.entries(sources)) {
  test(`statements and transactions work behind a transaction-mode pooler: ${source}`, async () => {
    await using server = await testDatabase({ template: 'empty' });
    await server.pool.query('create table seats (organization_id text primary key, seat_count integer not null)');
    await server.pool.query("insert into seats select 'org_' || n, 0 from generate_series(0, 7) as n");
    await using pooler = await transactionPooler(server.url);
    const { database, end } = open(pooler.url);
    const add = 'update seats set seat_count = seat_count + $2 where organization_id = $1 returning seat_count';
    try {
      await Promise.all(
        Array.from({ length: 8 }, async (_, n) => {
          const organization = `org_${n}`;
          for (let round = 0; round < 5; round += 1) {
            await database.executeSql(add, [organization, 1]);
            await database.transaction(async (tx) => {
              await tx.executeSql('select 1 from seats where organization_id = $1 for update', [organization]);
              await tx.executeSql(add, [organization, 1]);
            });
          }
        }),
      );
      const { rows } = await server.pool.query('select distinct seat_count from seats');
      assert.deepEqual(rows, [{ seat_count: 10 }]);
      assert.ok(
        pooler.served.every((transactions) => transactions > 10),
        `both backends did their part: ${pooler.served.join(', ')}`,
      );
      const { rows: leftovers } = await database.executeSql(
        'select count(*)::integer as n from pg_prepared_statements',
        [],
      );
      assert.deepEqual(leftovers, [{ n: 0 }], 'no named statement was left on a connection');
    } finally {
      await end();
    }
  });
}

test('a postgres client whose host forgot to switch prepared statements off never passes a lost transaction for a commit', async () => {
  await using server = await testDatabase({ template: 'empty' });
  await server.pool.query('create table seats (organization_id text primary key, seat_count integer not null)');
  await server.pool.query("insert into seats values ('org_1', 0)");
  await using pooler = await transactionPooler(server.url);
  const sql = postgres(pooler.url, { max: 4 });
  const database = databaseOf(sql);
  const add = 'update seats set seat_count = seat_count + 1';
  try {
    let committed = 0;
    for (let round = 0; round < 12; round += 1) {
      await database.executeSql(add, []);
      await database
        .transaction((tx) => tx.executeSql(add, []))
        .then(
          () => {
            committed += 1;
          },
          (error: unknown) =>
            assert.ok(error instanceof DatabaseError && error.failure.kind === 'rejected', String(error)),
        );
    }
    const { rows } = await server.pool.query('select seat_count from seats');
    assert.deepEqual(rows, [{ seat_count: 12 + committed }]);
  } finally {
    await sql.end({ timeout: 0 });
  }
});

test('the pooler of these tests is one: a named statement is gone with the next transaction', async () => {
  await using server = await testDatabase({ template: 'empty' });
  await using pooler = await transactionPooler(server.url);
  const client = new pg.Client({ connectionString: pooler.url });
  await client.connect();
  try {
    const named = { name: 'one', text: 'select $1::integer as one', values: [1] };
    await client.query(named);
    await assert.rejects(client.query(named), { code: '26000' });
  } finally {
    await client.end();
  }
});
