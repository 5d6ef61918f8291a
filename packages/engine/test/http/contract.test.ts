import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startTcpProxy } from '@seatbelt/dev/tcp-proxy';
import type {
  ChangeDetailBody,
  ChangesBody,
  HealthBody,
  PreviewBody,
  ProblemBody,
  SeatChangeBody,
  SeatsBody,
} from '../../src/http/contract.ts';
import { eventually, type ProductOptions } from '../product.ts';
import { owner, type ServedProduct, servedProduct, webhookSecret } from './served-product.ts';

const seatsPath = '/api/billing/seats';
const quantityWrites = { method: 'POST', route: 'POST /v1/subscriptions/:id' };

function facts({ success, usedSeats, purchasedSeats, availableSeats, billingExpanded }: SeatChangeBody) {
  return { success, usedSeats, purchasedSeats, availableSeats, billingExpanded };
}

describe('The usage door', () => {
  test('takes free seats without Stripe, buys what is missing, and frees without shrinking', async () => {
    await using shop = await servedProduct({ seats: 10, used: 7 });
    const within = await shop.post({ action: 'add', quantity: 2 });
    assert.equal(within.status, 200);
    assert.deepEqual(facts(within.body), {
      success: true,
      usedSeats: 9,
      purchasedSeats: 10,
      availableSeats: 1,
      billingExpanded: false,
    });
    assert.equal(shop.stripeWrites().length, 0);

    const past = await shop.post({ action: 'add', quantity: 3, reason: 'new team' });
    assert.equal(past.status, 200);
    assert.deepEqual(facts(past.body), {
      success: true,
      usedSeats: 12,
      purchasedSeats: 12,
      availableSeats: 0,
      billingExpanded: true,
    });
    assert.equal(past.body.change?.actor, 'user_owner');
    assert.equal(past.body.change?.reason, 'new team');
    assert.equal(shop.stripeQuantity(), 12);

    const removed = await shop.post({ action: 'remove', quantity: 4 });
    assert.deepEqual(facts(removed.body), {
      success: true,
      usedSeats: 8,
      purchasedSeats: 12,
      availableSeats: 4,
      billingExpanded: false,
    });
    assert.equal(shop.stripeQuantity(), 12);
    assert.equal(shop.stripeWrites().length, 1);
  });

  test('reserves for an invite, and the invite becomes a user', async () => {
    await using shop = await servedProduct({ seats: 10, used: 0 });
    await shop.post({ action: 'add', quantity: 1, holders: ['invite_1'], reserve: true });
    assert.equal((await shop.get(seatsPath)).body.reservedSeats, 1);
    const moved = await shop.post({
      action: 'transfer',
      quantity: 1,
      holders: [{ from: 'invite_1', to: 'user_ada' }],
    });
    assert.equal(moved.status, 200);
    assert.equal(moved.body.usedSeats, 1);
    const { rows } = await shop.pool.query('select holder, state from seatbelt.holders');
    assert.deepEqual(rows, [{ holder: 'user_ada', state: 'assigned' }]);
    assert.equal((await shop.post({ action: 'remove', quantity: 1, holders: ['user_ada'] })).body.usedSeats, 0);
  });

  test('assigns what exists and never buys', async () => {
    await using shop = await servedProduct({ seats: 10, used: 9 });
    assert.equal((await shop.post({ action: 'assign', quantity: 1 })).status, 200);
    const none = await shop.post<ProblemBody>({ action: 'assign', quantity: 1 });
    assert.equal(none.status, 409);
    assert.equal(none.body.code, 'no_seat_available');
    assert.equal(shop.stripeWrites().length, 0);
  });
});

