/** An engine that is let go of while it is at work. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as passed } from 'node:timers/promises';
import { poolThatMayBeCut } from '@seatbelt/dev/test-database';
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
