import { randomUUID } from 'node:crypto';
import type { Difference } from './compare.ts';
import { compareBodies } from './compare.ts';
import type { GivenPrice, Json, RecordedStep, Scenario } from './fixture.ts';
import { Bindings } from './placeholders.ts';

/** Where a scenario is replayed. */
export interface Target {
  /** Such as `http://127.0.0.1:12111` or `https://api.stripe.com`. */
  baseUrl: string;
  apiKey: string;
  apiVersion: string;
}

/** An answer as it came. */
export interface LiveAnswer {
  status: number;
  headers: Record<string, string>;
  body: Json;
}

/** What one step gave: the live answer, and how it differs from the recorded one. */
export interface StepResult {
  step: RecordedStep;
  /** Null when the step could not be sent, because an earlier answer did not give an id that it names. */
  live: LiveAnswer | null;
  differences: Difference[];
}

/** A key that no Stripe account has, for the recorded answer to one. */
const UNKNOWN_KEY = 'sk_test_unknown';

/**
 * Sends a scenario's requests in their order and compares each answer. A step after a status that was not the
 * recorded one is still sent as long as the ids it needs are known, so that one report shows as much as possible.
 */
export async function replay(scenario: Scenario, target: Target): Promise<StepResult[]> {
  const bindings = new Bindings();
  await provideGiven(scenario.given, target, bindings);
  const results: StepResult[] = [];
  for (const step of scenario.steps) results.push(await replayStep(step, target, bindings));
  return results;
}

async function replayStep(step: RecordedStep, target: Target, bindings: Bindings): Promise<StepResult> {
  const now = Math.trunc(Date.now() / 1000);
  const unknown = bindings.unknownIn([step.path, ...[...step.query, ...step.form].map(([, value]) => value)]);
  if (unknown !== undefined) return { step, live: null, differences: [unsent(unknown)] };
  const fill = (pairs: [string, string][]): [string, string][] =>
    pairs.map(([key, value]) => [key, bindings.fill(value, now)]);
  const apiKey = step.status === 401 ? UNKNOWN_KEY : target.apiKey;
  const live = await send(
    { ...target, apiKey },
    step.method,
    bindings.fill(step.path, now),
    fill(step.query),
    fill(step.form),
    'Idempotency-Key' in step.headers,
  );
  // Another status is another answer: comparing its body field by field would only bury the cause.
  const differences =
    live.status === step.status
      ? [
          ...compareHeaders(step.headers, live.headers, target.apiVersion),
          ...compareBodies(step.body, live.body, bindings),
        ]
      : [otherStatus(step.status, live)];
  return { step, live, differences };
}

function otherStatus(recorded: number, live: LiveAnswer): Difference {
  return {
    kind: 'value',
    at: 'http.status',
    path: 'status',
    recorded: String(recorded),
    live: `${live.status} ${JSON.stringify(live.body).slice(0, 300)}`,
  };
}

function unsent(placeholder: string): Difference {
  return {
    kind: 'missing',
    at: 'http.request',
    path: 'request',
    recorded: placeholder,
    live: 'no answer so far gave this id, so the request could not be sent',
  };
}

/** Only headers that were recorded are looked at: Stripe sends many more that say nothing about the answer. */
function compareHeaders(
  recorded: Record<string, string>,
  live: Record<string, string>,
  apiVersion: string,
): Difference[] {
  const differences: Difference[] = [];
  for (const [name, value] of Object.entries(recorded)) {
    const actual = live[name.toLowerCase()];
    const at = `http.header.${name.toLowerCase()}`;
    const expected = value === '{request}' ? live['request-id'] : value === '{version}' ? apiVersion : value;
    if (actual === undefined) {
      differences.push({ kind: 'missing', at, path: name, recorded: value, live: '(absent)' });
    } else if (expected !== '{text}' && actual.split(';')[0] !== expected) {
      differences.push({ kind: 'value', at, path: name, recorded: expected ?? value, live: actual });
    }
  }
  return differences;
}

/** Creates the products and prices that the recording account already had. */
async function provideGiven(given: GivenPrice[], target: Target, bindings: Bindings): Promise<void> {
  for (const price of given) {
    if (bindings.get(price.product) === undefined) {
      const label: [string, string][] = price.unit_label === null ? [] : [['unit_label', price.unit_label]];
      const product = await create(target, '/v1/products', [['name', price.product_name], ...label]);
      bindings.bind(price.product, product);
    }
    const fields: [string, string][] = [
      ['product', bindings.get(price.product) ?? ''],
      ['currency', price.currency],
      ['unit_amount', String(price.unit_amount)],
      ['tax_behavior', price.tax_behavior],
    ];
    if (price.nickname !== null) fields.push(['nickname', price.nickname]);
    if (price.interval !== null) fields.push(['recurring[interval]', price.interval]);
    bindings.bind(price.id, await create(target, '/v1/prices', fields));
  }
}

async function create(target: Target, path: string, form: [string, string][]): Promise<string> {
  const { status, body } = await send(target, 'POST', path, [], form);
  const id = typeof body === 'object' && body !== null && !Array.isArray(body) ? body.id : undefined;
  if (status !== 200 || typeof id !== 'string') {
    throw new Error(`Could not prepare the scenario: POST ${path} gave ${status} ${JSON.stringify(body)}`);
  }
  return id;
}

async function send(
  target: Target,
  method: string,
  path: string,
  query: [string, string][],
  form: [string, string][],
  keyed = method === 'POST',
): Promise<LiveAnswer> {
  const url = new URL(path, target.baseUrl);
  for (const [key, value] of query) url.searchParams.append(key, value);
  const posts = method === 'POST';
  const response = await fetch(url, {
    method,
    headers: {
      Authorization: `Bearer ${target.apiKey}`,
      'Stripe-Version': target.apiVersion,
      ...(keyed ? { 'Idempotency-Key': randomUUID() } : {}),
      ...(posts ? { 'Content-Type': 'application/x-www-form-urlencoded' } : {}),
    },
    ...(posts ? { body: new URLSearchParams(form).toString() } : {}),
  });
  const text = await response.text();
  let body: Json;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw new Error(`${method} ${path} answered ${response.status} without JSON: ${text.slice(0, 200)}`, { cause });
  }
  return { status: response.status, headers: Object.fromEntries(response.headers), body };
}