describe('The owner’s door', () => {
  test('of two that ride together the later one counts, and the earlier one has bought nothing', async () => {
    await using shop = await servedProduct({ seats: 10, used: 7 });
    // The first one is under way while the other two come in.
    const sets = [11, 14, 9].map((seats) => shop.put({ seats }));
    const [, earlier, later] = await Promise.all(sets);
    assert.ok(earlier && later);
    assert.equal(shop.stripeQuantity(), 9);
    assert.equal(earlier.body.change?.supersededBy, later.body.change?.id);
    assert.deepEqual(
      [earlier.body.success, earlier.body.billingExpanded, later.body.billingExpanded],
      [true, false, false],
    );
  });

  test('sets what is purchased, guarded against a stale screen', async () => {
    await using shop = await servedProduct({ seats: 10, used: 7 });
    const set = await shop.put({ seats: 12, expectedSeats: 10 });
    assert.equal(set.status, 200);
    assert.equal(set.body.billingExpanded, true);
    assert.equal(shop.stripeQuantity(), 12);

    const stale = await shop.put<ProblemBody>({ seats: 13, expectedSeats: 10 });
    assert.equal(stale.status, 409);
    assert.equal(stale.headers.get('content-type'), 'application/problem+json');
    assert.equal(stale.body.code, 'seats_changed');
    assert.deepEqual(stale.body.counts, { usedSeats: 7, purchasedSeats: 12, availableSeats: 5 });
    assert.equal(shop.stripeQuantity(), 12);

    const seats = await shop.get(seatsPath);
    assert.deepEqual([seats.body.status, seats.body.purchasedSeats, seats.body.settledSeats], ['active', 12, 12]);
    assert.equal(seats.body.pending, null);
    assert.equal(seats.headers.get('cache-control'), 'no-store');
  });

  test('sees the price first and buys at exactly that price, once', async () => {
    await using shop = await servedProduct({ seats: 10, used: 7 });
    const price = await shop.preview<PreviewBody>({ seats: 12 });
    assert.equal(price.status, 200);
    assert.equal(price.body.currency, 'usd');
    assert.ok(price.body.lines.length > 0);
    const bought = await shop.put({ seats: 12, quote: price.body.quote }, { 'idempotency-key': 'k' });
    assert.equal(bought.status, 200);
    const retried = await shop.put({ seats: 12, quote: price.body.quote }, { 'idempotency-key': 'k' });
    assert.deepEqual(retried.body, bought.body, 'a retry is the same purchase, although its price is stale by now');
    const again = await shop.put<ProblemBody>({ seats: 12, quote: price.body.quote });
    assert.deepEqual([again.status, again.body.code], [409, 'quote_stale']);
    const other = await shop.put<ProblemBody>({ seats: 20, quote: price.body.quote });
    assert.deepEqual([other.status, other.body.code], [409, 'quote_stale']);
    assert.equal(shop.stripeQuantity(), 12);
  });
});

describe('Every refusal that a caller can meet, met', () => {
  type Case = {
    code: string;
    status: 409 | 422;
    start?: ProductOptions;
    before?: (shop: ServedProduct) => Promise<unknown>;
    ask: (shop: ServedProduct) => Promise<{ status: number; body: ProblemBody }>;
  };
  const put = (body: unknown) => (shop: ServedProduct) => shop.put<ProblemBody>(body);
  const post = (body: unknown) => (shop: ServedProduct) => shop.post<ProblemBody>(body);
  const cases: Case[] = [
    { code: 'below_used', status: 409, ask: put({ seats: 6 }) },
    {
      code: 'below_minimum',
      status: 422,
      start: { link: { terms: { minimumSeats: 8 } } },
      ask: put({ seats: 7 }),
    },
    {
      code: 'above_maximum',
      status: 422,
      start: { link: { terms: { maximumSeats: 11 } } },
      ask: post({ action: 'add', quantity: 5 }),
    },
    { code: 'seats_changed', status: 409, ask: put({ seats: 12, expectedSeats: 9 }) },
    { code: 'quote_stale', status: 409, ask: put({ seats: 12, quote: 'never-given' }) },
    { code: 'no_seat_available', status: 409, ask: post({ action: 'add', quantity: 4, expand: false }) },
    { code: 'not_in_use', status: 409, ask: post({ action: 'remove', quantity: 8 }) },
    { code: 'unknown_holder', status: 422, ask: post({ action: 'remove', quantity: 1, holders: ['nobody'] }) },
    {
      code: 'holder_exists',
      status: 409,
      start: { used: 0, holders: ['ada', 'grace'] },
      ask: post({ action: 'transfer', quantity: 1, holders: [{ from: 'ada', to: 'grace' }] }),
    },
    { code: 'over_capacity', status: 409, start: { seats: 5, used: 7 }, ask: post({ action: 'add', quantity: 1 }) },
    {
      code: 'follows_use',
      status: 409,
      start: { used: 10, link: { terms: { mode: 'follow' } } },
      ask: put({ seats: 12 }),
    },
    {
      code: 'paused',
      status: 409,
      before: (shop) => shop.seatbelt.pause(shop.organization, { reason: 'audit' }),
      ask: put({ seats: 12 }),
    },
    {
      code: 'drift_unresolved',
      status: 409,
      before: async (shop) => {
        const { subscription, item } = shop;
        shop.sim.admin.foreignQuantityChange({ subscription, item, quantity: 15, by: 'dashboard' });
        await shop.seatbelt.mark(shop.organization);
        await eventually(
          'the hold',
          shop.seatbelt,
          async () => (await shop.seatbelt.seats(shop.organization)).status === 'held',
        );
      },
      ask: put({ seats: 12 }),
    },
    {
      code: 'subscription_not_changeable',
      status: 409,
      before: async (shop) => {
        await shop.stripe.subscriptions.cancel(shop.subscription);
        await shop.seatbelt.mark(shop.organization);
        await eventually(
          'the end',
          shop.seatbelt,
          async () => (await shop.seatbelt.seats(shop.organization)).status === 'ended',
        );
      },
      ask: put({ seats: 12 }),
    },
    {
      code: 'no_subscription',
      status: 409,
      before: async (shop) => {
        await shop.seatbelt.link('org_free', { subscription: null, seats: 3, used: 1 });
        shop.as({ ...owner, organization: 'org_free' });
      },
      ask: put({ seats: 4 }),
    },
    {
      code: 'idempotency_key_reused',
      status: 422,
      before: (shop) => shop.put({ seats: 12 }, { 'idempotency-key': 'k' }),
      ask: (shop) => shop.put<ProblemBody>({ seats: 13 }, { 'idempotency-key': 'k' }),
    },
  ];
  for (const { code, status, start, before, ask } of cases) {
    test(`${code}: ${status}, nothing written, Stripe not called`, async () => {
      await using shop = await servedProduct(start);
      await before?.(shop);
      const written = await shop.written();
      const calls = shop.stripeWrites().length;
      const answer = await ask(shop);
      assert.deepEqual([answer.status, answer.body.code], [status, code]);
      assert.equal(answer.body.status, status);
      assert.ok(answer.body.counts, 'with the present counts');
      assert.deepEqual(await shop.written(), written);
      assert.equal(shop.stripeWrites().length, calls);
    });
  }
});

