import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { assertSound, assertStripeShape, extent, newBench, type Sent, seedOf, send, stateOf } from './bench.ts';
import { hostileRequest, malformedBody, nastyText } from './hostile.ts';

/** A refusal changes nothing. A 402 may: a declined attempt is counted on its invoice. */
const REFUSALS = new Set([400, 401, 404, 409, 413, 429]);

test('any request to any route gets an answer in Stripe’s shape, and a refusal changes nothing', async (context) => {
  const seed = seedOf(context);
  const bench = newBench();
  const seen = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(hostileRequest(bench), async (request) => {
      const before = stateOf(bench);
      const answer = await send(bench, request);
      assertStripeShape(answer, request);
      if (REFUSALS.has(answer.status)) assert.equal(stateOf(bench), before);
      seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1);
    }),
    extent(seed, 800, 2_000),
  );
  context.diagnostic(`answers by status: ${JSON.stringify(Object.fromEntries(seen))}`);
  assert.ok((seen.get(200) ?? 0) > 0, 'some requests must be good ones, or refusals prove little');
  assertSound(bench);
});

test('a body that is no form, or built to exhaust its reader, is refused in Stripe’s shape', async (context) => {
  const seed = seedOf(context);
  const bench = newBench();
  const targets = ['/v1/customers', '/v1/subscriptions', `/v1/subscriptions/${bench.subscription}`, '/v1/nothing/here'];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...targets), malformedBody, async (target, body) => {
      const request: Sent = { method: 'POST', target, body };
      const before = stateOf(bench);
      const answer = await send(bench, request);
      assertStripeShape(answer, request);
      if (REFUSALS.has(answer.status)) assert.equal(stateOf(bench), before);
    }),
    extent(seed, 300, 1_500),
  );
  assertSound(bench);
});

test('a quantity is taken exactly as a whole number or refused, never rounded, clamped or half-written', async (context) => {
  const seed = seedOf(context);
  const bench = newBench();
  const quantities = fc.oneof(
    nastyText,
    fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }).map(String),
    fc.double().map(String),
  );
  await fc.assert(
    fc.asyncProperty(quantities, fc.boolean(), async (text, onItem) => {
      const value = encodeURIComponent(text.toWellFormed());
      const request: Sent = onItem
        ? { method: 'POST', target: `/v1/subscription_items/${bench.item}`, body: `quantity=${value}` }
        : {
            method: 'POST',
            target: `/v1/subscriptions/${bench.subscription}`,
            body: `items[0][id]=${bench.item}&items[0][quantity]=${value}`,
          };
      const before = stateOf(bench);
      const answer = await send(bench, request);
      assertStripeShape(answer, request);
      const [subscription] = bench.sim.truth().subscriptions;
      if (answer.status === 200) {
        assert.match(text, /^-?\d+$/);
        // Through BigInt, so that "-0" has to have become 0: strict equality tells the two zeros apart.
        assert.equal(subscription?.items.data[0]?.quantity, Number(BigInt(text)));
      } else {
        assert.equal(stateOf(bench), before);
      }
    }),
    extent(seed, 250, 1_500),
  );
  assertSound(bench);
});

test('an idempotency key of 255 characters works and one of 256 is refused before anything happens', async () => {
  const bench = newBench();
  const change = (key: string, quantity: number) =>
    send(bench, {
      method: 'POST',
      target: `/v1/subscription_items/${bench.item}`,
      body: `quantity=${quantity}`,
      headers: { 'Idempotency-Key': key },
    });
  assert.equal((await change('k'.repeat(255), 6)).status, 200);
  const before = stateOf(bench);
  const refused = await change('k'.repeat(256), 7);
  assert.equal(refused.status, 400);
  assertStripeShape(refused, { method: 'POST', target: 'a key of 256 characters' });
  assert.equal(stateOf(bench), before);
  assertSound(bench);
});

test('requests that come all at once each get an answer, and a key changes a quantity at most once', async (context) => {
  const seed = seedOf(context);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 5 })), {
        minLength: 2,
        maxLength: 40,
      }),
      async (wishes) => {
        const bench = newBench();
        const run = randomUUID();
        const requests = wishes.map(
          ([quantity, key]): Sent => ({
            method: 'POST',
            target: `/v1/subscription_items/${bench.item}`,
            body: `quantity=${quantity}`,
            headers: { 'Idempotency-Key': `${run}-${key}` },
          }),
        );
        const answers = await Promise.all(requests.map((request) => send(bench, request)));
        for (const [index, answer] of answers.entries()) {
          assertStripeShape(answer, requests[index] ?? { method: 'POST', target: '' });
        }
        const truth = bench.sim.truth();
        const history = truth.quantityHistory[bench.item] ?? [];
        const changedBy = history
          .filter((change) => change.key !== null && change.from !== change.to)
          .map((change) => change.key);
        assert.equal(new Set(changedBy).size, changedBy.length);
        assert.equal(truth.subscriptions[0]?.items.data[0]?.quantity, history.at(-1)?.to);
        assertSound(bench);
      },
    ),
    extent(seed, 50, 1_000),
  );
});
