/** A transaction that nobody ends holds an account's row: what waits for it is given up by the server, not only by us. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { testDatabase } from '@seatbelt/dev/test-database';
import type Stripe from 'stripe';
import { DatabaseError, databaseOf } from '../src/db/executor.ts';
import { DatabaseUnavailable } from '../src/failures.ts';
import { pauseInstallation } from '../src/store/installation.ts';
import { markAccount, receiveEvent } from '../src/store/marks.ts';
import { postgresStore } from '../src/store/postgres-store.ts';
import { type Product, product } from './product.ts';

const key = { organization: 'acme', seatType: 'seat' };
const owner = randomUUID();

const event = {
  id: 'evt_held',
  type: 'customer.subscription.updated',
  subscription: 'sub_acme',
  customer: null,
  items: [],
  requestId: null,
  key: null,
  push: null,
  createdAt: null,
};

/** A decision that writes the account as it is. */
const unchanged = {
  records: {
    changes: [],
    holders: new Map(),
    pushesOpened: [],
    pushesEnded: [],
    incidents: [],
    audit: [],
    events: [],
  },
  effect: { type: 'none' },
  changed: true,
  change: null,
} as const;

for (const version of [18, 15] as const) {
  test(`the server gives up each statement that waits for a row that is held: PostgreSQL ${version}`, async () => {
    await using home = await testDatabase({ version });
    await home.pool.query(
      `insert into seatbelt.accounts (organization_id, seat_type, terms, settled_seats, seat_count, due_at, subscription_id,
                                      subscription_item_id, customer_id, lease_owner, lease_until, parked_changes)
       values ('acme', 'seat', '{}', 10, 10, now(), 'sub_acme', 'si_acme', 'cus_acme', $1, now(), 1)`,
      [owner],
    );
    await home.pool.query(`insert into seatbelt.installation (environment, livemode) values ('test', false)`);
    // Longer than any wait for a row, so that it is the server that gives up first, however slow this machine is.
    const database = databaseOf(home.url, { statementTimeoutMs: 30_000 });
    const store = postgresStore(database);
    const state = await store.load(key, { keys: [], holders: [] });
    assert.ok(state);
    const decision = { ...unchanged, state };
    const host = await home.pool.connect();
    await host.query('begin');
    await host.query('select 1 from seatbelt.accounts for update');

    const told = await Promise.all(
      Object.entries({
        commit: store.commit(state, decision, { type: 'keep' }),
        locked: store.locked(key, async () => 'had it'),
        claim: store.claim(key, owner, 1_000),
        release: store.release(key, owner).then(() => 'released'),
        mark: markAccount(database, key.organization, key.seatType),
        receive: receiveEvent(database, event, { onlyNew: false, noteUnlinked: false }),
        // One row that is held must not keep all the others locked.
        resume: pauseInstallation(database, { paused: false, actor: 'ops', reason: null }),
      }).map(async ([name, statement]) => {
        const failure = await statement.then(
          (done) => `done: ${JSON.stringify(done)}`,
          (error: unknown) => (error instanceof DatabaseError ? error.failure : error),
        );
        return [name, typeof failure === 'object' && failure !== null && 'code' in failure ? failure.code : failure];
      }),
    );
    const { rows } = await home.pool.query(
      `select query from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    await host.query('rollback');
    host.release();
    assert.deepEqual(
      Object.fromEntries(told),
      Object.fromEntries(
        ['commit', 'locked', 'claim', 'release', 'mark', 'receive', 'resume'].map((name) => [name, '55P03']),
      ),
    );
    assert.deepEqual(rows, [], 'a backend still waits');
    assert.deepEqual(await store.load(key, { keys: [], holders: [] }).then((after) => after?.account), state.account);
    await database.close();
  });
}

test('a commit that waits for the end of a pause of everything is decided again, and the end waits for one that came first', async () => {
  await using shop = await product({ seats: 10, used: 10, link: { terms: { mode: 'follow' } } });
  const database = databaseOf(shop.databaseUrl);
  const store = postgresStore(database);
  const account = { organization: shop.organization, seatType: 'seat' };
  await shop.seatbelt.pause(null, { reason: 'moving' });
  const state = await store.load(account, { keys: [], holders: [] });
  assert.ok(state?.pauseRead);

  // What ending the pause does, with its commit still to come.
  const other = await shop.pool.connect();
  await other.query('begin');
  await other.query('update seatbelt.installation set paused_reason = null');
  const written = store.commit(state, { ...unchanged, state }, { type: 'keep' });
  await waitsForARow(shop);
  await other.query('commit');
  assert.equal(await written, 'conflict');

  // A host frees a seat in the pause, and its transaction goes on while an operator ends the pause.
  for (const isolation of ['read committed', 'repeatable read', 'serializable']) {
    await shop.seatbelt.pause(null, { reason: 'moving' });
    await other.query(`begin isolation level ${isolation}`);
    await shop.seatbelt.release(shop.organization, 1, { db: other });
    const resumed = shop.seatbelt.resume(null);
    await waitsForARow(shop);
    await other.query('commit');
    await resumed;
    const after = await store.load(account, { keys: [], holders: [] });
    assert.ok(after && !after.pauseRead && after.waiting.length > 0);
    assert.notEqual(after.account.dueAt, null, 'somebody comes for what waits');
  }

  // A picture from the pause is no word on what is so after it.
  await shop.seatbelt.pause(null, { reason: 'moving' });
  await other.query('begin isolation level repeatable read');
  await other.query('select 1');
  await shop.seatbelt.resume(null);
  await assert.rejects(shop.seatbelt.release(shop.organization, 1, { db: other }));
  await other.query('rollback');
  other.release();
  await database.close();
});

/** Resolves when a statement waits for a row that another transaction holds. */
async function waitsForARow({ pool }: Product): Promise<void> {
  for (;;) {
    const { rowCount } = await pool.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    if (rowCount === 1) return;
  }
}

test('who asks for seats while the row is held hears that nothing was written, a webhook fails, and nothing comes later', async () => {
  await using shop = await product({ seats: 10, used: 7 });
  const host = await shop.pool.connect();
  await host.query('begin');
  await shop.seatbelt.add(shop.organization, 1, { db: host });
  const { rows } = await host.query(`select current_setting('lock_timeout') as patience`);
  assert.deepEqual(rows, [{ patience: '0' }], "the host's transaction has the patience that the host gave it");

  const webhook = {
    id: 'evt_held',
    object: 'event',
    type: 'customer.subscription.updated',
    created: 1_700_000_000,
    data: { object: { object: 'subscription', id: shop.subscription, items: { data: [] } } },
    request: null,
  } as unknown as Stripe.Event;
  const [asked, received] = await Promise.allSettled([
    shop.seatbelt.set(shop.organization, 12),
    shop.seatbelt.receive(webhook),
  ]);
  const waiting = await shop.pool.query(
    `select query from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
  await host.query('rollback');
  host.release();
  assert.equal(received.status, 'rejected');
  assert.ok(asked.status === 'rejected' && asked.reason instanceof DatabaseUnavailable, String(asked.status));
  assert.match(asked.reason.message, /Nothing was written and Stripe was not called/);
  assert.deepEqual(waiting.rows, [], 'a backend still waits');
  const { rows: after } = await shop.pool.query('select seat_count, marks::int from seatbelt.accounts');
  assert.deepEqual(after, [{ seat_count: 10, marks: 0 }]);
});