describe('The same idempotency key', () => {
  test('gets the same change and its present state, one after another and at once', async () => {
    await using shop = await servedProduct({ seats: 10, used: 10 });
    const add = () => shop.post({ action: 'add', quantity: 2 }, { 'idempotency-key': 'invite-42' });
    const first = await add();
    const more = await Promise.all([add(), add(), add()]);
    for (const answer of more) {
      assert.equal(answer.status, 200);
      assert.deepEqual(answer.body, first.body);
    }
    assert.equal(shop.stripeQuantity(), 12);
    assert.equal(shop.stripeWrites().length, 1);

    const without = await shop.post({ action: 'add', quantity: 2 });
    assert.equal(without.body.purchasedSeats, 14, 'without a key a repeated add is a second add');
  });

  test('of a change that was rolled back says so again, without a second call', async () => {
    await using shop = await servedProduct();
    shop.sim.faults.declineNext('insufficient_funds', quantityWrites);
    const key = { 'idempotency-key': 'k' };
    assert.equal((await shop.put({ seats: 12 }, key)).status, 402);
    const again = await shop.put({ seats: 12 }, key);
    assert.equal(again.status, 402);
    assert.equal(again.body.success, false);
    assert.equal(shop.stripeWrites().length, 1);
  });
});

describe('When Stripe says no, or nothing', () => {
  test('a declined card: 402, success false, the reason, and everything as before', async () => {
    await using shop = await servedProduct({ seats: 10, used: 10 });
    shop.sim.faults.declineNext('insufficient_funds', quantityWrites);
    const answer = await shop.post({ action: 'add', quantity: 2, holders: ['ada', 'grace'], reserve: true });
    assert.equal(answer.status, 402);
    assert.deepEqual(facts(answer.body), {
      success: false,
      usedSeats: 10,
      purchasedSeats: 10,
      availableSeats: 0,
      billingExpanded: false,
    });
    assert.equal(answer.body.status, 'rolled_back');
    assert.equal(answer.body.code, 'insufficient_funds');
    assert.ok((answer.body.message ?? '').length > 0);
    assert.equal(shop.stripeQuantity(), 10);
  });

  for (const [kind, status] of [
    ['requires_action_402', 402],
    ['invalid_request_400', 502],
    ['not_found_404', 502],
    ['unauthorized_401', 502],
    ['forbidden_403', 502],
  ] as const) {
    test(`${kind}: ${status}, success false`, async () => {
      await using shop = await servedProduct();
      shop.sim.faults.add({ kind, match: quantityWrites });
      const answer = await shop.put({ seats: 12 });
      assert.equal(answer.status, status);
      assert.equal(answer.body.success, false);
      assert.equal(answer.body.purchasedSeats, 10);
    });
  }

  test('500s: 202 in doubt, success null, with a place to follow, and later the truth', async () => {
    await using shop = await servedProduct();
    const fault = shop.sim.faults.add({ kind: 'error_500_before', match: quantityWrites, times: null });
    const answer = await shop.put({ seats: 12 }, { prefer: 'wait=1', 'idempotency-key': 'k' });
    assert.equal(answer.status, 202);
    assert.equal(answer.body.status, 'in_doubt');
    assert.equal(answer.body.success, null);
    assert.equal(answer.headers.get('retry-after'), '2');
    const where = answer.headers.get('location') ?? '';
    const open = await shop.get<ChangeDetailBody>(where);
    assert.equal(open.body.change.status, 'in_doubt');
    assert.equal(open.body.push?.outcome, 'open');
    assert.equal((await shop.get(seatsPath)).body.pending?.push?.state, 'in_doubt');

    shop.sim.faults.remove(fault);
    await eventually('the outcome', shop.seatbelt, async () => {
      const { body } = await shop.get<ChangeDetailBody>(where);
      return body.change.endedAt !== null;
    });
    const ended = await shop.get<ChangeDetailBody>(where);
    assert.equal(ended.body.change.status, 'applied');
    assert.ok(ended.body.audit.some((entry) => entry.kind === 'push_in_doubt'));
    assert.equal(shop.stripeQuantity(), 12);
    const repeated = await shop.put({ seats: 12 }, { 'idempotency-key': 'k' });
    assert.deepEqual([repeated.status, repeated.body.success], [200, true]);
  });

  test('a caller that does not want to wait hears 202 at once, and the change goes on', async () => {
    await using shop = await servedProduct();
    const held = shop.sim.faults.add({ kind: 'delay_before', match: quantityWrites });
    const answer = await shop.put({ seats: 12 }, { prefer: 'respond-async' });
    assert.deepEqual([answer.status, answer.body.status, answer.body.success], [202, 'requested', null]);
    assert.equal(answer.headers.get('preference-applied'), 'respond-async');
    const arrived = shop.sim.waitFor((request) => request.method === 'POST' && request.phase === 'arrived');
    await arrived;
    shop.sim.faults.release(held);
    const where = answer.headers.get('location') ?? '';
    await eventually('the outcome', shop.seatbelt, async () => {
      const { body } = await shop.get<ChangeDetailBody>(where);
      return body.change.status === 'applied';
    });
    assert.equal(shop.stripeQuantity(), 12);
  });
});

