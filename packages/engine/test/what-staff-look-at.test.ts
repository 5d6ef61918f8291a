import assert from 'node:assert/strict';
import { test } from 'node:test';
import type pg from 'pg';
import { policy } from '../src/core/policy.ts';
import { executorOf } from '../src/db/executor.ts';
import { loadPage } from '../src/store/load-page.ts';
import { readOverview } from '../src/store/overview.ts';
import { readPulse } from '../src/store/pulse.ts';
import { readTotals } from '../src/store/totals.ts';
import { readWrongThen } from '../src/store/wrong-then.ts';
import { type Product, product } from './product.ts';

const atRest = 20_000;
const page = { after: null, limit: 500 } as const;

/** Copies of one organization at rest, each with one change and one push that ended a month ago. */
async function fill({ pool, organization }: Product, count: number): Promise<void> {
  await pool.query(
    `insert into seatbelt.accounts
     select copy.* from seatbelt.accounts a, generate_series(1, $2::int) as n,
            jsonb_populate_record(a, jsonb_build_object('organization_id', 'rest_' || n, 'customer_id', 'cus_' || n,
              'subscription_id', 'sub_' || n, 'subscription_item_id', 'si_' || n, 'due_at', null)) as copy
      where a.organization_id = $1`,
    [organization, count],
  );
  for (const [table, key] of [
    ['seat_changes', 'requested_at'],
    ['pushes', 'intended_at'],
  ] as const) {
    await pool.query(
      `insert into seatbelt.${table}
       select copy.* from (select t from seatbelt.${table} t where organization_id = $1 limit 1) as one,
              generate_series(1, $2::int) as n,
              jsonb_populate_record(one.t, jsonb_build_object('id', gen_random_uuid(), 'organization_id', 'rest_' || n,
                '${key}', now() - interval '30 days', 'ended_at', now() - interval '30 days')
                || case when '${table}' = 'pushes' then jsonb_build_object('subscription_id', 'sub_' || n) else '{}' end) as copy`,
      [organization, count],
    );
  }
  await pool.query('vacuum analyze');
}

/** How many rows of each table a piece of work read by looking through all of it, as PostgreSQL counts them. */
async function readByScanning(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<unknown>) {
  const client = await pool.connect();
  try {
    // What this connection has read within the last second is not handed in yet, and would count here as well.
    await client.query('select pg_stat_force_next_flush()');
    await client.query('begin');
    await work(client);
    const { rows } = await client.query<{ relname: string; rows: number }>(
      `select relname, (seq_tup_read + coalesce(idx_tup_fetch, 0))::int as rows
         from pg_stat_xact_user_tables where schemaname = 'seatbelt' and seq_tup_read + coalesce(idx_tup_fetch, 0) > 0`,
    );
    await client.query('commit');
    return new Map(rows.map(({ relname, rows: read }) => [relname, read]));
  } finally {
    client.release();
  }
}

test('what is open, what went through and what was wrong are found without reading what is at rest', async () => {
  await using shop = await product({ seats: 10, used: 7 });
  await shop.seatbelt.set(shop.organization, 12);
  await fill(shop, atRest);
  // One of them is held, so that there is something to find.
  shop.sim.admin.foreignQuantityChange({
    subscription: shop.subscription,
    item: shop.item,
    quantity: 15,
    by: 'dashboard',
  });
  await shop.seatbelt.mark(shop.organization);
  await shop.seatbelt.advance(shop.organization);

  const open = await readByScanning(shop.pool, async (client) => {
    const states = await loadPage(executorOf(client), 'seat', { ...page, onlyOpen: true });
    assert.deepEqual(
      states.map(({ account }) => [account.organization, account.status]),
      [[shop.organization, 'held']],
    );
  });
  assert.ok((open.get('accounts') ?? 0) < 100, `the open accounts read ${open.get('accounts')} accounts`);

  const pulse = await readByScanning(shop.pool, async (client) => {
    const { changesLastHour, pushesLastDay, busiestSubscription } = await readPulse(executorOf(client), 'seat', 15_000);
    assert.deepEqual([changesLastHour.ended, pushesLastDay.ended], [1, 1]);
    assert.deepEqual(busiestSubscription, { organization: shop.organization, pushes: 1 });
  });
  const then = await readByScanning(shop.pool, (client) => readWrongThen(executorOf(client), 'seat', 900, 100));
  for (const [what, read] of [
    ['the pulse', pulse],
    ['what was wrong', then],
  ] as const) {
    for (const table of ['seat_changes', 'pushes', 'audit', 'accounts']) {
      assert.ok((read.get(table) ?? 0) < 100, `${what} read ${read.get(table)} rows of ${table}`);
    }
  }

  // The overview reads all accounts for its totals only, and not again by whoever has them.
  const fresh = await readByScanning(shop.pool, async (client) => {
    const overview = await readOverview(executorOf(client), 'seat', 60_000);
    assert.deepEqual(
      [overview.accounts.total, overview.accounts.held, overview.incidents.act, overview.seats.settled],
      [atRest + 1, 1, 1, 12 * (atRest + 1)],
    );
  });
  assert.ok((fresh.get('accounts') ?? 0) < atRest + 100, `the overview read ${fresh.get('accounts')} accounts`);
});

