import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStripeSim, type StripeSim } from '../index.ts';
import { sdkFor } from '../testing.ts';

interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

async function post(
  sim: StripeSim,
  path: string,
  body: string,
  key: string,
  extra: Record<string, string> = {},
): Promise<Answer> {
  const response = await sim.fetch(
    new Request(`http://stripe.test${path}`, {
      method: 'POST',
      body,
      headers: {
        authorization: 'Bearer sk_test_x',
        'content-type': 'application/x-www-form-urlencoded',
        'idempotency-key': key,
        ...extra,
      },
    }),
  );
  return { status: response.status, headers: response.headers, text: await response.text() };
}

function message(answer: Answer): { type: string; code?: string; message: string } {
  return JSON.parse(answer.text).error;
}

function demoOf(sim: StripeSim) {
  const demo = sim.admin.createDemoSubscription({ quantity: 5 });
  const raise = `items[0][id]=${demo.item.id}&items[0][quantity]=`;
  return { demo, path: `/v1/subscriptions/${demo.subscription.id}`, raise };
}

test('a replay is byte-identical, marked, names the first request, and makes no event', async () => {
  const sim = createStripeSim();
  const { path, raise } = demoOf(sim);
  const first = await post(sim, path, `${raise}6`, 'k');
  const events = sim.truth().events.length;
  const second = await post(sim, path, `${raise}6`, 'k');
  assert.equal(second.text, first.text);
  assert.equal(second.headers.get('idempotent-replayed'), 'true');
  assert.equal(second.headers.get('original-request'), first.headers.get('request-id'));
  assert.notEqual(second.headers.get('request-id'), first.headers.get('request-id'));
  assert.equal(first.headers.get('idempotent-replayed'), null);
  assert.equal(first.headers.get('stripe-should-retry'), 'false');
  assert.equal(sim.truth().events.length, events);
});

test('the same parameters in another order are the same request', async () => {
  const sim = createStripeSim();
  await post(sim, '/v1/customers', 'email=a%40b.c&name=A', 'k');
  const again = await post(sim, '/v1/customers', 'name=A&email=a%40b.c', 'k');
  assert.equal(again.headers.get('idempotent-replayed'), 'true');
});

test('the same parameters encoded otherwise are the same request, and a list in another order is another', async () => {
  const sim = createStripeSim();
  await post(sim, '/v1/customers', 'metadata[a]=1&name=A B', 'k');
  const again = await post(sim, '/v1/customers?name=A+B', 'metadata%5Ba%5D=1', 'k');
  assert.equal(again.headers.get('idempotent-replayed'), 'true');
  const listed = 'url=http%3A%2F%2F127.0.0.1%3A9%2Fhook&';
  await post(
    sim,
    '/v1/webhook_endpoints',
    `${listed}enabled_events[]=price.created&enabled_events[]=price.updated`,
    'list',
  );
  const swapped = await post(
    sim,
    '/v1/webhook_endpoints',
    `${listed}enabled_events[]=price.updated&enabled_events[]=price.created`,
    'list',
  );
  assert.equal(message(swapped).type, 'idempotency_error');
});

