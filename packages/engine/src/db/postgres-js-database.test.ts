import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freePort, testDatabase } from '@seatbelt/dev';
import postgres from 'postgres';
import { type Database, DatabaseError, type DatabaseFailure, databaseOf, type PostgresJsSql } from './executor.ts';

const table = 'create table seats (organization_id text primary key)';
const insert = 'insert into seats values ($1)';
const count = 'select count(*)::integer as n from seats';

async function failureOf(work: Promise<unknown>): Promise<DatabaseFailure> {
  const error = await work.then(
    () => assert.fail('it should have failed'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof DatabaseError, `not sorted: ${String(error)}`);
  return error.failure;
}

/** A client whose question what became of a transaction is asked by `ask` instead. */
function askingElsewhere(sql: postgres.Sql, ask: () => PromiseLike<unknown>): PostgresJsSql {
  return new Proxy(sql as PostgresJsSql, {
    get: (client, name: keyof PostgresJsSql) =>
      name === 'unsafe'
        ? (...asked: Parameters<PostgresJsSql['unsafe']>) =>
            asked[0].includes('pg_xact_status') ? ask() : client.unsafe(...asked)
        : client[name],
  });
}

/** What the server, or the way to it, says to the question what became of a transaction. */
const answers: Record<string, { ask(sql: postgres.Sql, gone: postgres.Sql): PromiseLike<unknown>; kind: string }> = {
  'no connection can be made for it': { ask: (_, gone) => gone.unsafe('select 1'), kind: 'unknown' },
  'it is cancelled': {
    ask: (sql) => sql.unsafe('select pg_cancel_backend(pg_backend_pid()), pg_sleep(60)'),
    kind: 'unknown',
  },
  'the server that is asked has not seen its end': {
    ask: (sql) => sql.unsafe(`select 'in progress' as status`),
    kind: 'unknown',
  },
  'the server remembers it no more': { ask: (sql) => sql.unsafe('select null as status'), kind: 'unknown' },
  'it was rolled back': { ask: (sql) => sql.unsafe(`select 'aborted' as status`), kind: 'rejected' },
};

for (const [what, { ask, kind }] of Object.entries(answers)) {
  test(`whether a transaction was committed is asked, and ${what}: it is ${kind}`, async () => {
    await using server = await testDatabase({ template: 'empty' });
    await server.pool.query(table);
    const sql = postgres(server.url, { max: 2, onnotice: () => undefined });
    const gone = postgres(`postgres://nobody@127.0.0.1:${await freePort()}/none`, { max: 1, backoff: () => 0 });
    try {
      const database = databaseOf(askingElsewhere(sql, () => ask(sql, gone)));
      const failure = await failureOf(database.transaction((tx) => tx.executeSql(insert, ['org_1'])));
      assert.equal(failure.kind, kind);
      assert.equal((await server.pool.query(count)).rows[0].n, 1, 'the commit itself had gone through');
    } finally {
      await Promise.all([sql.end({ timeout: 0 }), gone.end({ timeout: 0 })]);
    }
  });
}

test('a transaction waits for a free connection no longer than it may, and is not begun after that', {
  timeout: 20_000,
}, async () => {
  await using server = await testDatabase({ template: 'empty' });
  await server.pool.query(table);
  const sql = postgres(server.url, { max: 1, onnotice: () => undefined });
  const database: Database = databaseOf(sql, { connectTimeoutMs: 100 });
  const ends = Promise.withResolvers<void>();
  const began = Promise.withResolvers<void>();
  try {
    const host = sql.begin(async () => {
      began.resolve();
      await ends.promise;
    });
    await began.promise;
    let worked = 0;
    const work = async () => {
      worked += 1;
    };
    const failure = await failureOf(database.transaction(work));
    assert.equal(failure.kind, 'never_sent');
    assert.match(failure.message, /within 100 ms/);
    ends.resolve();
    await host;
    // The one connection is given in turn, so what was given up has had it by now.
    await database.transaction(work);
    assert.equal(worked, 1, 'of the second one alone');
  } finally {
    ends.resolve();
    await sql.end({ timeout: 0 });
  }
});
