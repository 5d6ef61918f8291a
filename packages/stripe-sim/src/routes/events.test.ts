import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStripeSim } from '../index.ts';
import { sdkFor } from '../testing.ts';

test('an event of a test clock in the past is kept as long as any other', async () => {
  const sim = createStripeSim({ clock: { startAt: Date.UTC(2026, 5, 1) / 1000, frozen: true } });
  const stripe = sdkFor(sim);
  const longAgo = Date.UTC(2024, 0, 1) / 1000;
  const clock = await stripe.testHelpers.testClocks.create({ frozen_time: longAgo });
  const customer = await stripe.customers.create({ test_clock: clock.id });
  const find = async () => {
    const { data } = await stripe.events.list({ type: 'customer.created' });
    return data.find((event) => (event.data.object as { id: string }).id === customer.id);
  };
  const event = await find();
  assert.equal(event?.created, longAgo);
  assert.equal((await stripe.events.retrieve(event?.id ?? '')).id, event?.id);
  await sim.clock.advance({ days: 29 });
  assert.ok(await find());
  await sim.clock.advance({ days: 2 });
  assert.equal(await find(), undefined);
  await assert.rejects(stripe.events.retrieve(event?.id ?? ''), { statusCode: 404 });
});
