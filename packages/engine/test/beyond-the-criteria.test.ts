import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { moveStoredTimes } from '@seatbelt/dev/move-stored-times';
import { startTcpProxy } from '@seatbelt/dev/tcp-proxy';
import type { Alert } from '../src/index.ts';
import { eventually, fullDiskWhen, type Product, product, stripeClient } from './product.ts';

const minute = 60_000;
const hour = 60 * minute;
const subscriptionRoute = { method: 'POST', route: 'POST /v1/subscriptions/:id' } as const;

async function bothSidesAgree(shop: Product, seats: number): Promise<void> {
  const { rows } = await shop.pool.query(
    `select seat_count, settled_seats, push_state from seatbelt.organization_seats where organization_id = $1`,
    [shop.organization],
  );
  assert.deepEqual(rows[0], { seat_count: seats, settled_seats: seats, push_state: null });
  assert.equal(shop.stripeQuantity(), seats);
  assert.equal((await shop.seatbelt.verifyAudit(shop.organization)).broken, null);
  assert.deepEqual(shop.sim.truth().violations, []);
}

const settled = (shop: Product) => async () => (await shop.seatbelt.seats(shop.organization)).pending === null;

test('an answer lost with the write applied: in doubt to nobody as an end, then applied by its own replay', async () => {
  await using shop = await product();
  shop.sim.faults.add({ kind: 'drop_after', match: subscriptionRoute });
  const answer = await shop.seatbelt.set(shop.organization, 12);
  assert.equal(answer.status, 'applied');
  assert.deepEqual(
    shop.stripeWrites().map(({ executed, replayed }) => ({ executed, replayed })),
    [
      { executed: true, replayed: false },
      { executed: false, replayed: true },
    ],
  );
  assert.equal(new Set(shop.stripeWrites().map(({ key }) => key)).size, 1, 'both sends carry one key');
  await bothSidesAgree(shop, 12);
});

test('a request lost before Stripe saw it is sent again under the same key', async () => {
  await using shop = await product();
  shop.sim.faults.add({ kind: 'drop_before', match: subscriptionRoute });
  assert.equal((await shop.seatbelt.set(shop.organization, 12)).status, 'applied');
  assert.equal(shop.stripeWrites().filter(({ executed }) => executed).length, 1);
  await bothSidesAgree(shop, 12);
});

test('while nobody knows, the caller hears in_doubt and neither success nor failure', async () => {
  await using shop = await product();
  const outage = shop.sim.faults.add({ kind: 'drop_after', match: subscriptionRoute, times: Number.POSITIVE_INFINITY });
  // Long enough for the first of the lost answers, however crowded the machine is.
  const answer = await shop.seatbelt.set(shop.organization, 12, { waitMs: 2_000 });
  assert.equal(answer.status, 'in_doubt');
  assert.equal(answer.success, null);
  const seats = await shop.seatbelt.seats(shop.organization);
  assert.equal(seats.pending?.push?.state, 'in_doubt');
  assert.equal(seats.settledSeats, 10, 'not confirmed, so not given out');
  shop.sim.faults.remove(outage);
  await moveStoredTimes(shop.pool, shop.organization, minute);
  await eventually('the end of the doubt', shop.seatbelt, settled(shop));
  await bothSidesAgree(shop, 12);
});

test('a key revoked between a lost answer and its replay: in doubt with an incident, never rolled back', async () => {
  await using shop = await product();
  shop.sim.faults.add({ kind: 'drop_after', match: subscriptionRoute });
  shop.sim.faults.add({ kind: 'unauthorized_401', match: { ...subscriptionRoute, nth: 2 }, times: 3 });
  const answer = await shop.seatbelt.set(shop.organization, 12, { waitMs: 1_200 });
  assert.notEqual(answer.status, 'rolled_back', 'Stripe has written it; a 401 on the replay proves nothing');
  const { incidents } = await shop.seatbelt.seats(shop.organization);
  assert.equal(answer.status, 'in_doubt');
  assert.ok(incidents.some(({ kind }) => kind === 'stripe_key_refused'));
  shop.sim.faults.clear();
  await moveStoredTimes(shop.pool, shop.organization, minute);
  await eventually('the end of the doubt', shop.seatbelt, settled(shop));
  await bothSidesAgree(shop, 12);
});

