/** Accounts of two seat types on two items of one subscription: their pushes take turns, and nobody hears of a failure. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { moveStoredTimes } from '@seatbelt/dev/move-stored-times';
import { databaseOf } from '../src/db/executor.ts';
import { Lane } from '../src/lane.ts';
import { postgresStore } from '../src/store/postgres-store.ts';
import { addItem, eventually, type Product, product } from './product.ts';

const paidFirst = {
  increase: { prorationBehavior: 'always_invoice', paymentBehavior: 'pending_if_incomplete' },
} as const;

async function shopWithViewers() {
  const shop = await product({ seats: 10, used: 10, link: { terms: paidFirst } });
  const item = await addItem(shop, shop.subscription);
  const viewers = shop.another({ seatType: 'viewer' });
  await viewers.link(shop.organization, { subscription: shop.subscription, item, used: 5 });
  return Object.assign(shop, {
    viewers,
    viewerQuantity: async () => (await shop.stripe.subscriptionItems.retrieve(item)).quantity,
  });
}

/** One type waits for its payment, so its push is open for as long as it takes. */
async function waitsForPayment(shop: Product): Promise<void> {
  shop.sim.admin.breakCard(String(shop.sim.truth().subscriptions[0]?.customer));
  assert.equal((await shop.seatbelt.add(shop.organization, 1)).status, 'awaiting_payment');
}

test('while one type waits for its payment the other one is accepted, waits, and is told to Stripe after it', async () => {
  await using shop = await shopWithViewers();
  await waitsForPayment(shop);
  const bought = await shop.viewers.set(shop.organization, 8, { waitMs: 300 });
  assert.deepEqual([bought.success, bought.status], [null, 'requested']);
  const { account } = await shop.viewers.inspect(shop.organization);
  assert.deepEqual([account.push, account.seatCount], [null, 8]);
  assert.ok(account.dueAt !== null && account.dueAt > 0, 'somebody comes for it again');
  const [waiting] = (await shop.seatbelt.changes(shop.organization)).changes;
  await shop.seatbelt.cancel(shop.organization, waiting?.id ?? '');
  await eventually('both are through', shop.viewers, async () => {
    await moveStoredTimes(shop.pool, shop.organization, 5_000);
    const { pending } = await shop.viewers.seats(shop.organization);
    return pending === null && (await shop.seatbelt.seats(shop.organization)).pending === null;
  });
  assert.equal(await shop.viewerQuantity(), 8);
  assert.equal(shop.sim.truth().violations.length, 0);
});

test('in a transaction of the host the other type is written too, and the host can commit', async () => {
  await using shop = await shopWithViewers();
  await waitsForPayment(shop);
  const host = await shop.pool.connect();
  await host.query('begin');
  const { change } = await shop.viewers.set(shop.organization, 8, { db: host });
  await host.query('commit');
  host.release();
  const { rows } = await shop.pool.query('select status from seatbelt.seat_changes where id = $1', [change.id]);
  assert.deepEqual(rows, [{ status: 'requested' }]);
});

test('terms that bill another quantity are refused meanwhile, in words', async () => {
  await using shop = await shopWithViewers();
  await waitsForPayment(shop);
  await assert.rejects(shop.viewers.changeTerms(shop.organization, { includedSeats: 1 }), {
    code: 'too_many_pending',
    message: /another type/,
  });
});

for (const lost of [0, 2, 3]) {
  test(`it is found out also after ${lost} commits that somebody else was faster with`, async () => {
    await using shop = await shopWithViewers();
    await waitsForPayment(shop);
    const database = databaseOf(shop.databaseUrl);
    const real = postgresStore(database);
    let commits = 0;
    const lane = new Lane(
      {
        store: {
          ...real,
          async commit(...said) {
            commits += 1;
            const faster = `update seatbelt.accounts set version = version + 1 where seat_type = 'viewer'`;
            if (commits <= lost) await shop.pool.query(faster);
            return real.commit(...said);
          },
        },
        newId: randomUUID,
        monotonicNow: () => performance.now(),
        owner: randomUUID(),
        committed: () => {},
      },
      { organization: shop.organization, seatType: 'viewer' },
    );
    const names = { changeId: randomUUID(), idempotencyKey: null, actor: 'ada', reason: null };
    const { change } = await lane.request({ ...names, type: 'set', seats: 8 });
    assert.equal(change?.status, 'requested');
    assert.ok(commits >= lost);
    await database.close();
  });
}
