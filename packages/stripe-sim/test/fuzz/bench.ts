import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { createStripeSim, type StripeSim } from '../../src/index.ts';

export const API_KEY = 'sk_test_fuzz';

/** A simulator under fuzz, with what it complained of: every line of its log is a bug of its own. */
export interface Bench {
  sim: StripeSim;
  bugs: string[];
  subscription: string;
  item: string;
  customer: string;
  price: string;
}

export function newBench(): Bench {
  const bugs: string[] = [];
  const sim = createStripeSim({ apiKeys: [API_KEY], log: (line) => bugs.push(line), clock: { frozen: true } });
  const demo = sim.admin.createDemoSubscription({ quantity: 5 });
  return {
    sim,
    bugs,
    subscription: demo.subscription.id,
    item: demo.item.id,
    customer: demo.customer.id,
    price: demo.price.id,
  };
}

/** The run's seed: given by `FUZZ_SEED` to repeat a run, else of this moment. Always printed. */
export function seedOf(context: TestContext): number {
  const seed = process.env.FUZZ_SEED === undefined ? Date.now() & 0x7fffffff : Number(process.env.FUZZ_SEED);
  context.diagnostic(`seed ${seed}; repeat with FUZZ_SEED=${seed}`);
  return seed;
}

/** Makes runs longer than the everyday ones, by hand or at night: `FUZZ_SCALE=50`. */
const SCALE = Number(process.env.FUZZ_SCALE ?? 1);

/** The parameters of a fast-check run: how many cases, in at most how much time, from which seed. */
export function extent(seed: number, numRuns: number, withinMs: number) {
  return {
    seed,
    numRuns: numRuns * SCALE,
    interruptAfterTimeLimit: withinMs * SCALE,
    markInterruptAsFailure: false,
  };
}

export interface Sent {
  method: string;
  /** With the query. */
  target: string;
  body?: string;
  headers?: Record<string, string>;
}

export interface Answer {
  status: number;
  text: string;
}

export async function send(bench: Bench, request: Sent): Promise<Answer> {
  const { method, target, body, headers } = request;
  const response = await bench.sim.fetch(
    new Request(`http://stripe-sim.test${target}`, {
      method,
      headers: {
        Authorization: `Bearer ${API_KEY}`,
        ...(body === undefined ? {} : { 'Content-Type': 'application/x-www-form-urlencoded' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    }),
  );
  return { status: response.status, text: await response.text() };
}

const ERROR_TYPES = ['api_error', 'card_error', 'idempotency_error', 'invalid_request_error'];
/** What a request without any armed fault can be answered with. A 500 is not among them: it would be a crash. */
const STATUSES = [200, 400, 401, 402, 404, 409, 413, 429];

/**
 * Holds an answer against Stripe's shape: an object on success, and on failure `error` with one of the four documented
 * types and a sentence. The SDK takes any answer without `error` for a success, so a shapeless one is the worst kind.
 */
export function assertStripeShape({ status, text }: Answer, request: Sent): void {
  const shown = `${request.method} ${request.target.slice(0, 200)} ${(request.body ?? '').slice(0, 300)} -> ${status} ${text.slice(0, 300)}`;
  assert.ok(STATUSES.includes(status), shown);
  const parsed: unknown = JSON.parse(text);
  assert.ok(isHash(parsed), shown);
  if (status === 200) {
    assert.equal(parsed.error, undefined, shown);
    assert.equal(typeof parsed.object, 'string', shown);
    return;
  }
  const { error } = parsed;
  assert.ok(isHash(error), shown);
  assert.ok(ERROR_TYPES.includes(String(error.type)), shown);
  assert.ok(typeof error.message === 'string' && error.message.length > 0, shown);
  assert.ok(error.param === undefined || typeof error.param === 'string', shown);
}

function isHash(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Everything a refusal must leave as it was. The request log is not part of it: a refused request was still made. */
export function stateOf({ sim }: Bench): string {
  const { subscriptions, quantityHistory, ledger, events } = sim.truth();
  return JSON.stringify({ subscriptions, quantityHistory, ledger, events: events.length });
}

/** What must be so at the end of any fuzz run. */
export function assertSound({ sim, bugs }: Bench): void {
  assert.deepEqual(bugs, [], 'the simulator logged a bug of its own');
  assert.deepEqual(sim.truth().violations, []);
}