test('a Stripe that was too busy for ten minutes, and a rollback that cannot be written: one fatal alert, and it completes', async () => {
  await using shop = await product();
  const fatal = Promise.withResolvers<Alert>();
  const resolved = Promise.withResolvers<Alert>();
  const engine = shop.another({
    onAlert: (alert) => {
      if (alert.level === 'fatal') fatal.resolve(alert);
      if (alert.level === 'info') resolved.resolve(alert);
    },
  });
  shop.sim.faults.add({ kind: 'rate_limit_429', match: { method: 'POST' }, times: null });
  assert.equal((await engine.set(shop.organization, 12, { waitMs: 0 })).status, 'requested');
  await eventually('it was turned away', engine, async () => {
    const { pending } = await engine.seats(shop.organization);
    return pending?.waitingFor?.what === 'stripe';
  });
  const makeRoom = await fullDiskWhen(shop, 'new.push_id is null and old.push_id is not null');
  await moveStoredTimes(shop.pool, shop.organization, 11 * minute);
  const advanced = engine.advance(shop.organization);
  assert.match((await fatal.promise).message, /rollback could not be written/);
  const [change] = (await engine.changes(shop.organization)).changes;
  assert.equal(change?.status, 'rollback_pending');
  await makeRoom();
  assert.equal((await resolved.promise).fingerprint, (await fatal.promise).fingerprint);
  await advanced;
  assert.equal((await engine.seats(shop.organization)).purchasedSeats, 10);
  assert.equal(shop.stripeQuantity(), 10);
});

test('a 429 on a replay says nothing about the first send', async () => {
  await using shop = await product();
  shop.sim.faults.add({ kind: 'drop_after', match: subscriptionRoute });
  shop.sim.faults.add({ kind: 'rate_limit_429', match: { ...subscriptionRoute, nth: 2 } });
  const answer = await shop.seatbelt.set(shop.organization, 12);
  assert.equal(answer.status, 'applied');
  await bothSidesAgree(shop, 12);
});

test('a 429 on the only send ran nothing: the same key is used again and nothing is rolled back', async () => {
  await using shop = await product();
  shop.sim.faults.add({ kind: 'lock_timeout_429', match: subscriptionRoute, times: 2 });
  const answer = await shop.seatbelt.set(shop.organization, 12);
  assert.equal(answer.status, 'applied');
  assert.equal(new Set(shop.stripeWrites().map(({ key }) => key)).size, 1);
  await bothSidesAgree(shop, 12);
});

test('a stored 500 is never replayed for ever: Stripe is read, and a new generation writes', async () => {
  await using shop = await product();
  shop.sim.faults.add({ kind: 'error_500_before', match: subscriptionRoute, times: 3 });
  const answer = await shop.seatbelt.set(shop.organization, 12, { waitMs: 500 });
  assert.equal(answer.success, null);
  await moveStoredTimes(shop.pool, shop.organization, 2 * minute);
  await eventually('the end of the doubt', shop.seatbelt, async () => {
    await moveStoredTimes(shop.pool, shop.organization, minute);
    return settled(shop)();
  });
  await bothSidesAgree(shop, 12);
});

