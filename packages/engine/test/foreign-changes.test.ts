import assert from 'node:assert/strict';
import { test } from 'node:test';
import type Stripe from 'stripe';
import { policy } from '../src/core/policy.ts';
import { databaseOf } from '../src/db/executor.ts';
import { followEvents } from '../src/duties/follow-events.ts';
import type { Terms } from '../src/index.ts';
import { stripeAdapter } from '../src/stripe/adapter.ts';
import { eventually, type Product, product } from './product.ts';

/** All that Stripe has to tell, in the order in which it happened. */
async function told(shop: Product): Promise<Stripe.Event[]> {
  return (await shop.stripe.events.list({ limit: 100 })).data.reverse();
}

/** Delivers everything, in the order that is asked for, as webhooks of a host with a route of its own do. */
async function deliver(shop: Product, order: (events: Stripe.Event[]) => Stripe.Event[] = (all) => all): Promise<void> {
  for (const event of order(await told(shop))) await shop.seatbelt.receive(event);
}

function change(shop: Product, quantity: number, by: 'dashboard' | 'portal' | 'api'): void {
  shop.sim.admin.foreignQuantityChange({ subscription: shop.subscription, item: shop.item, quantity, by });
}

async function shopWith(onForeignChange: Terms['onForeignChange']): Promise<Product> {
  const shop = await product({ link: { terms: { onForeignChange } } });
  await deliver(shop);
  await shop.seatbelt.advance(shop.organization);
  return shop;
}

async function causes({ pool }: Product): Promise<string[]> {
  const { rows } = await pool.query<{ cause: string }>(
    'select cause from seatbelt.incidents where cause is not null order by opened_at, id',
  );
  return rows.map(({ cause }) => cause);
}

for (const { by, cause } of [
  { by: 'portal', cause: 'portal' },
  { by: 'dashboard', cause: 'dashboard' },
  { by: 'api', cause: 'other_program' },
] as const) {
  test(`a change made by ${by} is found by its webhook, held, and its cause is ${cause}`, async () => {
    await using shop = await shopWith({});
    change(shop, 14, by);
    await deliver(shop);
    await shop.seatbelt.advance(shop.organization);
    const { hold } = await shop.seatbelt.seats(shop.organization);
    assert.deepEqual([hold?.code, hold?.cause, hold?.observedQuantity], ['drift', cause, 14]);
    assert.deepEqual(await causes(shop), [cause]);
  });

  test(`a change made by ${by} is adopted where the terms say so, and put back where they say so`, async () => {
    await using shop = await shopWith({ [cause]: 'adopt' });
    change(shop, 5, by);
    await deliver(shop);
    await shop.seatbelt.advance(shop.organization);
    const adopted = await shop.seatbelt.seats(shop.organization);
    assert.deepEqual([adopted.settledSeats, adopted.usedSeats, adopted.hold], [5, 7, null]);
    assert.deepEqual(
      adopted.incidents.map(({ kind }) => kind),
      ['over_capacity'],
      'nobody was thrown out',
    );
    await shop.seatbelt.changeTerms(shop.organization, { onForeignChange: { [cause]: 'revert' } });
    change(shop, 20, by);
    await deliver(shop);
    await shop.seatbelt.advance(shop.organization);
    assert.equal(shop.stripeQuantity(), 5);
    assert.equal((await shop.seatbelt.verifyAudit(shop.organization)).broken, null);
  });
}

for (const { what, order } of [
  { what: 'in reverse', order: (all: Stripe.Event[]) => all.toReversed() },
  { what: 'each twice', order: (all: Stripe.Event[]) => all.flatMap((event) => [event, event]) },
  { what: 'all of them again later', order: (all: Stripe.Event[]) => [...all, ...all.toReversed()] },
] as const) {
  test(`events that come ${what} lead to the same end`, async () => {
    await using shop = await shopWith({ other_program: 'adopt', dashboard: 'adopt' });
    await shop.seatbelt.set(shop.organization, 12);
    change(shop, 15, 'dashboard');
    change(shop, 14, 'api');
    await deliver(shop, order);
    await shop.seatbelt.advance(shop.organization);
    const { settledSeats, hold } = await shop.seatbelt.seats(shop.organization);
    assert.deepEqual([settledSeats, hold, shop.stripeQuantity()], [14, null, 14]);
  });
}

