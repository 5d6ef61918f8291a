import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import Stripe from 'stripe';
import { type FaultRule, type StripeSim, startStripeSim } from '../index.ts';

let sim: StripeSim;
before(async () => {
  sim = await startStripeSim();
});
after(() => sim.close());

/** Through a real socket, because that is where answers get lost. */
function sdk(options: { maxNetworkRetries?: number; timeout?: number } = {}): Stripe {
  return new Stripe('sk_test_x', {
    host: '127.0.0.1',
    port: sim.port,
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
    ...options,
  });
}

function demoAccount() {
  const demo = sim.admin.createDemoSubscription({ quantity: 5 });
  const raise = (stripe: Stripe, quantity: number, key: string) =>
    stripe.subscriptions.update(
      demo.subscription.id,
      { items: [{ id: demo.item.id, quantity }] },
      { idempotencyKey: key },
    );
  const quantity = () => sim.truth().quantityHistory[demo.item.id]?.at(-1)?.to;
  return { demo, raise, quantity };
}

test('drop_before: nothing ran; the SDK sends once more by itself and gets its answer', async () => {
  const { raise, quantity } = demoAccount();
  sim.faults.loseNextRequest();
  assert.equal((await raise(sdk(), 6, 'b1')).items.data[0]?.quantity, 6);
  assert.equal(quantity(), 6);
  const requests = sim.truth().requests.filter((entry) => entry.key === 'b1');
  assert.deepEqual(
    requests.map(({ executed, replayed, status, fault }) => ({ executed, replayed, status, fault })),
    [
      { executed: false, replayed: false, status: null, fault: 'drop_before' },
      { executed: true, replayed: false, status: 200, fault: null },
    ],
  );
});

test('drop_after: it ran and was kept, not one byte came back, and the second send is a replay', async () => {
  const { raise, demo } = demoAccount();
  sim.faults.loseNextAnswer();
  await raise(sdk(), 6, 'a1');
  const requests = sim.truth().requests.filter((entry) => entry.key === 'a1');
  assert.deepEqual(
    requests.map(({ executed, replayed, status }) => ({ executed, replayed, status })),
    [
      { executed: true, replayed: false, status: null },
      { executed: false, replayed: true, status: 200 },
    ],
  );
  assert.equal(sim.truth().quantityHistory[demo.item.id]?.length, 2);
});

test('cut_body_after: the SDK reports a connection error without a status, and does not retry', async () => {
  const { raise, quantity } = demoAccount();
  sim.faults.add({ kind: 'cut_body_after', match: { key: 'c1' } });
  await assert.rejects(raise(sdk({ maxNetworkRetries: 2 }), 6, 'c1'), (error: Stripe.errors.StripeError) => {
    assert.ok(error instanceof Stripe.errors.StripeConnectionError);
    assert.equal(error.statusCode, undefined);
    return true;
  });
  assert.equal(quantity(), 6);
  assert.equal(sim.truth().requests.filter((entry) => entry.key === 'c1').length, 1);
});

test('hang: the client gives up, and when the request is let go it is processed all the same', async () => {
  const { raise, quantity } = demoAccount();
  const fault = sim.faults.add({ kind: 'hang', match: { key: 'h1' } });
  await assert.rejects(raise(sdk({ timeout: 50 }), 9, 'h1'), { type: 'StripeConnectionError' });
  assert.equal(quantity(), 5);
  assert.equal(sim.faults.list().find(({ id }) => id === fault)?.holding, 1);
  sim.faults.release(fault);
  await sim.waitFor((entry) => entry.key === 'h1' && entry.executed);
  assert.equal(quantity(), 9);
  sim.faults.remove(fault);
});

test('a fault is addressed by route, key, object and nth call, and strikes as often as asked', async () => {
  const { raise, demo } = demoAccount();
  const other = demoAccount();
  sim.faults.add({
    kind: 'error_500_before',
    times: 2,
    match: { route: 'POST /v1/subscriptions/:id', object: demo.item.id },
  });
  const stripe = sdk();
  assert.ok(await other.raise(stripe, 6, 'n0'));
  await assert.rejects(raise(stripe, 6, 'n1'), { statusCode: 500 });
  await assert.rejects(raise(stripe, 6, 'n1'), { statusCode: 500 });
  assert.ok(await raise(stripe, 6, 'n1'));
  const third = sim.faults.add({ kind: 'rate_limit_429', match: { method: 'POST', nth: 3 } });
  assert.ok(await raise(stripe, 7, 'n2'));
  assert.ok(await raise(stripe, 8, 'n3'));
  await assert.rejects(raise(stripe, 9, 'n4'), { type: 'StripeRateLimitError' });
  sim.faults.remove(third);
});

test('the Stripe-Should-Retry header can be set, and the SDK follows it', async () => {
  const { raise } = demoAccount();
  const stripe = sdk({ maxNetworkRetries: 1 });
  sim.faults.add({ kind: 'error_500_before', shouldRetryHeader: false, match: { key: 'r1' } });
  await assert.rejects(raise(stripe, 6, 'r1'), { statusCode: 500 });
  sim.faults.add({ kind: 'lock_timeout_429', match: { key: 'r2' } });
  assert.ok(await raise(stripe, 6, 'r2'));
  sim.faults.add({ kind: 'lock_timeout_429', shouldRetryHeader: false, match: { key: 'r3' } });
  await assert.rejects(raise(stripe, 7, 'r3'), { code: 'lock_timeout' });
});