test('a doubt a day old is never replayed: the old quantity rolls back, and is watched', async () => {
  await using shop = await product();
  shop.sim.faults.add({ kind: 'drop_before', match: subscriptionRoute, times: Number.POSITIVE_INFINITY });
  // Whoever asked is gone, and goes on sending no more.
  const asking = shop.another();
  await asking.set(shop.organization, 12, { waitMs: 100 });
  await asking.close();
  shop.sim.faults.clear();
  const sentBefore = shop.stripeWrites().length;
  await moveStoredTimes(shop.pool, shop.organization, 24 * hour);
  await eventually('the end of the doubt', shop.seatbelt, settled(shop));
  assert.equal(shop.stripeWrites().length, sentBefore, 'after 23 hours nothing is sent again');
  await bothSidesAgree(shop, 10);
  const { changes } = await shop.seatbelt.changes(shop.organization);
  assert.equal(changes[0]?.status, 'rolled_back');
  assert.equal(changes[0]?.code, 'expired');
});

test('a paused process whose request arrives after the rollback: its late write is found and reversed', async () => {
  await using shop = await product();
  // The request is on its way for longer than anybody waits; everybody else is told nothing.
  shop.sim.faults.add({ kind: 'drop_before', match: subscriptionRoute, times: Number.POSITIVE_INFINITY });
  await shop.seatbelt.set(shop.organization, 12, { waitMs: 100 });
  const { rows } = await shop.pool.query(`select push from seatbelt.accounts where organization_id = $1`, [
    shop.organization,
  ]);
  const { push } = rows[0] as { push: { request: { path: string; body: string } } };
  shop.sim.faults.clear();
  await moveStoredTimes(shop.pool, shop.organization, 24 * hour);
  await eventually('the rollback', shop.seatbelt, settled(shop));
  await bothSidesAgree(shop, 10);

  // Now it arrives, after its key was forgotten.
  const late = await fetch(`http://127.0.0.1:${shop.sim.port}${push.request.path}`, {
    method: 'POST',
    body: push.request.body,
    headers: { authorization: 'Bearer sk_test_engine', 'content-type': 'application/x-www-form-urlencoded' },
  });
  assert.equal(late.status, 200);
  assert.equal(shop.stripeQuantity(), 12, 'charged for seats that the database does not show');
  await moveStoredTimes(shop.pool, shop.organization, 2 * minute);
  await eventually('the reversal', shop.seatbelt, async () => {
    await moveStoredTimes(shop.pool, shop.organization, hour);
    return shop.stripeQuantity() === 10 && settled(shop)();
  });
  await bothSidesAgree(shop, 10);
  const { rows: incidents } = await shop.pool.query(
    `select kind, closed_at from seatbelt.incidents where kind = 'late_write'`,
  );
  assert.equal(incidents.length, 1);
  assert.notEqual(incidents[0].closed_at, null);
});

test('a change by a foreign hand is found, held and never overwritten', async () => {
  await using shop = await product();
  shop.sim.admin.foreignQuantityChange({
    subscription: shop.subscription,
    item: shop.item,
    quantity: 14,
    by: 'dashboard',
  });
  await shop.seatbelt.mark(shop.organization);
  await shop.seatbelt.tick();
  const seats = await shop.seatbelt.seats(shop.organization);
  assert.equal(seats.status, 'held');
  assert.equal(seats.hold?.observedQuantity, 14);
  await assert.rejects(shop.seatbelt.set(shop.organization, 20), { code: 'drift_unresolved' });
  assert.equal(shop.stripeQuantity(), 14);
  await shop.seatbelt.resolve(shop.organization, { by: 'stripe', reason: 'bought in the portal', actor: 'ops' });
  await bothSidesAgree(shop, 14);
});

