import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { poolThatMayBeCut, privatePostgres, testDatabase } from '@seatbelt/dev';
import pg from 'pg';
import postgres from 'postgres';
import { type Database, DatabaseError, type DatabaseFailure, type DatabaseOptions, databaseOf } from './executor.ts';
import { cuttingProxy } from './testing/cutting-proxy.ts';

/** The three ways a host can give the engine its database. */
const sources: Record<
  string,
  (url: string, options?: DatabaseOptions) => { database: Database; end(): Promise<void> }
> = {
  'a connection string': (url, options) => {
    const database = databaseOf(url, options);
    return { database, end: () => database.close() };
  },
  'a pg pool': (url, options) => {
    const pool = new pg.Pool({ connectionString: url, max: options?.maxConnections ?? 4 });
    // The host's duty for its own pool.
    pool.on('error', () => undefined);
    return { database: databaseOf(pool, options), end: () => pool.end() };
  },
  'a postgres client': (url, options) => {
    const sql = postgres(url, { max: options?.maxConnections ?? 4, onnotice: () => undefined, backoff: () => 0 });
    return { database: databaseOf(sql, options), end: () => sql.end({ timeout: 0 }) };
  },
};

async function failureOf(work: Promise<unknown>): Promise<DatabaseFailure> {
  const error = await work.then(
    () => assert.fail('it should have failed'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof DatabaseError, `not sorted: ${String(error)}`);
  return error.failure;
}

/** Waits, by asking the server, until a statement with that text is at work; answers its backend. */
async function backendRunning(pool: pg.Pool, text: string, event?: string): Promise<number> {
  for (let asked = 0; asked < 5_000; asked += 1) {
    const { rows } = await pool.query<{ pid: number }>(
      `select pid from pg_stat_activity
        where state = 'active' and pid <> pg_backend_pid() and query like $1 and ($2::text is null or wait_event = $2)`,
      [`${text}%`, event ?? null],
    );
    if (rows[0]) return rows[0].pid;
  }
  return assert.fail(`No backend runs: ${text}`);
}

const table =
  'create table seats (organization_id text primary key, seat_count integer not null check (seat_count >= 0))';
const insert = 'insert into seats values ($1, $2)';
const count = 'select count(*)::integer as n from seats';

for (const [source, open] of Object.entries(sources)) {
  test(`statements and transactions through ${source}`, async () => {
    await using server = await testDatabase({ template: 'empty' });
    await server.pool.query(table);
    const { database, end } = open(server.url);
    try {
      assert.equal(database.owned, source === 'a connection string');
      const written = await database.executeSql(`${insert} returning organization_id`, ['org_1', 10]);
      assert.deepEqual(written, { rows: [{ organization_id: 'org_1' }], rowCount: 1 });

      const result = await database.transaction(async (tx) => {
        await tx.executeSql(insert, ['org_2', 1]);
        const { rows } = await server.pool.query(count);
        assert.equal(rows[0].n, 1, 'not committed yet');
        return 'the result';
      });
      assert.equal(result, 'the result');
      assert.deepEqual((await database.executeSql(count, [])).rows, [{ n: 2 }]);

      const thrown = new Error('of the work');
      await assert.rejects(
        database.transaction(async (tx) => {
          await tx.executeSql(insert, ['org_3', 1]);
          throw thrown;
        }),
        (error) => error === thrown,
      );
      assert.deepEqual((await database.executeSql(count, [])).rows, [{ n: 2 }], 'rolled back');
    } finally {
      await end();
    }
  });

  test(`what the server refuses is told apart: ${source}`, async () => {
    await using server = await testDatabase({ template: 'empty' });
    await server.pool.query(table);
    await server.pool.query("insert into seats values ('org_1', 10), ('org_2', 10)");
    const { database, end } = open(server.url);
    try {
      const duplicate = await failureOf(database.executeSql(insert, ['org_1', 1]));
      assert.deepEqual([duplicate.kind, duplicate.code, duplicate.constraint], ['constraint', '23505', 'seats_pkey']);
      const check = await failureOf(database.executeSql(insert, ['org_3', -1]));
      assert.deepEqual([check.kind, check.code], ['constraint', '23514']);
      const syntax = await failureOf(database.executeSql('selec', []));
      assert.deepEqual([syntax.kind, syntax.code], ['rejected', '42601']);

      // Serializable, so that the second of two overlapping writers is refused.
      const serialization = await failureOf(
        database.transaction(async (tx) => {
          await tx.executeSql('set transaction isolation level repeatable read', []);
          await tx.executeSql(count, []);
          await server.pool.query("update seats set seat_count = 11 where organization_id = 'org_1'");
          await tx.executeSql("update seats set seat_count = 12 where organization_id = 'org_1'", []);
        }),
      );
      assert.deepEqual([serialization.kind, serialization.code], ['conflict', '40001']);

      assert.deepEqual(await deadlock(database, server.pool), ['conflict', '40P01']);

      await server.pool.query(
        `alter database ${new URL(server.url).pathname.slice(1)} set default_transaction_read_only = on`,
      );
    } finally {
      await end();
    }
    const readOnly = open(server.url);
    try {
      const refused = await failureOf(readOnly.database.executeSql(insert, ['org_3', 1]));
      assert.deepEqual([refused.kind, refused.code], ['rejected', '25006']);
    } finally {
      await readOnly.end();
    }
  });

  test(`a transaction goes on with what was committed while it waited, whatever the default of the database: ${source}`, async () => {
    await using server = await testDatabase({ template: 'empty' });
    await server.pool.query(`${table}; insert into seats values ('org_1', 10)`);
    await server.pool.query(
      `alter database ${new URL(server.url).pathname.slice(1)} set default_transaction_isolation = 'serializable'`,
    );
    const { database, end } = open(server.url);
    const other = await server.pool.connect();
    try {
      await other.query('begin; update seats set seat_count = 11');
      const lock = 'select seat_count from seats for update';
      const reading = database.transaction((tx) => tx.executeSql(lock, []));
      await backendRunning(server.pool, lock, 'transactionid');
      await other.query('commit');
      assert.deepEqual((await reading).rows, [{ seat_count: 11 }]);
    } finally {
      other.release(true);
      await end();
    }
  });

  test(`a backend terminated in the middle of a statement leaves its outcome unknown: ${source}`, async () => {
    await using server = await testDatabase({ template: 'empty' });
    const { database, end } = open(server.url);
    try {
      const failing = failureOf(database.executeSql("select pg_sleep(60), 'terminated'", []));
      const pid = await backendRunning(server.pool, "select pg_sleep(60), 'terminated'");
      await server.pool.query('select pg_terminate_backend($1)', [pid]);
      assert.equal((await failing).kind, 'unknown');
      assert.deepEqual((await database.executeSql('select 1 as one', [])).rows, [{ one: 1 }], 'the next one works');
    } finally {
      await end();
    }
  });

  test(`a backend terminated inside its commit leaves the transaction unknown: ${source}`, async () => {
    await using server = await testDatabase({ template: 'empty' });
    await server.pool.query(`${table};
      create function wait_in_commit() returns trigger language plpgsql as $$ begin perform pg_sleep(60); return null; end $$;
      create constraint trigger wait_in_commit after insert on seats deferrable initially deferred
        for each row execute function wait_in_commit();`);
    const { database, end } = open(server.url);
    try {
      const failing = failureOf(database.transaction((tx) => tx.executeSql(insert, ['org_1', 1])));
      const pid = await backendRunning(server.pool, 'commit', 'PgSleep');
      await server.pool.query('select pg_terminate_backend($1)', [pid]);
      assert.equal((await failing).kind, 'unknown');
    } finally {
      await end();
    }
  });

  test(`a backend terminated before the commit leaves nothing in doubt: ${source}`, async () => {
    await using server = await testDatabase({ template: 'empty' });
    await server.pool.query(table);
    const { database, end } = open(server.url);
    try {
      const failure = await failureOf(
        database.transaction(async (tx) => {
          await tx.executeSql(insert, ['org_1', 1]);
          const { rows } = await tx.executeSql('select pg_backend_pid() as pid', []);
          await server.pool.query('select pg_terminate_backend($1, 5000)', [rows[0]?.pid]);
          await tx.executeSql(count, []);
        }),
      );
      assert.equal(failure.kind, 'never_sent');
      assert.deepEqual((await database.executeSql(count, [])).rows, [{ n: 0 }]);
    } finally {
      await end();
    }
  });

  test(`a backend terminated while its transaction waits for something else ends neither the process nor the truth: ${source}`, async () => {
    await using server = await testDatabase({ template: 'empty' });
    await server.pool.query(table);
    const { database, end } = open(server.url);
    try {
      const failure = await failureOf(
        database.transaction(async (tx) => {
          await tx.executeSql(insert, ['org_1', 1]);
          const { rows } = await tx.executeSql('select pg_backend_pid() as pid', []);
          await server.pool.query('select pg_terminate_backend($1, 5000)', [rows[0]?.pid]);
          // Long enough for the client to hear of it while no statement is under way.
          await server.pool.query('select pg_sleep(0.2)');
          await tx.executeSql(insert, ['org_2', 1]);
        }),
      );
      assert.equal(failure.kind, 'never_sent');
      assert.deepEqual((await database.executeSql(count, [])).rows, [{ n: 0 }]);
    } finally {
      await end();
    }
  });

  test(`a commit whose answer is lost is unknown, and it is there: ${source}`, async () => {
    await using server = await testDatabase({ template: 'empty' });
    await server.pool.query(table);
    await using proxy = await cuttingProxy(server.url);
    const { database, end } = open(proxy.url);
    try {
      await database.executeSql(count, []);
      const lost = proxy.swallowAnswers();
      // Parameters would be described first by one client; this is about the commit.
      const failing = failureOf(database.executeSql("insert into seats values ('org_1', 1)", []));
      await lost;
      proxy.cut();
      assert.equal((await failing).kind, 'unknown');
      assert.equal((await server.pool.query(count)).rows[0].n, 1);
    } finally {
      await end();
    }
  });

  test(`a constraint that speaks at the commit refuses all of it: ${source}`, async () => {
    await using server = await testDatabase({ template: 'empty' });
    await server.pool.query(`${table}; create table holders (
      organization_id text constraint of_an_organization references seats deferrable initially deferred)`);
    const { database, end } = open(server.url);
    try {
      const inTransaction = await failureOf(
        database.transaction((tx) => tx.executeSql('insert into holders values ($1)', ['nobody'])),
      );
      assert.deepEqual([inTransaction.kind, inTransaction.constraint], ['constraint', 'of_an_organization']);
      const alone = await failureOf(database.executeSql('insert into holders values ($1)', ['nobody']));
      assert.deepEqual([alone.kind, alone.constraint], ['constraint', 'of_an_organization']);
    } finally {
      await end();
    }
  });

  test(`a transaction that swallowed a statement's error does not pass for committed: ${source}`, async () => {
    await using server = await testDatabase({ template: 'empty' });
    await server.pool.query(table);
    const { database, end } = open(server.url);
    try {
      const failure = await failureOf(
        database.transaction(async (tx) => {
          await tx.executeSql(insert, ['org_1', 1]);
          await assert.rejects(tx.executeSql('select 1 / 0', []));
        }),
      );
      assert.equal(failure.kind, 'rejected');
      assert.deepEqual((await database.executeSql(count, [])).rows, [{ n: 0 }]);
    } finally {
      await end();
    }
  });

  test(`a statement that takes too long is given up on and unknown: ${source}`, async () => {
    await using server = await testDatabase({ template: 'empty' });
    // Time enough for the statement after it, which makes a connection, on a machine that is busy.
    const { database, end } = open(server.url, { statementTimeoutMs: 1_000 });
    try {
      const failure = await failureOf(database.executeSql('select pg_sleep(60)', []));
      assert.equal(failure.kind, 'unknown');
      assert.match(failure.message, /did not answer within 1000 ms/);
      assert.deepEqual((await database.executeSql('select 1 as one', [])).rows, [{ one: 1 }]);
    } finally {
      await end();
    }
  });

  test(`a server that stops, refuses, is full, crashes and comes back: ${source}`, async () => {
    await using server = await privatePostgres({
      template: 'empty',
      settings: { max_connections: 6, superuser_reserved_connections: 0, reserved_connections: 0 },
    });
    const { database, end } = open(server.url, { maxConnections: 2 });
    const others: pg.Client[] = [];
    try {
      await database.executeSql(table, []);

      // Stopped: idle connections die under us, and new ones are refused.
      await server.stop();
      let failure = await failureOf(database.executeSql(insert, ['org_1', 1]));
      // The first one may still be tried on the connection that has just died.
      if (failure.kind === 'unknown') failure = await failureOf(database.executeSql(insert, ['org_1', 1]));
      assert.deepEqual([failure.kind, failure.code], ['never_sent', 'ECONNREFUSED']);
      assert.equal((await failureOf(database.transaction(async () => 'never'))).kind, 'never_sent');
      await server.restart();
      await untilItAnswers(database);

      // Full: all connections are somebody else's.
      await server.restart();
      for (let i = 0; i < 20; i += 1) {
        const other = new pg.Client({ connectionString: server.url });
        other.on('error', () => undefined);
        try {
          await other.connect();
          others.push(other);
        } catch {
          break;
        }
      }
      failure = await failureOf(database.executeSql(insert, ['org_1', 1]));
      if (failure.code !== '53300') failure = await failureOf(database.executeSql(insert, ['org_1', 1]));
      assert.deepEqual([failure.kind, failure.code], ['never_sent', '53300']);
      await Promise.all(others.splice(0).map((other) => other.end()));
      await untilItAnswers(database);

      // Killed in the middle of a statement.
      const watcher = poolThatMayBeCut(server.url, 1);
      watcher.on('error', () => undefined);
      const failing = failureOf(database.executeSql("select pg_sleep(60), 'killed'", []));
      await backendRunning(watcher, "select pg_sleep(60), 'killed'");
      await server.crash('sigkill');
      await watcher.end();
      assert.equal((await failing).kind, 'unknown');
      await server.restart();
      await untilItAnswers(database);
      assert.deepEqual((await database.executeSql(count, [])).rows, [{ n: 0 }]);
    } finally {
      await Promise.all(others.map((other) => other.end()));
      await end();
    }
  });
}

for (const source of ['a connection string', 'a pg pool']) {
  test(`no free connection is an error that says so, and the statement was never sent: ${source}`, async () => {
    await using server = await testDatabase({ template: 'empty' });
    const { database, end } = (sources[source] as (typeof sources)[string])(server.url, {
      maxConnections: 1,
      // A busy machine takes a while for the connection that is there.
      connectTimeoutMs: 1_000,
    });
    try {
      await database.transaction(async () => {
        const failure = await failureOf(database.executeSql('select 1', []));
        assert.equal(failure.kind, 'never_sent');
        assert.match(failure.message, /connect/);
      });
      assert.deepEqual((await database.executeSql('select 1 as one', [])).rows, [{ one: 1 }], 'nothing leaked');
    } finally {
      await end();
    }
  });
}

test('a statement that was not awaited cannot run after its transaction', async () => {
  await using server = await testDatabase({ template: 'empty' });
  const database = databaseOf(server.url);
  try {
    let late: (() => Promise<unknown>) | null = null;
    await database.transaction(async (tx) => {
      late = () => tx.executeSql('select 1', []);
    });
    assert.ok(late);
    await assert.rejects((late as () => Promise<unknown>)(), /This transaction is over/);
  } finally {
    await database.close();
  }
});

test('a pool of ours that two handlers of a signal end at once is ended for both', async () => {
  await using server = await testDatabase({ template: 'empty' });
  const database = databaseOf(server.url);
  const began = Promise.withResolvers<void>();
  const ends = Promise.withResolvers<void>();
  const working = database.transaction(async () => {
    began.resolve();
    await ends.promise;
  });
  await began.promise;
  const closed = Promise.allSettled([database.close(), database.close()]);
  ends.resolve();
  await working;
  assert.deepEqual(
    (await closed).map(({ status }) => status),
    ['fulfilled', 'fulfilled'],
  );
  await database.close();
});

test('an idle connection that breaks is heard of and ends nothing', async () => {
  await using server = await testDatabase({ template: 'empty' });
  const heard = Promise.withResolvers<Error>();
  const database = databaseOf(server.url, { onIdleError: heard.resolve });
  try {
    const { rows } = await database.executeSql('select pg_backend_pid() as pid', []);
    await server.pool.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
    assert.match((await heard.promise).message, /terminat/);
    assert.deepEqual((await database.executeSql('select 1 as one', [])).rows, [{ one: 1 }]);
  } finally {
    await database.close();
  }
});

test("a host's pool is left open and gets no listeners of ours", async () => {
  await using server = await testDatabase({ template: 'empty' });
  const pool = new pg.Pool({ connectionString: server.url });
  const database = databaseOf(pool);
  await database.executeSql('select 1', []);
  assert.equal(pool.listenerCount('error'), 0);
  await database.close();
  assert.deepEqual((await pool.query('select 1 as one')).rows, [{ one: 1 }]);
  assert.equal(pool.listenerCount('error'), 0);
  // `end` resolves while the connection is still closing, and the database is dropped then.
  pool.on('error', () => {});
  await pool.end();
});

test('a connection that ends in the moment it is lent fails its statement, and not the process', async () => {
  await using server = await testDatabase({ template: 'empty' });
  const pool = poolThatMayBeCut(server.url, 1);
  const database = databaseOf(pool);
  await database.executeSql('select 1', []);
  pool.once('acquire', (client) => {
    const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
    stream.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
  });
  await assert.rejects(database.executeSql('select 2', []), DatabaseError);
  assert.deepEqual((await database.executeSql('select 3 as three', [])).rows, [{ three: 3 }], 'the next one is fresh');
  await pool.end();
});

/** Two transactions take two rows in opposite order; the server lets one go. Answers what the engine's one, or the other, was told. */
async function deadlock(database: Database, pool: pg.Pool): Promise<[string, string | null]> {
  const first = await pool.connect();
  try {
    await first.query(
      "begin; set local deadlock_timeout = '1h'; update seats set seat_count = 1 where organization_id = 'org_1'",
    );
    const failing = failureOf(
      database.transaction(async (tx) => {
        await tx.executeSql("set local deadlock_timeout = '50ms'", []);
        await tx.executeSql("update seats set seat_count = 2 where organization_id = 'org_2'", []);
        // Cut off at the end of this test, whichever of the two the server lets go.
        const blocked = "update seats set seat_count = 1 where organization_id = 'org_2'";
        first.query(blocked).catch(() => undefined);
        // The other one waits first and looks for deadlocks in an hour, so this one, which waits last, finds it.
        await backendRunning(pool, blocked, 'transactionid');
        await tx.executeSql("update seats set seat_count = 2 where organization_id = 'org_1'", []);
      }),
    );
    const { kind, code } = await failing;
    return [kind, code];
  } finally {
    first.release(true);
  }
}

/** The server is back; connections of before may each fail once. */
async function untilItAnswers(database: Database): Promise<void> {
  for (let tries = 0; tries < 20; tries += 1) {
    try {
      await database.executeSql('select 1', []);
      return;
    } catch (error) {
      assert.ok(error instanceof DatabaseError);
    }
  }
  assert.fail('The database did not come back.');
}