describe('When the database is away', () => {
  test('changes, reads, webhooks and health say 503, each what is known, and Stripe is not called', async () => {
    await using shop = await servedProduct();
    const proxy = await startTcpProxy({ port: Number(new URL(shop.databaseUrl).port) });
    const url = new URL(shop.databaseUrl);
    url.port = String(proxy.port);
    const engine = shop.another({ db: url.href });
    const { fetch, seats, webhook } = engine.handlers({ authorize: () => owner });
    const put = () =>
      seats.PUT(
        new Request(`https://app.example${seatsPath}`, {
          method: 'PUT',
          headers: { 'content-type': 'application/json' },
          body: '{"seats":12}',
        }),
      );

    proxy.set({ type: 'down' });
    // The very first thing this process does, and again once it knows the installation.
    for (const round of ['first', 'later']) {
      const response = await put();
      const problem = (await response.json()) as ProblemBody;
      assert.equal(response.status, 503, round);
      assert.equal(problem.code, 'database_unavailable', round);
      assert.match(problem.detail, /Nothing was written and Stripe was not called/);
      assert.equal(response.headers.get('content-type'), 'application/problem+json');
      assert.doesNotMatch(JSON.stringify(problem), /127\.0\.0\.1|ECONN/);
      if (round === 'first') {
        proxy.set({ type: 'pass' });
        await engine.seats(shop.organization);
        proxy.set({ type: 'down' });
      }
    }
    const read = await fetch(new Request(`https://app.example${seatsPath}`));
    assert.equal(read.status, 503);
    assert.equal(((await read.json()) as ProblemBody).code, 'database_unavailable');
    assert.equal((await webhook.POST(delivery(shop, anEvent(shop, 'evt_away')))).status, 503);
    const health = await fetch(new Request('https://app.example/api/health'));
    assert.equal(health.status, 503);
    assert.deepEqual(((await health.json()) as HealthBody).database, 'down');
    assert.deepEqual(shop.stripeWrites(), []);
    await engine.close();
    await proxy.close();
  });

  test('a commit that nobody hears of is told as unknown, never as a 500 and never as success', async () => {
    await using shop = await servedProduct();
    const proxy = await startTcpProxy({ port: Number(new URL(shop.databaseUrl).port) });
    const url = new URL(shop.databaseUrl);
    url.port = String(proxy.port);
    const engine = shop.another({ db: url.href });
    await engine.seats(shop.organization);
    const { seats } = engine.handlers({ authorize: () => owner });
    proxy.set({ type: 'lose_reply', after: 'update seatbelt.accounts' });
    const away = proxy.whenStruck(1).then(() => proxy.set({ type: 'down' }));
    const response = await seats.PUT(
      new Request(`https://app.example${seatsPath}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json', 'idempotency-key': 'k' },
        body: '{"seats":12}',
      }),
    );
    await away;
    const problem = (await response.json()) as ProblemBody;
    assert.equal(response.status, 503);
    assert.equal(problem.code, 'outcome_unknown');
    assert.doesNotMatch(problem.detail, /not called/);

    proxy.set({ type: 'pass' });
    assert.ok(problem.changeUrl, 'it says which change may exist');
    const { body } = await shop.get<ChangeDetailBody>(problem.changeUrl);
    assert.equal(body.change.status, 'requested', 'the commit had happened');
    await engine.close();
    await proxy.close();
  });
});

function anEvent({ subscription }: ServedProduct, id: string): string {
  return JSON.stringify({
    id,
    object: 'event',
    type: 'customer.subscription.updated',
    request: { id: null, idempotency_key: null },
    data: { object: { id: subscription, object: 'subscription' } },
  });
}

function delivery({ stripe }: ServedProduct, payload: string, secret = webhookSecret): Request {
  return new Request('https://app.example/api/webhooks/stripe', {
    method: 'POST',
    headers: { 'stripe-signature': stripe.webhooks.generateTestHeaderString({ payload, secret }) },
    body: payload,
  });
}

describe('Webhooks', () => {
  const marks = async ({ pool }: ServedProduct) => {
    const { rows } = await pool.query(
      `select (select marks::int from seatbelt.accounts) as marks,
              (select coalesce(sum(times), 0)::int from seatbelt.stripe_events) as events`,
    );
    return rows[0] as { marks: number; events: number };
  };

  test('a signed event is noted and marks its account; twice is marked twice', async () => {
    await using shop = await servedProduct();
    const before = await marks(shop);
    const payload = anEvent(shop, 'evt_1');
    const first = await shop.fetch(delivery(shop, payload));
    assert.equal(first.status, 200);
    assert.deepEqual(await first.json(), { received: true, seenBefore: false });
    const second = await shop.fetch(delivery(shop, payload));
    assert.deepEqual(await second.json(), { received: true, seenBefore: true });
    assert.deepEqual(await marks(shop), { marks: before.marks + 2, events: 2 });
  });

  test('a forged one changes nothing', async () => {
    await using shop = await servedProduct();
    const before = await marks(shop);
    const forged = await shop.fetch(delivery(shop, anEvent(shop, 'evt_1'), 'whsec_other'));
    assert.equal(forged.status, 400);
    assert.deepEqual(await marks(shop), before);
  });

  test('a change made elsewhere is found because of it', async () => {
    await using shop = await servedProduct({ seats: 10, used: 7 });
    const { subscription, item } = shop;
    shop.sim.admin.foreignQuantityChange({ subscription, item, quantity: 15, by: 'portal' });
    assert.equal((await shop.fetch(delivery(shop, anEvent(shop, 'evt_1')))).status, 200);
    await eventually('the incident', shop.seatbelt, async () => {
      const { body } = await shop.get(seatsPath);
      return body.incidents.length > 0;
    });
  });
});

describe('Who may see and change what', () => {
  test('nobody known: 401; a reader: 403 for changes; nothing is written', async () => {
    await using shop = await servedProduct();
    const written = await shop.written();
    shop.as(null);
    assert.equal((await shop.get(seatsPath)).status, 401);
    shop.as({ ...owner, may: 'read' });
    assert.equal((await shop.get(seatsPath)).status, 200);
    assert.equal((await shop.put({ seats: 12 })).status, 403);
    assert.equal((await shop.post({ action: 'add', quantity: 1 })).status, 403);
    assert.equal((await shop.preview({ seats: 12 })).status, 403);
    assert.deepEqual(await shop.written(), written);
    assert.deepEqual(shop.stripeWrites(), []);
  });

  test('an organization that is not known: 404 at every door', async () => {
    await using shop = await servedProduct();
    shop.as({ ...owner, organization: 'org_nobody' });
    for (const answer of [
      await shop.get<ProblemBody>(seatsPath),
      await shop.get<ProblemBody>(`${seatsPath}/changes`),
      await shop.put<ProblemBody>({ seats: 12 }),
      await shop.post<ProblemBody>({ action: 'add', quantity: 1 }),
      await shop.preview<ProblemBody>({ seats: 12 }),
    ]) {
      assert.deepEqual([answer.status, answer.body.code], [404, 'unknown_organization']);
    }
  });

  test('another organization sees nothing of this one, by whatever it asks', async () => {
    await using shop = await servedProduct();
    const other = await shop.sim.admin.createDemoSubscription({ quantity: 3 });
    await shop.seatbelt.link('org_other', { subscription: other.subscription.id, used: 1 });
    const mine = await shop.put({ seats: 12 }, { 'idempotency-key': 'k' });
    const id = mine.body.change?.id ?? '';

    shop.as({ organization: 'org_other', actor: 'user_other', may: 'change' });
    assert.equal((await shop.get<SeatsBody>(`${seatsPath}?organization=org_test`)).body.purchasedSeats, 3);
    assert.equal((await shop.get(`${seatsPath}/changes/${id}`)).status, 404);
    assert.deepEqual((await shop.get<ChangesBody>(`${seatsPath}/changes`)).body.changes, []);
    assert.equal((await shop.put({ seats: 12, organization: 'org_test' })).status, 422);
    // The same key of another organization is another key.
    const theirs = await shop.put({ seats: 4 }, { 'idempotency-key': 'k' });
    assert.equal(theirs.body.purchasedSeats, 4);
    assert.notEqual(theirs.body.change?.id, id);
  });
});

describe('History, health and tick', () => {
  test('pages through the history, newest first, each change once', async () => {
    await using shop = await servedProduct({ seats: 10, used: 0 });
    for (let n = 0; n < 5; n += 1) await shop.post({ action: 'add', quantity: 1 });
    const seen: number[] = [];
    let next: string | null = `${seatsPath}/changes?limit=2`;
    while (next !== null) {
      const page: ChangesBody = (await shop.get<ChangesBody>(next)).body;
      seen.push(...page.changes.map((change) => change.quantity));
      assert.ok(page.changes.length <= 2);
      next = page.before === null ? null : `${seatsPath}/changes?limit=2&before=${page.before}`;
    }
    assert.equal(seen.length, 5);
    const first = (await shop.get<ChangesBody>(`${seatsPath}/changes?limit=1`)).body.changes[0];
    const detail = await shop.get<ChangeDetailBody>(first?.url ?? '');
    assert.deepEqual(detail.body.change, first);
    assert.deepEqual(
      detail.body.audit.map((entry) => entry.kind),
      ['change_requested', 'change_applied'],
    );
    assert.equal((await shop.get(`${seatsPath}/changes?limit=501`)).status, 422);
  });

  test('health is open to everybody, and tick only to who has its secret', async () => {
    await using shop = await servedProduct();
    shop.as(null);
    const tick = (token: string) =>
      shop.fetch(
        new Request('https://app.example/api/seatbelt/tick', { headers: { authorization: `Bearer ${token}` } }),
      );
    assert.equal((await tick('wrong')).status, 401);
    const round = await tick('tick-secret');
    assert.equal(round.status, 200);
    assert.ok('accounts' in ((await round.json()) as object));
    const health = await shop.get<HealthBody>('/api/health');
    assert.equal(health.status, 200);
    assert.deepEqual(Object.keys(health.body), ['status', 'database', 'stripe', 'worker', 'duties']);
    assert.equal(health.body.database, 'ok');
    assert.equal(health.body.stripe, 'ok');
  });
});