test('two pushes on one subscription never overlap, whoever asks', async () => {
  await using shop = await product();
  const other = shop.another();
  const hang = shop.sim.faults.add({
    kind: 'delay_before',
    match: subscriptionRoute,
    delayMs: 150,
    times: Number.POSITIVE_INFINITY,
  });
  const answers = await Promise.all([
    shop.seatbelt.add(shop.organization, 5),
    other.add(shop.organization, 5),
    shop.seatbelt.add(shop.organization, 1),
    other.add(shop.organization, 1),
  ]);
  shop.sim.faults.remove(hang);
  assert.deepEqual(
    answers.map(({ status }) => status),
    ['applied', 'applied', 'applied', 'applied'],
  );
  const { rows } = await shop.pool.query(`
    select count(*)::int as overlaps from seatbelt.pushes a join seatbelt.pushes b
        on a.id < b.id and a.subscription_id = b.subscription_id
       and a.intended_at < b.ended_at and b.intended_at < a.ended_at`);
  assert.equal(rows[0].overlaps, 0);
  await bothSidesAgree(shop, 19);
});

test('two processes changing one organization at once lose no update', async () => {
  await using shop = await product({ seats: 10, used: 10 });
  const engines = [shop.seatbelt, shop.another(), shop.another()];
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, index) => {
      const engine = engines[index % engines.length];
      assert.ok(engine);
      return engine.add(shop.organization, 1);
    }),
  );
  assert.ok(
    answers.every(({ status }) => status === 'applied'),
    JSON.stringify(answers.map(({ status, code }) => [status, code])),
  );
  await bothSidesAgree(shop, 70);
});

test('the same idempotency key twice at once, in one process and in two, is one change', async () => {
  await using shop = await product();
  const other = shop.another();
  const answers = await Promise.all([
    shop.seatbelt.add(shop.organization, 5, { idempotencyKey: 'k' }),
    shop.seatbelt.add(shop.organization, 5, { idempotencyKey: 'k' }),
    other.add(shop.organization, 5, { idempotencyKey: 'k' }),
  ]);
  assert.equal(new Set(answers.map(({ change }) => change?.id)).size, 1);
  await assert.rejects(other.add(shop.organization, 6, { idempotencyKey: 'k' }), { code: 'idempotency_key_reused' });
  await bothSidesAgree(shop, 12);
});

test('1,000 concurrent add 1 on one organization: every one applied, a handful of Stripe calls', async () => {
  await using shop = await product({ seats: 10, used: 10 });
  const answers = await Promise.all(Array.from({ length: 1_000 }, () => shop.seatbelt.add(shop.organization, 1)));
  assert.ok(answers.every(({ status }) => status === 'applied'));
  assert.ok(shop.stripeWrites().length <= 5, `${shop.stripeWrites().length} calls`);
  await bothSidesAgree(shop, 1_010);
});

test('a declined joint change punishes only what was declined', async () => {
  await using shop = await product({ seats: 10, used: 10 });
  const hang = shop.sim.faults.add({ kind: 'delay_before', match: subscriptionRoute, delayMs: 100 });
  assert.ok(hang);
  const first = shop.seatbelt.add(shop.organization, 1);
  await shop.sim.waitFor((request) => request.method === 'POST', { timeoutMs: 5_000 });
  // These two ride together in the next push, which is declined; tried alone, the card is good again.
  shop.sim.faults.add({ kind: 'card_decline_402', match: { ...subscriptionRoute, nth: 1 } });
  const [a, b, c] = await Promise.all([
    first,
    shop.seatbelt.add(shop.organization, 2),
    shop.seatbelt.add(shop.organization, 3),
  ]);
  assert.deepEqual([a.status, b.status, c.status], ['applied', 'applied', 'applied']);
  await bothSidesAgree(shop, 16);
});

// Crashes of a real process, at each place between two lines.

