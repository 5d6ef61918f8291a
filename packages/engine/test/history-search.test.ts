import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { InvalidInput } from '../src/failures.ts';
import { type Product, product } from './product.ts';

describe('The history is searched in pages that look through a bounded number of changes', () => {
  let shop: Product;

  before(async () => {
    shop = await product({ seats: 10, used: 4 });
  });
  after(() => shop[Symbol.asyncDispose]());

  const found = async (query: Parameters<Product['seatbelt']['history']>[1]) =>
    (await shop.seatbelt.history(shop.organization, query)).entries.map(({ change }) => change);

  test('by how it ended, by kind, and by who, why and which request', async () => {
    await shop.seatbelt.set(shop.organization, 12, { actor: 'ada', reason: '100% sure_thing' });
    shop.sim.faults.add({ kind: 'card_decline_402', times: 1, match: { route: 'POST /v1/subscriptions/:id' } });
    await shop.seatbelt.set(shop.organization, 15, { actor: 'grace' });
    await shop.seatbelt.add(shop.organization, 1, { actor: 'ada' });

    assert.deepEqual(
      (await found({ status: 'rolled_back' })).map(({ actor }) => actor),
      ['grace'],
    );
    assert.deepEqual(await found({ status: 'open' }), []);
    assert.deepEqual(
      (await found({ kind: 'set', search: 'ADA' })).map(({ quantity }) => quantity),
      [12],
    );
    // Signs that mean something in a pattern mean themselves in a search.
    assert.equal((await found({ search: '100% sure_' })).length, 1);
    assert.equal((await found({ search: '100_ sure' })).length, 0);
    assert.equal((await found({ search: '%' })).length, 1);
    // The code of the decline has one as well.
    assert.deepEqual(
      (await found({ search: '_' })).map(({ kind }) => kind),
      ['set', 'set'],
    );

    const { entries } = await shop.seatbelt.history(shop.organization, { kind: 'set', audit: true });
    const bought = entries.find(({ change }) => change.actor === 'ada');
    assert.match(bought?.stripeRequestId ?? '', /^req_/);
    assert.deepEqual(
      bought?.audit?.map(({ kind }) => kind),
      ['change_requested', 'push_intended', 'push_confirmed', 'change_applied'],
    );
    assert.deepEqual(await found({ search: bought?.stripeRequestId ?? '-' }), [bought?.change]);
    assert.deepEqual(await found({ search: bought?.change.id.slice(0, 13) ?? '-' }), [bought?.change]);
  });

  test('a rare change among many is found page by page, each page bounded, and nothing twice or never', async () => {
    await shop.seatbelt.set(shop.organization, 20, { actor: 'needle' });
    const { rows } = await shop.pool.query<{ last: string }>(
      `select max(number) as last from seatbelt.seat_changes where organization_id = $1`,
      [shop.organization],
    );
    await shop.pool.query(
      `insert into seatbelt.seat_changes
       select copy.* from (select c from seatbelt.seat_changes c where organization_id = $1 and actor = 'needle') as one,
              generate_series(1, 5000) as n,
              jsonb_populate_record(one.c, jsonb_build_object('id', gen_random_uuid(), 'number', $2::bigint + n,
                'actor', 'hay', 'push_id', null, 'idempotency_key', null)) as copy`,
      [shop.organization, rows[0]?.last],
    );
    const pages: number[] = [];
    const needles: string[] = [];
    let before: number | null = null;
    do {
      const page: Awaited<ReturnType<Product['seatbelt']['history']>> = await shop.seatbelt.history(shop.organization, {
        search: 'needle',
        before,
      });
      pages.push(page.entries.length);
      needles.push(...page.entries.map(({ change }) => change.actor));
      before = page.before;
    } while (before !== null);
    assert.deepEqual(needles, ['needle']);
    assert.deepEqual(pages, [0, 0, 0, 0, 0, 1], 'each page looks through a thousand');

    const seen = new Set<string>();
    before = null;
    do {
      const page: Awaited<ReturnType<Product['seatbelt']['history']>> = await shop.seatbelt.history(shop.organization, {
        before,
        limit: 500,
      });
      for (const { change } of page.entries) {
        assert.ok(!seen.has(change.id));
        seen.add(change.id);
      }
      before = page.before;
    } while (before !== null);
    const { rows: all } = await shop.pool.query<{ count: number }>(
      `select count(*)::integer as count from seatbelt.seat_changes where organization_id = $1`,
      [shop.organization],
    );
    assert.equal(seen.size, all[0]?.count);
  });

  test('by when it was asked for: from a moment on, before another, and no further back than that', async () => {
    const other = await product({ seats: 10, used: 0 });
    try {
      await other.seatbelt.set(other.organization, 11);
      // One change as it was asked for on each of 3,000 days, the oldest first.
      await other.pool.query(
        `insert into seatbelt.seat_changes
         select copy.* from (select c from seatbelt.seat_changes c where organization_id = $1) as one,
                generate_series(1, 3000) as n,
                jsonb_populate_record(one.c, jsonb_build_object('id', gen_random_uuid(), 'number', (one.c).number + n,
                  'actor', 'day ' || n, 'push_id', null, 'idempotency_key', null,
                  'requested_at', timestamptz '2010-01-01T00:00:00Z' + n * interval '1 day')) as copy`,
        [other.organization],
      );
      const ask = (query: Parameters<Product['seatbelt']['history']>[1]) =>
        other.seatbelt.history(other.organization, query);
      const dayOf = (n: number) => new Date(Date.UTC(2010, 0, 1 + n)).toISOString();
      const page = await ask({ from: dayOf(2998), until: dayOf(3000) });
      assert.deepEqual(
        page.entries.map(({ change }) => change.actor),
        ['day 2999', 'day 2998'],
        'the beginning belongs to it and the end does not',
      );
      assert.equal(page.before, null, 'what is older than the range is not looked through');
      const [newest] = (await ask({ from: dayOf(3000) })).entries;
      assert.equal(newest?.change.actor, 'day 3000');
      assert.equal((await ask({ from: dayOf(3000).replace('Z', '+00:00'), until: dayOf(2998) })).entries.length, 0);

      const old = await ask({ until: dayOf(2) });
      assert.deepEqual(old.entries, []);
      assert.notEqual(old.before, null, 'what is newer than the range is looked through a thousand at a time');
      for (const wrong of ['2026-11-01', 'yesterday', '2026-11-01T00:00:00', '2026-13-01T00:00:00Z']) {
        await assert.rejects(ask({ from: wrong }), InvalidInput, wrong);
      }
    } finally {
      await other[Symbol.asyncDispose]();
    }
  });

  test('what Stripe confirmed over time', async () => {
    const points = await shop.seatbelt.settledOverTime(shop.organization);
    assert.deepEqual(
      points.map(({ seats }) => seats),
      [10, 12, 20],
    );
    assert.ok(points.every(({ at }, index) => index === 0 || at >= (points[index - 1]?.at ?? 0)));
  });
});