test('our own echo is never taken for a foreign change', async () => {
  await using shop = await shopWith({ unknown: 'adopt', other_program: 'adopt', dashboard: 'adopt', portal: 'adopt' });
  await shop.seatbelt.set(shop.organization, 12);
  await shop.seatbelt.set(shop.organization, 11);
  await deliver(shop);
  await deliver(shop, (all) => all.toReversed());
  await shop.seatbelt.advance(shop.organization);
  assert.equal((await shop.seatbelt.seats(shop.organization)).settledSeats, 11);
  assert.deepEqual(await causes(shop), []);
});

test('our own late write is reversed, never adopted, also where only the event tells whose it is', async () => {
  await using shop = await shopWith({ unknown: 'adopt', other_program: 'adopt', dashboard: 'adopt', portal: 'adopt' });
  shop.sim.faults.add({ kind: 'card_decline_402' });
  assert.equal((await shop.seatbelt.set(shop.organization, 12)).status, 'rolled_back');
  const { rows } = await shop.pool.query<{ id: string }>('select id from seatbelt.pushes');
  // As if Stripe had carried the refused request out after all, a day later: nothing watches for it any more.
  await shop.stripe.subscriptions.update(
    shop.subscription,
    { items: [{ id: shop.item, quantity: 12 }] },
    { idempotencyKey: `seatbelt:${rows[0]?.id}:2` },
  );
  await deliver(shop);
  await shop.seatbelt.advance(shop.organization);
  await eventually('the reversal', shop.seatbelt, () => shop.stripeQuantity() === 10);
  assert.equal((await shop.seatbelt.seats(shop.organization)).settledSeats, 10);
  assert.deepEqual(await causes(shop), ['lost_write']);
});

test('something that repeats requests of ours without end is not answered without end: a person is asked', async () => {
  await using shop = await shopWith({});
  shop.sim.faults.add({ kind: 'card_decline_402' });
  assert.equal((await shop.seatbelt.set(shop.organization, 12)).status, 'rolled_back');
  const { rows } = await shop.pool.query<{ id: string }>('select id from seatbelt.pushes');
  const comesLate = async (generation: number) => {
    await shop.stripe.subscriptions.update(
      shop.subscription,
      { items: [{ id: shop.item, quantity: 12 }] },
      { idempotencyKey: `seatbelt:${rows[0]?.id}:${generation}` },
    );
    await deliver(shop);
    await shop.seatbelt.advance(shop.organization);
  };
  for (let time = 1; time <= policy.reversalsInWindow; time += 1) {
    await comesLate(1 + time);
    await eventually(`reversal ${time}`, shop.seatbelt, () => shop.stripeQuantity() === 10);
  }
  await comesLate(2 + policy.reversalsInWindow);
  for (let tick = 0; tick < 3; tick += 1) await shop.seatbelt.tick();
  assert.equal(shop.stripeQuantity(), 12, 'it is left alone');
  const { hold, incidents } = await shop.seatbelt.seats(shop.organization);
  assert.deepEqual([hold?.code, hold?.cause, hold?.observedQuantity], ['drift', 'lost_write', 12]);
  assert.deepEqual(
    incidents.map(({ kind, action }) => [kind, action]),
    [['drift', 'act']],
  );
  assert.match(hold?.message ?? '', /reversed 6 times within a day already/);
  // The person's word ends it, and a day later it is reversed again by itself.
  await shop.seatbelt.resolve(shop.organization, { by: 'database', reason: 'the looping job is stopped' });
  await eventually('the word is kept', shop.seatbelt, () => shop.stripeQuantity() === 10);
  await shop.pool.query(
    `update seatbelt.accounts set version = version + 1, reversed_at =
       (select jsonb_agg(at::bigint - 86400000) from jsonb_array_elements_text(reversed_at) as at)`,
  );
  await comesLate(3 + policy.reversalsInWindow);
  await eventually('another day', shop.seatbelt, () => shop.stripeQuantity() === 10);
  assert.equal((await shop.seatbelt.verifyAudit(shop.organization)).broken, null);
});

test('a foreign change that our absolute write overwrote is told by its event and reported', async () => {
  await using shop = await shopWith({});
  change(shop, 11, 'dashboard');
  // Nobody has told of it yet when ours is sent.
  await shop.seatbelt.set(shop.organization, 12);
  await deliver(shop);
  await shop.seatbelt.advance(shop.organization);
  const { incidents, hold } = await shop.seatbelt.seats(shop.organization);
  assert.deepEqual([hold, incidents.map(({ kind }) => kind)], [null, ['overwritten_foreign_change']]);
  assert.match(incidents[0]?.message ?? '', /quantity 11 before a change of ours that started from 10/);
});

