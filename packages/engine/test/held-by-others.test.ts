/** A host's transaction that nobody ends holds one account: what was changed elsewhere is found for everybody else meanwhile. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type Stripe from 'stripe';
import { databaseOf } from '../src/db/executor.ts';
import type { SeatbeltOptions } from '../src/index.ts';
import { receiveEvent } from '../src/store/marks.ts';
import { type Product, product } from './product.ts';

const adopting = { onForeignChange: { dashboard: 'adopt', unknown: 'adopt' } } as const;

interface Shop extends Product {
  readonly other: { readonly organization: string; readonly subscription: string; readonly item: string };
}

/** Two organizations with 10 and 5 seats, without rounds and webhooks but those that a test asks for. */
async function twoOrganizations(engine: Partial<SeatbeltOptions>): Promise<Shop> {
  const shop = await product({ used: 0, link: { terms: adopting }, engine });
  const { subscription, item } = shop.sim.admin.createDemoSubscription({ quantity: 5 });
  const other = { organization: 'org_other', subscription: subscription.id, item: item.id };
  await shop.seatbelt.link(other.organization, { subscription: other.subscription, used: 0, terms: adopting });
  return Object.assign(shop, { other });
}

/** Holds the first organization's account until `end`, or until the test is over. */
async function held(shop: Product): Promise<AsyncDisposable & { end(): Promise<void> }> {
  const host = await shop.pool.connect();
  await host.query('begin');
  await shop.seatbelt.assign(shop.organization, 1, { db: host, holders: ['ada'] });
  let open = true;
  const end = async () => {
    if (open) await host.query('commit').finally(() => host.release());
    open = false;
  };
  return { end, [Symbol.asyncDispose]: end };
}

const settled = async ({ seatbelt }: Product, organization: string) =>
  (await seatbelt.seats(organization)).settledSeats;

/** What events told of changed quantities of the first organization, in the order of the marks. */
async function toldChanges({ pool, organization }: Product): Promise<(readonly [number, number])[]> {
  const { rows } = await pool.query(
    `select quantity_before::int as before, quantity_after::int as after from seatbelt.mark_reasons
      where organization_id = $1 and quantity_before is not null order by mark`,
    [organization],
  );
  return rows.map(({ before, after }) => [before, after]);
}

const keptMarks = async ({ pool }: Product) => (await pool.query('select 1 from seatbelt.kept_marks')).rowCount;

/** Changed in Stripe's dashboard, which no webhook tells of. */
function changeBoth({ sim, subscription, item, other }: Shop): void {
  sim.admin.foreignQuantityChange({ subscription, item, quantity: 12, by: 'dashboard' });
  sim.admin.foreignQuantityChange({
    subscription: other.subscription,
    item: other.item,
    quantity: 8,
    by: 'dashboard',
  });
}

test('the list of events: the others are marked at once, and the one that was held when it is free, with what was told', async () => {
  await using shop = await twoOrganizations({ eventsEveryMs: 1, sweepEveryMs: 0 });
  await shop.seatbelt.tick();
  await using transaction = await held(shop);
  changeBoth(shop);
  const first = await shop.seatbelt.tick();
  assert.equal(first.events?.failed, null);
  assert.equal(await settled(shop, shop.other.organization), 8);
  assert.equal(await settled(shop, shop.organization), 10);
  // The list is read again and again; what waits is one mark.
  await shop.seatbelt.tick();
  assert.equal(await keptMarks(shop), 1);
  await transaction.end();

  // Another process, which has read none of it: the mark outlives whoever kept it.
  const another = shop.another({ eventsEveryMs: 0, sweepEveryMs: 0 });
  await another.tick();
  assert.equal(await settled(shop, shop.organization), 12);
  assert.equal(await keptMarks(shop), 0);
  assert.deepEqual(await toldChanges(shop), [[10, 12]]);
});