test('other parameters and another endpoint are two different refusals, and keys are account-wide', async () => {
  const sim = createStripeSim();
  const { path, raise } = demoOf(sim);
  await post(sim, path, `${raise}6`, 'k');
  const parameters = message(await post(sim, path, `${raise}7`, 'k'));
  assert.equal(parameters.type, 'idempotency_error');
  assert.match(parameters.message, /same parameters they were first used with/);
  const endpoint = message(await post(sim, '/v1/customers', 'name=A', 'k'));
  assert.equal(endpoint.type, 'idempotency_error');
  assert.match(endpoint.message, /same endpoint they were first used for \('\/v1\/customers' vs '\/v1\/subscriptions/);
});

test('a key in flight is refused with 409, which is not stored', async () => {
  const sim = createStripeSim();
  const { path, raise } = demoOf(sim);
  const fault = sim.faults.add({ kind: 'delay_execution', match: { key: 'k' } });
  const slow = post(sim, path, `${raise}6`, 'k');
  await sim.waitFor((entry) => entry.key === 'k');
  const conflict = await post(sim, path, `${raise}6`, 'k');
  assert.equal(conflict.status, 409);
  assert.equal(message(conflict).code, 'idempotency_key_in_use');
  sim.faults.release(fault);
  const first = await slow;
  assert.equal(first.status, 200);
  assert.equal((await post(sim, path, `${raise}6`, 'k')).text, first.text);
});

test('stored are 2xx, 402 and a 500 after the commit', async () => {
  const sim = createStripeSim();
  const { path, raise, demo } = demoOf(sim);
  const declining = `${raise}9&proration_behavior=always_invoice&payment_behavior=error_if_incomplete`;
  sim.admin.breakCard(demo.customer.id);
  const declined = await post(sim, path, declining, 'card');
  assert.equal(declined.status, 402);
  sim.admin.mendCard(demo.customer.id);
  // The card is fine again, and still the same key gives the same decline.
  assert.equal((await post(sim, path, declining, 'card')).text, declined.text);

  sim.faults.add({ kind: 'error_500_after' });
  const failed = await post(sim, path, `${raise}7`, 'late');
  assert.equal(failed.status, 500);
  assert.equal((await post(sim, path, `${raise}7`, 'late')).status, 500);
  assert.equal((await sdkFor(sim).subscriptionItems.retrieve(demo.item.id)).quantity, 7);
});

test('not stored are validation, 401, both 429s and a 500 before execution', async () => {
  const sim = createStripeSim();
  const { path, raise, demo } = demoOf(sim);
  for (const [key, kind, status] of [
    ['a', 'invalid_request_400', 400],
    ['b', 'unauthorized_401', 401],
    ['c', 'rate_limit_429', 429],
    ['d', 'lock_timeout_429', 429],
    ['e', 'error_500_before', 500],
    ['f', 'conflict_409', 409],
  ] as const) {
    sim.faults.add({ kind });
    assert.equal((await post(sim, path, `${raise}6`, key)).status, status, kind);
    assert.equal((await post(sim, path, `${raise}6`, key)).status, 200, kind);
  }
  assert.equal((await post(sim, path, 'quantty=1', 'g')).status, 400);
  assert.equal((await post(sim, path, `${raise}6`, 'g')).status, 200);
  assert.equal(sim.truth().quantityHistory[demo.item.id]?.length, 2);
});

test('a key is forgotten at 24 hours of virtual time and then runs a new request', async () => {
  const sim = createStripeSim({ clock: { frozen: true } });
  await post(sim, '/v1/customers', 'name=A', 'k');
  await sim.clock.advance({ hours: 23, minutes: 59 });
  assert.equal((await post(sim, '/v1/customers', 'name=A', 'k')).headers.get('idempotent-replayed'), 'true');
  await sim.clock.advance({ minutes: 1 });
  assert.equal((await post(sim, '/v1/customers', 'name=A', 'k')).headers.get('idempotent-replayed'), null);
  assert.equal((await sdkFor(sim).customers.list()).data.length, 2);
});

test('keys have no effect on DELETE', async () => {
  const sim = createStripeSim();
  const { demo } = demoOf(sim);
  const remove = () => sdkFor(sim).subscriptions.cancel(demo.subscription.id, {}, { idempotencyKey: 'k' });
  assert.equal((await remove()).status, 'canceled');
  await assert.rejects(remove(), { statusCode: 404 });
});

test('two requests for one subscription wait for each other, and too long a wait is a lock_timeout that tells to retry', async () => {
  const sim = createStripeSim({ settings: { lockWaitMs: 20 } });
  const { path, raise, demo } = demoOf(sim);
  const release = sim.admin.holdLock(demo.subscription.id);
  const refused = await post(sim, path, `${raise}6`, 'k');
  assert.equal(refused.status, 429);
  assert.equal(message(refused).code, 'lock_timeout');
  assert.equal(refused.headers.get('stripe-should-retry'), 'true');
  assert.equal(refused.headers.get('stripe-rate-limited-reason'), null);
  release();
  assert.equal((await post(sim, path, `${raise}6`, 'k')).status, 200);
});

test('with limits on, the 26th request of a second is refused before its key is looked at', async () => {
  const sim = createStripeSim({ settings: { limits: true } });
  await post(sim, '/v1/customers', 'name=A', 'k');
  const answers = await Promise.all(Array.from({ length: 40 }, () => post(sim, '/v1/customers', 'name=A', 'k')));
  const limited = answers.filter(({ status }) => status === 429);
  assert.ok(limited.length > 0);
  assert.equal(limited[0]?.headers.get('stripe-rate-limited-reason'), 'global-rate');
  assert.equal(message(limited[0] as Answer).code, 'rate_limit');
});

test('with limits on, the quotas of a subscription hold: 10 invoices a minute and 200 quantity updates an hour', async () => {
  const sim = createStripeSim({ settings: { limits: true, requestsPerSecond: 10_000 }, clock: { frozen: true } });
  const { path, raise } = demoOf(sim);
  const statuses: number[] = [];
  for (let count = 0; count < 10; count += 1) {
    statuses.push(
      (await post(sim, path, `${raise}${6 + count}&proration_behavior=always_invoice`, `i${count}`)).status,
    );
  }
  // The first invoice of the minute was the one the subscription began with.
  assert.deepEqual(statuses, [...Array(9).fill(200), 429]);
  await sim.clock.advance({ hours: 1 });
  let allowed = 0;
  for (let count = 0; count < 210; count += 1) {
    const answer = await post(sim, path, `${raise}${20 + count}`, `q${count}`);
    if (answer.status === 200) allowed += 1;
    else assert.equal(answer.headers.get('stripe-rate-limited-reason'), 'resource-specific');
  }
  assert.equal(allowed, 200);
});

test('a bad key is 401, also after it was revoked, and Basic auth works', async () => {
  const sim = createStripeSim();
  await assert.rejects(sdkFor(sim, 'nonsense').customers.list(), {
    type: 'StripeAuthenticationError',
    statusCode: 401,
  });
  sim.admin.revokeKey('sk_test_x');
  await assert.rejects(sdkFor(sim).customers.list(), { statusCode: 401 });
  sim.admin.allowKey('sk_test_x');
  const basic = `Basic ${Buffer.from('sk_test_x:').toString('base64')}`;
  assert.equal((await post(sim, '/v1/customers', '', 'k', { authorization: basic })).status, 200);
});