test('two reverts within a day, then a person is asked', async () => {
  await using shop = await shopWith({ dashboard: 'revert' });
  for (const expected of [10, 10, 14]) {
    change(shop, 14, 'dashboard');
    await deliver(shop);
    await shop.seatbelt.advance(shop.organization);
    assert.equal(shop.stripeQuantity(), expected);
  }
  assert.equal((await shop.seatbelt.seats(shop.organization)).hold?.cause, 'dashboard');
});

test('in a subscription with several items only the change of ours is about our seats', async () => {
  await using shop = await shopWith({});
  const price = await shop.stripe.prices.create({
    currency: 'usd',
    unit_amount: 500,
    recurring: { interval: 'month' },
    product_data: { name: 'Storage' },
  });
  const storage = await shop.stripe.subscriptionItems.create({
    subscription: shop.subscription,
    price: price.id,
    quantity: 3,
  });
  change(shop, 13, 'dashboard');
  await shop.stripe.subscriptionItems.update(storage.id, { quantity: 13 });
  for (const event of await told(shop)) await shop.seatbelt.receive(event);
  const { rows } = await shop.pool.query<{ before: string | null; after: string | null }>(
    `select quantity_before as before, quantity_after as after from seatbelt.mark_reasons
      where event_type = 'customer.subscription.updated' order by mark`,
  );
  assert.deepEqual(
    rows.filter(({ before }) => before !== null),
    [{ before: '10', after: '13' }],
  );
  assert.equal(rows.length, 3);
});

test('events about nothing we know are received and harmless', async () => {
  await using shop = await shopWith({});
  const strange = [
    { type: 'customer.subscription.updated', data: { object: { object: 'subscription', id: 'sub_nobody' } } },
    { type: 'customer.subscription.updated', data: { object: { object: 'subscription', id: 'x'.repeat(300) } } },
    { type: 'some.new.event', data: { object: null } },
    { type: 'some.new.event', data: { object: { object: 'thing', subscription: 7, customer: [] } } },
    {
      type: 'customer.subscription.updated',
      created: 'yesterday',
      data: {
        object: { object: 'subscription', id: shop.subscription, items: { data: [null, { id: 1 }, 'x'] } },
        previous_attributes: { items: 'none', quantity: 'many' },
      },
      request: { id: 5, idempotency_key: `seatbelt:${'z'.repeat(400)}` },
    },
    {
      type: 'customer.subscription.updated',
      data: { object: { object: 'subscription', id: shop.subscription, items: { data: [] } } },
      request: { id: 'req_\0', idempotency_key: 'a\0b' },
    },
  ];
  const accounts: number[] = [];
  for (const [index, event] of strange.entries()) {
    const received = await shop.seatbelt.receive({ id: `evt_${index}`, object: 'event', ...event } as never);
    accounts.push(received.accounts);
  }
  assert.deepEqual(accounts, [0, 0, 0, 0, 1, 1]);
  await shop.seatbelt.advance(shop.organization);
  assert.equal((await shop.seatbelt.seats(shop.organization)).hold, null);
});

test('a word on a hold is about the numbers its author saw, whatever was found meanwhile', async () => {
  await using shop = await shopWith({});
  const found = async (quantity: number) => {
    change(shop, quantity, 'dashboard');
    await deliver(shop);
    await eventually(`${quantity} was found`, shop.seatbelt, async () => {
      const { account } = await shop.seatbelt.inspect(shop.organization);
      return account.hold?.observedQuantity === quantity;
    });
  };
  const word = { by: 'stripe', reason: 'they bought four', seen: { observed: 14, expected: 10 } } as const;
  await found(14);
  await found(15);
  await assert.rejects(shop.seatbelt.resolve(shop.organization, word), { code: 'numbers_moved' });
  assert.equal((await shop.seatbelt.seats(shop.organization)).status, 'held');
  for (const seen of [
    { observed: -1, expected: 10 },
    { observed: 14, expected: 9.5 },
    null as unknown as { observed: number; expected: number },
  ]) {
    await assert.rejects(shop.seatbelt.resolve(shop.organization, { ...word, seen }), { code: 'invalid_input' });
  }
  const neither = 'both' as 'stripe';
  await assert.rejects(shop.seatbelt.resolve(shop.organization, { ...word, by: neither }), { code: 'invalid_input' });
  await found(14);
  const { settledSeats, hold } = await shop.seatbelt.resolve(shop.organization, word);
  assert.deepEqual([settledSeats, hold], [14, null]);
});