test('the list of events: several marks of one account that is held, and a webhook that tells one of them again', async () => {
  await using shop = await twoOrganizations({ eventsEveryMs: 1, sweepEveryMs: 0 });
  await shop.seatbelt.tick();
  await using transaction = await held(shop);
  for (const quantity of [12, 13, 14]) {
    const { subscription, item } = shop;
    shop.sim.admin.foreignQuantityChange({ subscription, item, quantity, by: 'dashboard' });
  }
  await shop.seatbelt.tick();
  assert.equal(await keptMarks(shop), 3);
  await transaction.end();
  const [newest] = (await shop.stripe.events.list({ limit: 1 })).data;
  assert.ok(newest);
  assert.deepEqual(await shop.seatbelt.receive(newest as Stripe.Event), { accounts: 1, seenBefore: true });
  const { marks } = (await shop.seatbelt.inspect(shop.organization)).account;
  await shop.seatbelt.tick();
  assert.equal((await shop.seatbelt.inspect(shop.organization)).account.marks, marks + 2);
  // First what the webhook told again, and each of them once.
  assert.deepEqual(await toldChanges(shop), [
    [13, 14],
    [10, 12],
    [12, 13],
  ]);
  assert.equal(await settled(shop, shop.organization), 14);
});

test('a webhook that waits for the account keeps nothing from the reader of the list', async () => {
  await using shop = await twoOrganizations({ eventsEveryMs: 1, sweepEveryMs: 0 });
  await shop.seatbelt.tick();
  await using transaction = await held(shop);
  changeBoth(shop);
  const events = (await shop.stripe.events.list({ limit: 10 })).data as Stripe.Event[];
  const about = events.find(({ data }) => 'id' in data.object && data.object.id === shop.subscription);
  assert.ok(about);
  const webhook = shop.seatbelt.receive(about);
  for (let waiting = 0; waiting === 0; ) {
    const { rows } = await shop.pool.query(
      `select count(*)::int as waiting from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    waiting = rows[0].waiting;
  }
  const { events: read } = await shop.another().tick();
  assert.equal(read?.failed, null);
  assert.equal(await settled(shop, shop.other.organization), 8);
  await transaction.end();
  assert.deepEqual(await webhook, { accounts: 1, seenBefore: true });
  await shop.seatbelt.tick();
  assert.equal(await settled(shop, shop.organization), 12);
  assert.equal(await keptMarks(shop), 0);
});

test('the sweep: it goes on past an account that is held, says so, and that one is read when it is free', async () => {
  await using shop = await twoOrganizations({ eventsEveryMs: 0, sweepEveryMs: 0 });
  await using transaction = await held(shop);
  changeBoth(shop);
  const report = await shop.seatbelt.sweep({ dryRun: false, callsPerSecond: 1_000 });
  assert.deepEqual([report.state, report.failed, report.repairs], ['finished', null, 1]);
  assert.equal(await settled(shop, shop.other.organization), 8);
  const found = [];
  for await (const { organization, answer } of shop.seatbelt.sweepFindings(report.id))
    found.push([organization, answer]);
  assert.deepEqual(found.toSorted(), [
    [shop.other.organization, 'adopted'],
    [shop.organization, 'left_to_another_process'],
  ]);
  await shop.seatbelt.tick();
  assert.equal(await settled(shop, shop.organization), 10);
  await transaction.end();
  await shop.seatbelt.tick();
  assert.equal(await settled(shop, shop.organization), 12);
});

test('an event that is delivered twice at the same moment tells an account once', async () => {
  await using shop = await product();
  const databases = [databaseOf(shop.databaseUrl), databaseOf(shop.databaseUrl)];
  const event = (id: string) => ({
    id,
    type: 'customer.subscription.updated',
    subscription: shop.subscription,
    customer: null,
    items: [{ item: null, before: 1, after: 2 }],
    requestId: null,
    key: null,
    push: null,
    createdAt: null,
  });
  for (let nth = 0; nth < 30; nth += 1) {
    const how = { onlyNew: false, noteUnlinked: false };
    await Promise.all(databases.map((database) => receiveEvent(database, event(`evt_${nth}`), how)));
  }
  const { rows } = await shop.pool.query(
    `select count(*)::int as told, count(distinct event_id)::int as events from seatbelt.mark_reasons where event_id like 'evt_%'`,
  );
  assert.equal(rows[0].told, rows[0].events);
  assert.ok(rows[0].events >= 30);
  await Promise.all(databases.map((database) => database.close()));
});
