/** Two programs say something about one organization at the same moment: neither word is lost, and each hears what is so. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LinkedElsewhere } from '../src/failures.ts';
import { addItem, fullDiskWhen, type Product, product } from './product.ts';

/** Both have read before either has written: what they write to is held until both wait for it. */
async function atOnce<T>(
  shop: Product,
  words: () => readonly Promise<T>[],
  held = 'select from seatbelt.accounts for update',
): Promise<PromiseSettledResult<T>[]> {
  const host = await shop.pool.connect();
  try {
    await host.query(`begin; ${held}`);
    const said = words();
    const all = Promise.allSettled(said);
    for (let waiting = 0; waiting < said.length; ) {
      const { rows } = await shop.pool.query(
        `select count(distinct pid)::int as waiting from pg_locks
          where not granted and database = (select oid from pg_database where datname = current_database())
             or not granted and database is null`,
      );
      waiting = rows[0].waiting;
    }
    await host.query('commit');
    return await all;
  } finally {
    host.release();
  }
}

/** Rows can be read, and none can be made. */
const newRows = 'lock table seatbelt.accounts in share mode';

const termsOf = async (shop: Product) => (await shop.seatbelt.inspect(shop.organization)).account.terms;

test('terms: fields that two programs change at once are both changed, the guard among them', async () => {
  await using shop = await product();
  const other = shop.another();
  await other.seats(shop.organization);
  await atOnce(shop, () => [
    shop.seatbelt.changeTerms(shop.organization, { guard: { seatsPerDay: 2 } }),
    other.changeTerms(shop.organization, { guard: { amountPerDay: 100_000_000 } }),
  ]);
  assert.deepEqual((await termsOf(shop)).guard, { seatsPerDay: 2, amountPerDay: 100_000_000 });
});

test('terms: of two that contradict each other one is refused', async () => {
  await using shop = await product();
  const other = shop.another();
  await other.seats(shop.organization);
  const answers = await atOnce(shop, () => [
    shop.seatbelt.changeTerms(shop.organization, { mode: 'follow' }),
    other.changeTerms(shop.organization, { decrease: { when: 'period_end' } }),
  ]);
  const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason.code] : []));
  assert.deepEqual(refused, ['terms_contradict']);
  const { mode, decrease } = await termsOf(shop);
  assert.ok(!(mode === 'follow' && decrease.when === 'period_end'));
});

test('an ended account that is linked to two subscriptions at once bills by one, and the other caller hears that', async () => {
  await using shop = await product();
  const other = shop.another();
  await other.seats(shop.organization);
  await shop.stripe.subscriptions.cancel(shop.subscription);
  await shop.seatbelt.mark(shop.organization);
  await shop.seatbelt.advance(shop.organization);
  const [a, b] = [
    await shop.sim.admin.createDemoSubscription({ quantity: 4 }),
    await shop.sim.admin.createDemoSubscription({ quantity: 5 }),
  ];
  const answers = await atOnce(shop, () => [
    shop.seatbelt.link(shop.organization, { subscription: a.subscription.id, onMismatch: 'stripe' }),
    other.link(shop.organization, { subscription: b.subscription.id, onMismatch: 'stripe' }),
  ]);
  const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
  assert.equal(refused.length, 1);
  assert.ok(refused[0] instanceof LinkedElsewhere, String(refused[0]));
  const { account } = await shop.seatbelt.inspect(shop.organization);
  const linked = answers[0]?.status === 'fulfilled' ? a : b;
  assert.equal(account.link?.subscription, linked.subscription.id);
});

test('a new organization that is linked to two subscriptions at once bills by one, and the other caller hears that', async () => {
  await using shop = await product();
  const engines = [shop.seatbelt, shop.another()] as const;
  await engines[1].seats(shop.organization);
  const subscriptions = [
    (await shop.sim.admin.createDemoSubscription({ quantity: 3 })).subscription.id,
    (await shop.sim.admin.createDemoSubscription({ quantity: 7 })).subscription.id,
  ];
  const answers = await atOnce(
    shop,
    () => engines.map((engine, index) => engine.link('org_new', { subscription: subscriptions[index] ?? '' })),
    newRows,
  );
  const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
  assert.equal(refused.length, 1);
  assert.ok(refused[0] instanceof LinkedElsewhere, String(refused[0]));
});

/** A subscription with a second item, by their ids. */
async function twoItems(shop: Product): Promise<{ subscription: string; first: string; second: string }> {
  const { subscription } = shop.sim.admin.createDemoSubscription({ quantity: 3 });
  const second = await addItem(shop, subscription.id);
  return { subscription: subscription.id, first: subscription.items.data[0]?.id ?? '', second };
}

test('of two organizations that link two items of one subscription at once one is refused', async () => {
  await using shop = await product();
  const { subscription, first, second } = await twoItems(shop);
  const other = shop.another();
  await other.seats(shop.organization);
  const answers = await atOnce(
    shop,
    () => [
      shop.seatbelt.link('org_a', { subscription, item: first }),
      other.link('org_b', { subscription, item: second }),
    ],
    newRows,
  );
  const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
  assert.deepEqual(
    refused.map(({ name, field }) => [name, field]),
    [['InvalidInput', 'subscription']],
  );
});

test('of two organizations that wait for a subscription and are linked to two items of one at once one is refused', async () => {
  await using shop = await product();
  const { subscription, first, second } = await twoItems(shop);
  const other = shop.another();
  await shop.seatbelt.link('org_a', { subscription: null });
  await other.link('org_b', { subscription: null });
  const answers = await atOnce(shop, () => [
    shop.seatbelt.link('org_a', { subscription, item: first }),
    other.link('org_b', { subscription, item: second }),
  ]);
  const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
  assert.deepEqual(
    refused.map(({ name, field }) => [name, field]),
    [['InvalidInput', 'subscription']],
  );
});

test('a word that was committed is no failure, whatever becomes of what follows it', async () => {
  await using shop = await product({ engine: { logger: silent } });
  shop.sim.admin.foreignQuantityChange({
    subscription: shop.subscription,
    item: shop.item,
    quantity: 14,
    by: 'dashboard',
  });
  await shop.seatbelt.mark(shop.organization);
  await shop.seatbelt.advance(shop.organization);
  assert.equal((await shop.seatbelt.seats(shop.organization)).status, 'held');
  // What follows is a look, and what it shows cannot be written.
  await fullDiskWhen(shop, 'new.looked_at is distinct from old.looked_at');
  const after = await shop.seatbelt.resolve(shop.organization, { by: 'stripe', reason: 'ok' });
  assert.deepEqual([after.status, after.settledSeats], ['active', 14]);
});

const silent = { debug() {}, info() {}, warn() {}, error() {}, fatal() {} };
