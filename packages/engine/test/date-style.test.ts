/** How the database writes a time is its setting; what is told of a time is not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { product } from './product.ts';

test('duties, metrics, sweeps and the watch work in a database that writes dates the German way', async () => {
  await using shop = await product({ seats: 10, used: 7 });
  // For connections that are made from now on.
  await shop.pool.query(`do $$ begin
    execute format('alter database %I set DateStyle = %L', current_database(), 'German');
  end $$`);
  const failed: unknown[] = [];
  const hears = (fields: object) => failed.push('err' in fields ? fields.err : fields);
  const silent = () => undefined;
  const logger = { debug: silent, info: silent, warn: hears, error: hears, fatal: hears };
  const seatbelt = shop.another({ logger });
  const before = Date.now();
  await seatbelt.tick();
  const swept = await seatbelt.sweep({ dryRun: true });
  const duties = await seatbelt.duties();
  assert.match(await seatbelt.metricsText(), /seatbelt_/);
  assert.deepEqual(failed, []);
  const last = await seatbelt.lastSweep();
  assert.deepEqual([last?.startedAt, last?.finishedAt], [swept.startedAt, swept.finishedAt]);
  for (const at of [swept.startedAt, swept.finishedAt, ...duties.map(({ lastSuccessAt }) => lastSuccessAt)]) {
    // Both clocks are this machine's; a day read as a month would be far off.
    assert.ok(Math.abs(Date.parse(at ?? '') - before) < 3_600_000, String(at));
  }
});
