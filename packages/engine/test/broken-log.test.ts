/** A host's log that throws at every line, as pino does once its transport has died. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHandlers } from '../src/http/handlers.ts';
import type { Alert, Logger } from '../src/index.ts';
import { fullDiskWhen, product } from './product.ts';

const broken = (): never => {
  throw new Error('the worker has exited');
};
const logger: Logger = { debug: broken, info: broken, warn: broken, error: broken, fatal: broken };

test('a change is carried out, and the next one as well where its turns at Stripe cannot be counted', async (context) => {
  const said = context.mock.method(console, 'error', () => undefined);
  await using shop = await product();
  const engine = shop.another({ logger, stripeRequestsPerSecond: 1_000 });
  await shop.pool.query('alter function seatbelt.take_turns rename to taken_away');
  for (const seats of [12, 14]) assert.equal((await engine.set(shop.organization, seats)).status, 'applied');
  assert.equal(shop.stripeQuantity(), 14);
  assert.match(String(said.mock.calls[0]?.arguments[0]), /could not write to its log .*the worker has exited/);
});

test('a rollback that cannot be written is alerted all the same, and completes by itself', async (context) => {
  context.mock.method(console, 'error', () => undefined);
  await using shop = await product();
  const makeRoom = await fullDiskWhen(shop, 'new.push_id is null and old.push_id is not null');
  const fatal = Promise.withResolvers<Alert>();
  const resolved = Promise.withResolvers<void>();
  const engine = shop.another({
    logger,
    onAlert: (alert) => {
      if (alert.level === 'fatal') fatal.resolve(alert);
      if (alert.level === 'info') resolved.resolve();
    },
  });
  shop.sim.faults.add({ kind: 'card_decline_402' });
  const asked = engine.set(shop.organization, 12);
  assert.match((await fatal.promise).message, /rollback could not be written/);
  await makeRoom();
  await resolved.promise;
  assert.equal((await asked).success, false);
  assert.equal((await engine.seats(shop.organization)).purchasedSeats, 10);
});

test('a request over HTTP has its answer', async (context) => {
  context.mock.method(console, 'error', () => undefined);
  await using shop = await product();
  const { seats } = createHandlers(shop.seatbelt, {
    logger,
    stripe: shop.stripe,
    authorize: broken,
    webhookSecrets: [],
    tickSecret: null,
    metricsKey: null,
  });
  assert.equal((await seats.GET(new Request('http://host.test/seats'))).status, 503);
});