test('a fault that had no effect is not used up: it waits for the next request', async () => {
  const { raise, demo } = demoAccount();
  const refused = { statusCode: 400 };
  const struck = (fault: string) => sim.faults.list().find(({ id }) => id === fault)?.struck;
  const stripe = sdk();
  const wrong = (key: string) =>
    stripe.subscriptionItems.update(demo.item.id, { quantity: -1 }, { idempotencyKey: key });
  for (const kind of ['error_500_after', 'card_decline_402'] as const) {
    const fault = sim.faults.add({ kind, match: { method: 'POST', object: demo.item.id } });
    await assert.rejects(wrong(`${kind}-wrong`), refused);
    assert.equal(struck(fault), 0, kind);
    assert.equal(sim.truth().requests.findLast(({ key }) => key === `${kind}-wrong`)?.fault, null, kind);
    await assert.rejects(raise(stripe, 6, kind), { statusCode: kind === 'card_decline_402' ? 402 : 500 });
    assert.equal(struck(fault), 1, kind);
    assert.equal(sim.truth().requests.findLast(({ key }) => key === kind)?.fault, kind);
  }
  // A stored answer is given again before any card is asked.
  await raise(stripe, 7, 'replayed');
  const late = sim.faults.add({ kind: 'card_decline_402', match: { key: 'replayed' } });
  await raise(stripe, 7, 'replayed');
  assert.equal(struck(late), 0);
  sim.faults.remove(late);
});

test('declineNext answers 402 once and changes nothing', async () => {
  const { raise, quantity } = demoAccount();
  sim.faults.declineNext('insufficient_funds');
  await assert.rejects(raise(sdk(), 6, 'd1'), { statusCode: 402, decline_code: 'insufficient_funds' });
  assert.equal(quantity(), 5);
  assert.ok(await raise(sdk(), 6, 'd2'));
});

test('an outage drops everything until it is over', async () => {
  sim.faults.outage(true);
  await assert.rejects(sdk().customers.list(), { type: 'StripeConnectionError' });
  sim.faults.outage(false);
  assert.ok(await sdk().customers.list());
});

test('dice are seeded: the same seed strikes the same requests', async () => {
  const struckOf = async (seed: number) => {
    const one = await startStripeSim({ seed });
    one.faults.add({ kind: 'error_500_before', times: Number.POSITIVE_INFINITY, probability: 0.5 });
    const statuses: number[] = [];
    for (let count = 0; count < 30; count += 1) {
      const answer = await fetch(`${one.url}/v1/customers`, { headers: { authorization: 'Bearer sk_test_x' } });
      statuses.push(answer.status);
    }
    await one.close();
    return statuses;
  };
  assert.deepEqual(await struckOf(7), await struckOf(7));
  assert.notDeepEqual(await struckOf(7), await struckOf(8));
});

test('a rule that could never strike, or would strike something else than it says, is refused when it is added', () => {
  const wrong: [Record<string, unknown>, RegExp][] = [
    [{ kind: 'nonsense' }, /Unknown fault kind: nonsense/],
    [{}, /needs a kind/],
    [{ kind: 'drop_after', times: 0 }, /whole number of times/],
    [{ kind: 'drop_after', times: 1.5 }, /whole number of times/],
    [{ kind: 'drop_after', time: 2 }, /no field `time`/],
    [{ kind: 'drop_after', probability: 2 }, /probability/],
    [{ kind: 'drop_after', delayMs: '5' }, /delay/],
    [{ kind: 'drop_after', match: 'POST /v1/subscriptions' }, /match of a fault is an object/],
    [{ kind: 'drop_after', match: { objekt: 'sub_1' } }, /no field `objekt`/],
    [{ kind: 'drop_after', match: { object: '' } }, /object/],
    [{ kind: 'drop_after', match: { nth: 0 } }, /nth/],
    [{ kind: 'drop_after', match: { method: 'post' } }, /GET, POST or DELETE/],
    [{ kind: 'drop_after', match: { route: 'POST /v1/subscription/:id' } }, /no route/],
    [{ kind: 'drop_after', match: { route: '/v1/invoices/:id/pay', method: 'GET' } }, /no route/],
    [{ kind: 'drop_after', match: { route: 'POST /v1/invoices/:id/pay', method: 'GET' } }, /not called with GET/],
  ];
  const armed = sim.faults.list().length;
  for (const [rule, message] of wrong) {
    assert.throws(
      () => sim.faults.add(rule as unknown as FaultRule),
      (failure) => failure instanceof RangeError && message.test(failure.message),
      JSON.stringify(rule),
    );
  }
  assert.equal(sim.faults.list().length, armed, 'none of them was armed');
});

test('null leaves a field out, as JSON writes it', async (context) => {
  const one = await startStripeSim();
  context.after(() => one.close());
  const arm = (rule: unknown) => fetch(`${one.url}/_sim/faults`, { method: 'POST', body: JSON.stringify(rule) });
  const call = () => fetch(`${one.url}/v1/customers`, { headers: { authorization: 'Bearer sk_test_x' } });
  assert.equal((await arm({ kind: 'rate_limit_429', match: null, delayMs: null, probability: null })).status, 200);
  assert.equal((await call()).status, 429);
  assert.equal((await arm({ kind: 'rate_limit_429', match: { route: null, nth: 2 } })).status, 200);
  assert.deepEqual([(await call()).status, (await call()).status], [200, 429]);
  assert.equal((await arm({ kind: 'rate_limit_429', match: 'GET /v1/customers' })).status, 400);
  assert.equal((await call()).status, 200);
});