test('an account that is open in any way is on the page of open ones', async () => {
  await using shop = await product({ seats: 10, used: 7 });
  const { pool, organization } = shop;
  const listed = async () =>
    (await loadPage(executorOf(pool), 'seat', { ...page, onlyOpen: true })).map(({ account }) => account.organization);
  await pool.query('update seatbelt.accounts set due_at = null');
  assert.deepEqual(await listed(), []);
  await shop.seatbelt.pause(organization, { actor: 'staff', reason: 'A call.' });
  assert.deepEqual(await listed(), [organization]);
  await shop.seatbelt.resume(organization, { actor: 'staff', reason: 'It is over.' });
  await pool.query('update seatbelt.accounts set due_at = null');
  assert.deepEqual(await listed(), []);
  await shop.seatbelt.mark(organization);
  assert.deepEqual(await listed(), [organization]);
  // More seats in use than are paid for: found by a look, kept as an incident, listed until they fit.
  shop.sim.admin.foreignQuantityChange({ subscription: shop.subscription, item: shop.item, quantity: 5, by: 'portal' });
  await shop.seatbelt.advance(organization);
  await shop.seatbelt.resolve(organization, { by: 'stripe', actor: 'staff', reason: 'They meant it.' });
  const { account } = await shop.seatbelt.inspect(organization);
  assert.deepEqual([account.status, account.settledSeats], ['active', 5]);
  await pool.query('update seatbelt.accounts set due_at = null');
  assert.deepEqual(await listed(), [organization]);
});

test('the totals are of now, and of the last minute where there are very many accounts', async () => {
  await using shop = await product({ seats: 10, used: 7 });
  await shop.seatbelt.set(shop.organization, 12);
  const db = executorOf(shop.pool);
  assert.equal((await readTotals(db, 'seat')).accounts, 1);
  await fill(shop, 10);
  assert.equal((await readTotals(db, 'seat')).accounts, 11);

  // As if they were many: the answer of the database says so, and is kept.
  let asked = 0;
  const many = {
    executeSql: async () => {
      asked += 1;
      const accounts = String(policy.totalsKeptFromAccounts);
      return {
        rows: [
          { counted_at: '1', accounts, ended: '0', without_subscription: '0', purchased: '0', settled: '0', used: '0' },
        ],
        rowCount: 1,
      };
    },
  };
  await Promise.all([readTotals(many, 'seat'), readTotals(many, 'seat')]);
  await readTotals(many, 'seat');
  assert.equal(asked, 1);
  await readTotals(many, 'other');
  assert.equal(asked, 2);
});

test('who was wrong a quarter of an hour ago and is not now is known from the database', async () => {
  await using shop = await product({ seats: 10, used: 7 });
  const { pool, organization, seatbelt } = shop;
  const db = executorOf(pool);
  const then = () => readWrongThen(db, 'seat', 900, 100);
  /** As if everything so far had happened that long ago; incidents and pushes are moved, the trail may not be. */
  const ago = async (interval: string) => {
    await pool.query(`update seatbelt.incidents set opened_at = opened_at - $1::interval`, [interval]);
  };
  shop.sim.admin.foreignQuantityChange({
    subscription: shop.subscription,
    item: shop.item,
    quantity: 15,
    by: 'dashboard',
  });
  await seatbelt.mark(organization);
  await seatbelt.advance(organization);
  assert.equal((await seatbelt.seats(organization)).status, 'held');
  await ago('20 minutes');
  // It is wrong still: that is for whoever reads what is wrong now.
  assert.deepEqual(await then(), []);
  await seatbelt.resolve(organization, { by: 'stripe', actor: 'staff', reason: 'They meant it.' });
  assert.deepEqual(await then(), [organization]);
  await pool.query(`update seatbelt.incidents set closed_at = now() - interval '16 minutes'`);
  assert.deepEqual(await then(), []);
  await assert.rejects(readWrongThen(db, 'seat', 60, 100), RangeError);
});

test('a short doubt that was open then and has healed counts too, and a push that was merely slow does not', async () => {
  await using shop = await product({ seats: 10, used: 7 });
  const { pool, organization, seatbelt, sim } = shop;
  await seatbelt.set(organization, 11);
  const slow = await pool.query(
    `update seatbelt.pushes set intended_at = now() - interval '15 min 10 s', ended_at = now() - interval '14 min 50 s'`,
  );
  assert.equal(slow.rowCount, 1);
  assert.deepEqual(await readWrongThen(executorOf(pool), 'seat', 900, 100), []);
  sim.faults.add({ kind: 'drop_after', match: { route: 'POST /v1/subscriptions/:id' }, times: 1 });
  await seatbelt.set(organization, 13);
  const { rows } = await pool.query<{ id: string }>(`select id from seatbelt.pushes where target_quantity = 13`);
  await pool.query(
    `update seatbelt.pushes set intended_at = now() - interval '15 min 10 s', ended_at = now() - interval '14 min 50 s' where id = $1`,
    [rows[0]?.id],
  );
  // The trail is append-only, so its doubt of just now stands for one of then by being put in as another entry.
  await pool.query(
    `insert into seatbelt.audit (organization_id, seat_type, sequence, entry, hash, push_id)
     select organization_id, seat_type, 1000, jsonb_set(entry::jsonb, '{at}', to_jsonb((now() - interval '15 min 5 s')::text))::text, hash, push_id
       from seatbelt.audit where push_id = $1 and entry::jsonb ->> 'kind' = 'push_in_doubt' limit 1`,
    [rows[0]?.id],
  );
  assert.deepEqual(await readWrongThen(executorOf(pool), 'seat', 900, 100), [organization]);
});