test('a worker has found a foreign change within ten seconds of its webhook', async () => {
  await using shop = await shopWith({});
  const found = Promise.withResolvers<number>();
  shop.seatbelt.on('incident.opened', () => found.resolve(performance.now()));
  shop.seatbelt.startWorker();
  change(shop, 14, 'dashboard');
  await deliver(shop);
  const delivered = performance.now();
  const ms = (await found.promise) - delivered;
  assert.ok(ms < 10_000, `found after ${Math.round(ms)} ms`);
});

// The events cursor

test('what no webhook told is found by the list of events, with its cause, in the round that reads it', async () => {
  await using shop = await product({
    engine: { eventsEveryMs: 1, sweepEveryMs: 0 },
    link: { terms: { onForeignChange: { portal: 'adopt' } } },
  });
  await shop.seatbelt.tick();
  change(shop, 14, 'portal');
  const settled = async () => (await shop.seatbelt.seats(shop.organization)).settledSeats;
  await eventually('the turn', shop.seatbelt, async () => (await settled()) === 14);
  assert.deepEqual(await causes(shop), ['portal']);
});

test('an event that a webhook brought marks nothing when it is listed again', async () => {
  await using shop = await product({ engine: { eventsEveryMs: 1, sweepEveryMs: 0 } });
  await shop.seatbelt.tick();
  change(shop, 14, 'dashboard');
  await deliver(shop);
  const marks = async () => (await shop.seatbelt.inspect(shop.organization)).account.marks;
  const before = await marks();
  await eventually('the turn', shop.seatbelt, async () => (await shop.seatbelt.tick()).events !== null);
  assert.equal(await marks(), before);
});

test('reading goes on where it stopped, in the order of what happened, and costs as much as there was to tell', async () => {
  await using shop = await product({ engine: { eventsEveryMs: 0, sweepEveryMs: 0 } });
  const lists = () =>
    shop.sim.truth().requests.filter(({ method, path }) => method === 'GET' && path === '/v1/events').length;
  const database = databaseOf(shop.pool);
  const logger = { debug() {}, info() {}, warn() {}, error() {}, fatal() {} };
  const context = { database, stripe: stripeAdapter(shop.stripe), logger, noteUnlinked: false };
  const first = await followEvents(context, 0);
  assert.equal(first?.caughtUp, true);
  // Newer than the overlap, so that what was read before is done with.
  shop.sim.clock.advance(3_600);
  for (let quantity = 1; quantity <= 250; quantity += 1) change(shop, 10 + quantity, 'dashboard');
  const before = lists();
  const second = await followEvents(context, 0);
  const events = (await shop.pool.query(`select 1 from seatbelt.stripe_events`)).rowCount ?? 0;
  assert.equal(second?.caughtUp, true);
  assert.equal(second?.marked, 250, 'each of them is new and is about this account');
  assert.ok((second?.read ?? 0) <= 260 && events >= 250, `${second?.read} read`);
  assert.equal(lists() - before, Math.ceil((second?.read ?? 0) / 100));
  // Nothing new: one call, and what the overlap shows again marks nobody.
  const third = await followEvents(context, 0);
  assert.equal(third?.marked, 0);
  const { rows } = await shop.pool.query<{ after: string }>(
    'select quantity_after as after from seatbelt.mark_reasons where quantity_before is not null order by mark',
  );
  assert.deepEqual(
    rows.map(({ after }) => Number(after)),
    Array.from({ length: 250 }, (_, index) => 11 + index),
  );
});

test('an event that Stripe no longer lists makes everything be compared instead', async () => {
  await using shop = await product({ engine: { eventsEveryMs: 1 } });
  await shop.seatbelt.tick();
  await shop.pool.query(
    `update seatbelt.cursors set position = 'evt_forgotten', next_at = now() where name = 'events'`,
  );
  await shop.pool.query(`update seatbelt.cursors set next_at = now() + interval '1 day' where name = 'sweep'`);
  change(shop, 14, 'dashboard');
  const report = await shop.seatbelt.tick();
  assert.equal(report.sweep?.state, 'finished');
  assert.equal((await shop.seatbelt.seats(shop.organization)).hold?.observedQuantity, 14);
});

test('a Stripe that does not list events is said, and keeps nothing else from being done', async () => {
  await using shop = await product({ engine: { eventsEveryMs: 1, sweepEveryMs: 0 } });
  shop.sim.faults.add({ kind: 'error_500_before', match: { method: 'GET', path: '/v1/events' } });
  const report = await shop.seatbelt.tick();
  assert.match(report.events?.failed ?? '', /500/);
  assert.ok(report.accounts);
});

// First purchases

