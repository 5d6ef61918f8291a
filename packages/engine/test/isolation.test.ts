/** A database whose transactions see, by default, only what was there when they began (`default_transaction_isolation`). */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { testDatabase } from '@seatbelt/dev/test-database';
import type pg from 'pg';
import { policy } from '../src/core/policy.ts';
import { DatabaseError, databaseOf } from '../src/db/executor.ts';
import { Lane } from '../src/lane.ts';
import { StripeTurns } from '../src/rate/stripe-turns.ts';
import { migrate } from '../src/store/migrate.ts';
import { postgresStore } from '../src/store/postgres-store.ts';
import type { Store } from '../src/store/store.ts';
import { product } from './product.ts';

/** For connections that are made from now on. */
async function seeOnlyWhatWasThere(pool: pg.Pool): Promise<void> {
  await pool.query(`do $$ begin
    execute format('alter database %I set default_transaction_isolation = %L', current_database(), 'repeatable read');
  end $$`);
}

/** Waits, by asking the server, until so many statements with that text wait for a lock. */
async function waitingForLock(pool: pg.Pool, text: string, statements = 1): Promise<void> {
  for (let asked = 0; asked < 5_000; asked += 1) {
    const { rows } = await pool.query<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and wait_event_type = 'Lock' and query like $1`,
      [`%${text}%`],
    );
    if ((rows[0]?.n ?? 0) >= statements) return;
  }
  assert.fail(`Nothing waits for a lock: ${text}`);
}

/** Holds what `statement` takes until the one who waits for it is there, and commits then. */
async function heldUntilWaitedFor<T>(pool: pg.Pool, statement: string, by: string, work: () => Promise<T>): Promise<T> {
  const holder = await pool.connect();
  try {
    await holder.query('begin');
    await holder.query(statement);
    const working = work();
    // Whoever fails is heard of below.
    working.catch(() => undefined);
    await waitingForLock(pool, by);
    await holder.query('commit');
    return await working;
  } finally {
    holder.release(true);
  }
}

describe('where a transaction sees, by default, only what was there when it began', () => {
  test('two processes that migrate at once wait for each other', async () => {
    await using server = await testDatabase({ template: 'empty' });
    await seeOnlyWhatWasThere(server.pool);
    const databases = [databaseOf(server.url), databaseOf(server.url)];
    const holder = await server.pool.connect();
    try {
      await holder.query(`begin; select pg_advisory_xact_lock(hashtext('seatbelt.migrations'))`);
      const migrating = Promise.all(databases.map((database) => migrate(database)));
      migrating.catch(() => undefined);
      await waitingForLock(server.pool, 'pg_advisory_xact_lock', 2);
      await holder.query('commit');
      const ran = (await migrating).map(({ ran }) => ran.length).sort((a, b) => a - b);
      assert.equal(ran[0], 0, 'who waited found it done');
      assert.ok((ran[1] ?? 0) > 0);
    } finally {
      holder.release(true);
      await Promise.all(databases.map((database) => database.close()));
    }
  });

  /** A lane that loses every race before it locks the row. */
  function losing(shop: Awaited<ReturnType<typeof product>>, more: (store: Store) => Partial<Store>) {
    const database = databaseOf(shop.databaseUrl);
    const store = postgresStore(database);
    let races: number = policy.conflictsBeforeLock;
    const lane = new Lane(
      {
        store: {
          ...store,
          async commit(before, decision, lease) {
            if (races > 0) await shop.pool.query('update seatbelt.accounts set version = version + 1');
            races -= 1;
            return store.commit(before, decision, lease);
          },
          ...more(store),
        },
        newId: randomUUID,
        monotonicNow: () => performance.now(),
        owner: randomUUID(),
        committed: () => undefined,
      },
      { organization: shop.organization, seatType: 'seat' },
    );
    const assign = () =>
      lane.request({
        idempotencyKey: null,
        actor: 'host',
        reason: null,
        changeId: randomUUID(),
        type: 'assign',
        quantity: 1,
      });
    return { database, assign };
  }

  test('a change that locks the row after lost races goes on with what the last one left', async () => {
    await using shop = await product({ seats: 10, used: 7 });
    await seeOnlyWhatWasThere(shop.pool);
    const { database, assign } = losing(shop, (store) => ({
      locked: (key, work) =>
        heldUntilWaitedFor(shop.pool, 'update seatbelt.accounts set version = version + 1', 'for update', () =>
          store.locked(key, work),
        ),
    }));
    try {
      assert.equal((await assign()).state.account.assigned, 8);
    } finally {
      await database.close();
    }
  });

  test('a deadlock while the row is locked is one more try, and not the end of the change', async () => {
    await using shop = await product({ seats: 10, used: 7 });
    let deadlocks = 1;
    const { database, assign } = losing(shop, (store) => ({
      async locked(key, work) {
        deadlocks -= 1;
        if (deadlocks < 0) return store.locked(key, work);
        throw new DatabaseError({ kind: 'conflict', code: '40P01', constraint: null, message: 'deadlock' }, null);
      },
    }));
    try {
      assert.equal((await assign()).state.account.assigned, 8);
    } finally {
      await database.close();
    }
  });

  test('turns at Stripe are taken after those who took theirs meanwhile, at the full rate', async () => {
    await using shop = await product();
    await seeOnlyWhatWasThere(shop.pool);
    const database = databaseOf(shop.databaseUrl);
    const said: string[] = [];
    const hear = (_fields: object, message: string) => void said.push(message);
    const turns = new StripeTurns({
      database,
      requestsPerSecond: async () => 100,
      logger: { debug: hear, info: hear, warn: hear, error: hear, fatal: hear },
      pause: async () => undefined,
      monotonicNow: () => performance.now(),
      closing: () => false,
    });
    try {
      const granted = await heldUntilWaitedFor(
        shop.pool,
        'update seatbelt.stripe_rate set minute = minute',
        'seatbelt.take_turns',
        () => turns.turn('interactive', 10_000),
      );
      assert.equal(granted, true);
      assert.deepEqual(said, []);
    } finally {
      await database.close();
    }
  });
});
