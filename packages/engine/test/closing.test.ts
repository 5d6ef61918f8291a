/** An engine that is let go of while it is at work. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as passed } from 'node:timers/promises';
import { poolThatMayBeCut } from '@seatbelt/dev/test-database';
import { policy } from '../src/core/policy.ts';
import { product } from './product.ts';

test("a cron's round that an engine is closed under ends with what it has begun, and asks for nothing more", async () => {
  await using shop = await product();
  const pool = poolThatMayBeCut(shop.databaseUrl, 4);
  const engine = shop.another({ db: pool });
  const look = 'GET /v1/subscriptions/:id';
  shop.sim.faults.add({ kind: 'hang', match: { route: look } });
  await shop.seatbelt.mark(shop.organization);

  const round = engine.tick();
  while (!shop.sim.faults.list().some(({ holding }) => holding > 0)) await passed(10);
  let statements = 0;
  pool.on('acquire', () => {
    statements += 1;
  });
  const closed = engine.close();
  await passed(300);
  // What went beside is ended with a few; a loop whose pauses take no time would have made hundreds.
  assert.ok(statements <= 10, `${statements} statements while nothing was left to do`);
  shop.sim.faults.clear();

  assert.deepEqual((await round).accounts, { claimed: 1, failed: 0, moreDue: false });
  await closed;
  await pool.end();
});

test('a worker that was stopped can be started again', async () => {
  await using shop = await product();
  const worker = shop.seatbelt.startWorker();
  assert.equal(shop.seatbelt.startWorker(), worker, 'one worker in a process');
  await worker.stop();
  const another = shop.seatbelt.startWorker();
  assert.notEqual(another, worker);
  await another.stop();
});

test('what reads Stripe beside the rounds keeps no account waiting, nor the end of the engine', {
  timeout: 60_000,
}, async () => {
  const asked = Promise.withResolvers<void>();
  await using shop = await product();
  const engine = shop.another({
    eventsEveryMs: 0,
    sweepEveryMs: 0,
    resolveOrganization: () => {
      asked.resolve();
      return new Promise(() => undefined);
    },
  });
  shop.sim.admin.createDemoSubscription({ quantity: 4 });
  for (const event of (await shop.stripe.events.list()).data) await engine.receive(event);
  const due = async () =>
    (await shop.pool.query(`select 1 from seatbelt.accounts where due_at <= now()`)).rowCount ?? 0;

  engine.startWorker();
  await asked.promise;
  await passed(2 * policy.pollMs);
  const began = performance.now();
  await shop.seatbelt.mark(shop.organization);
  while ((await due()) > 0) await passed(50);
  const tookMs = performance.now() - began;
  assert.ok(tookMs < 2 * policy.pollMs, `it was looked at after ${Math.round(tookMs)} ms`);
  await engine.close();
});