test('a first purchase links itself, told by its webhook', async () => {
  const asked: string[] = [];
  await using shop = await product({
    engine: {
      resolveOrganization: (subscription) => {
        asked.push(subscription.id);
        return subscription.metadata.organization ?? null;
      },
    },
  });
  const bought = shop.sim.admin.createDemoSubscription({ quantity: 4, metadata: { organization: 'org_new' } });
  const stranger = shop.sim.admin.createDemoSubscription({ quantity: 9 });
  const created = (await told(shop)).filter(({ type }) => type === 'customer.subscription.created');
  for (const event of created) await shop.seatbelt.receive(event);
  const report = await shop.seatbelt.tick({ sweepMs: 0 });
  assert.deepEqual(report.firstPurchases, { linked: 1, notOurs: 1, refused: 0, waiting: 0 });
  assert.equal((await shop.seatbelt.seats('org_new')).purchasedSeats, 4);
  assert.deepEqual(asked.toSorted(), [bought.subscription.id, stranger.subscription.id].toSorted());
  // It is linked now, and the stranger is not asked about again with every event.
  for (const event of created) await shop.seatbelt.receive(event);
  assert.deepEqual((await shop.seatbelt.tick({ sweepMs: 0 })).firstPurchases?.linked, 0);
  assert.equal(asked.length, 2);
});

test('a purchase that cannot be linked as it is is refused with the reason, and a person hears of it', async () => {
  const alerts: { message: string; context: object }[] = [];
  await using shop = await product({
    engine: {
      resolveOrganization: () => ({ organization: 'org_new', item: 'si_of_another' }),
      onAlert: (alert) => void alerts.push(alert),
    },
  });
  shop.sim.admin.createDemoSubscription({ quantity: 4 });
  await deliver(shop);
  const report = await shop.seatbelt.tick({ sweepMs: 0 });
  assert.equal(report.firstPurchases?.refused, 1);
  const { rows } = await shop.pool.query<{ state: string; note: string }>(
    'select state, note from seatbelt.unlinked_subscriptions',
  );
  assert.equal(rows[0]?.state, 'refused');
  assert.match(rows[0]?.note ?? '', /has no item si_of_another/);
  assert.match(alerts[0]?.message ?? '', /could not be linked/);
});

test('what throws is asked again, and an unpaid purchase waits for its payment', async () => {
  let broken = true;
  await using shop = await product({
    engine: {
      resolveOrganization: ({ metadata }) => {
        if (broken) throw new Error('the host is down');
        return metadata.organization ?? null;
      },
    },
  });
  shop.sim.admin.createDemoSubscription({ quantity: 4, metadata: { organization: 'org_new' } });
  await deliver(shop);
  assert.equal((await shop.seatbelt.tick({ sweepMs: 0 })).firstPurchases?.waiting, 1);
  broken = false;
  await shop.pool.query('update seatbelt.unlinked_subscriptions set next_try_at = now()');
  assert.equal((await shop.seatbelt.tick({ sweepMs: 0 })).firstPurchases?.linked, 1);
});

test('an event that is only listed again asks the host no sooner than its delay says', async () => {
  let asked = 0;
  await using shop = await product({
    engine: {
      eventsEveryMs: 1,
      resolveOrganization: () => {
        asked += 1;
        throw new Error('the host is down');
      },
    },
  });
  shop.sim.admin.createDemoSubscription({ quantity: 4 });
  await deliver(shop);
  const round = () => shop.seatbelt.tick({ sweepMs: 0 });
  assert.equal((await round()).firstPurchases?.waiting, 1, 'told by its webhook');
  await shop.pool.query(`update seatbelt.unlinked_subscriptions set next_try_at = now() + interval '1 hour'`);
  // The list of events shows the same events in every round, because the newest ones are always read again.
  for (const time of ['once', 'twice']) {
    await eventually(`the list read ${time} more`, shop.seatbelt, async () => (await round()).events !== null);
  }
  await round();
  assert.equal(asked, 1);
});

test('one subscription bills one organization: a second one is refused, by its item or by another one', async () => {
  await using shop = await product();
  await assert.rejects(
    shop.seatbelt.link('org_other', { subscription: shop.subscription }),
    /bills another organization already/,
  );
  const price = await shop.stripe.prices.create({
    currency: 'usd',
    unit_amount: 500,
    recurring: { interval: 'month' },
    product_data: { name: 'Storage' },
  });
  const { id: item } = await shop.stripe.subscriptionItems.create({
    subscription: shop.subscription,
    price: price.id,
    quantity: 3,
  });
  await assert.rejects(
    shop.seatbelt.link('org_other', { subscription: shop.subscription, item }),
    /bills the organization "org_test" already/,
  );
});