function startChild(shop: Product, databaseUrl: string, idempotencyKey: string) {
  const child = spawn(
    process.execPath,
    [
      fileURLToPath(new URL('./child-engine.ts', import.meta.url)),
      JSON.stringify({
        databaseUrl,
        stripePort: shop.sim.port,
        organization: shop.organization,
        seats: 12,
        idempotencyKey,
      }),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Resolves when a request of the child is held at the simulator. Bounded; asks between turns of the event loop. */
async function struckBy(shop: Product, rule: string): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (performance.now() < deadline) {
    if (shop.sim.faults.list().some(({ id, holding }) => id === rule && holding > 0)) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error('No request was held by the simulator within 20 s.');
}

async function healedTo(shop: Product, seats: number): Promise<void> {
  await moveStoredTimes(shop.pool, shop.organization, minute);
  await eventually('healing', shop.seatbelt, settled(shop));
  await bothSidesAgree(shop, seats);
  const repeated = await shop.seatbelt.set(shop.organization, 12, { idempotencyKey: 'crash' });
  assert.equal(repeated.status, 'applied', 'the caller who asks again hears what became of it');
  const { changes } = await shop.seatbelt.changes(shop.organization);
  assert.equal(changes.length, 1);
}

test('kill -9 before the call: the committed intent is carried on by the next one who looks', async () => {
  await using shop = await product();
  // The reply to the intent's commit is lost and the database stays away, so the child never gets to Stripe.
  const proxy = await startTcpProxy({ port: Number(new URL(shop.databaseUrl).port) });
  const url = new URL(shop.databaseUrl);
  url.port = String(proxy.port);
  proxy.set({ type: 'lose_reply', after: 'update seatbelt.accounts' });
  const struck = proxy.whenStruck(1).then(() => proxy.set({ type: 'down' }));
  const child = startChild(shop, url.href, 'crash');
  await struck;
  await child.kill();
  await proxy.close();
  assert.equal(shop.stripeWrites().length, 0);
  await healedTo(shop, 12);
});

for (const [kind, when] of [
  ['delay_before', 'before Stripe has written'],
  ['delay_after', 'after Stripe has written'],
] as const) {
  test(`kill -9 during the call, ${when}`, async () => {
    await using shop = await product();
    const rule = shop.sim.faults.add({ kind, match: subscriptionRoute, delayMs: 60_000 });
    const child = startChild(shop, shop.databaseUrl, 'crash');
    await struckBy(shop, rule);
    await child.kill();
    shop.sim.faults.release(rule);
    await healedTo(shop, 12);
  });
}

test('kill -9 after the answer and before its commit', async () => {
  await using shop = await product();
  const proxy = await startTcpProxy({ port: Number(new URL(shop.databaseUrl).port) });
  const url = new URL(shop.databaseUrl);
  url.port = String(proxy.port);
  const child = startChild(shop, url.href, 'crash');
  // The outcome's commit is the statement that ends the push; it never leaves.
  proxy.set({ type: 'lose_request', before: '"outcome":"confirmed"' });
  const struck = proxy.whenStruck(1).then(() => proxy.set({ type: 'down' }));
  await struck;
  await child.kill();
  await proxy.close();
  assert.equal(shop.stripeQuantity(), 12, 'Stripe has written');
  await healedTo(shop, 12);
});

test('a process of another installation reads, and never pushes', async () => {
  await using shop = await product();
  const preview = shop.another({ environment: 'preview' });
  assert.equal((await preview.seats(shop.organization)).status, 'paused');
  await assert.rejects(preview.set(shop.organization, 12), { code: 'paused' });
  const live = shop.another({ stripe: stripeClient(shop.sim.port, 'sk_live_engine') });
  await assert.rejects(live.set(shop.organization, 12), { code: 'paused' });
  assert.equal(shop.stripeWrites().length, 0);
});

test('paused: nothing is written to Stripe until it is resumed, and seats are freed all the same', async () => {
  await using shop = await product();
  await shop.seatbelt.pause(shop.organization, { reason: 'migration', actor: 'ops' });
  await assert.rejects(shop.seatbelt.set(shop.organization, 12), { code: 'paused' });
  assert.equal((await shop.seatbelt.release(shop.organization, 1)).status, 'applied');
  await shop.seatbelt.resume(shop.organization, { actor: 'ops' });
  assert.equal((await shop.seatbelt.set(shop.organization, 12)).status, 'applied');
  await bothSidesAgree(shop, 12);
});
