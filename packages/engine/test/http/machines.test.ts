import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DatabaseError } from '../../src/db/executor.ts';
import { bodyOf, fake, get, problemOf, stripe } from './fake-seatbelt.ts';

const event = JSON.stringify({
  id: 'evt_1',
  object: 'event',
  type: 'customer.subscription.updated',
  data: { object: { id: 'sub_1', object: 'subscription' } },
});

function signed(payload: string, secret: string, timestamp?: number): string {
  return stripe.webhooks.generateTestHeaderString({
    payload,
    secret,
    ...(timestamp === undefined ? {} : { timestamp }),
  });
}

function delivery(body: string | Uint8Array<ArrayBuffer>, signature: string | null): Request {
  return new Request('https://app.example/api/webhooks/stripe', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(signature === null ? {} : { 'stripe-signature': signature }),
    },
    body,
  });
}

describe('Webhooks', () => {
  test('a signed event is noted and answered with 200', async () => {
    const { handlers, calls } = fake({ receive: async () => ({ accounts: 1, seenBefore: true }) });
    const response = await handlers.webhook.POST(delivery(event, signed(event, 'whsec_one')));
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { received: true, seenBefore: true });
    assert.deepEqual(calls, [{ verb: 'receive', given: [JSON.parse(event)] }]);
  });

  test('any of several secrets may have signed, so that one can be rolled', async () => {
    const { handlers } = fake({}, { webhookSecrets: ['whsec_old', '', 'whsec_new'] });
    for (const secret of ['whsec_old', 'whsec_new']) {
      assert.equal((await handlers.webhook.POST(delivery(event, signed(event, secret)))).status, 200);
    }
  });

  const forged: [string, Request][] = [
    ['no signature', delivery(event, null)],
    ['an empty one', delivery(event, '')],
    ['nonsense', delivery(event, 't=x,v1=y')],
    ['another secret', delivery(event, signed(event, 'whsec_other'))],
    ['another body', delivery(event.replace('sub_1', 'sub_2'), signed(event, 'whsec_one'))],
    ['an old one', delivery(event, signed(event, 'whsec_one', 1_000_000_000))],
    ['no body', delivery('', signed(event, 'whsec_one'))],
    ['bytes that only decode alike', delivery(new TextEncoder().encode(`\ufeff${event}`), signed(event, 'whsec_one'))],
  ];
  for (const [what, request] of forged) {
    test(`${what}: 400, and nothing happens`, async () => {
      const { handlers, calls, lines } = fake();
      const response = await handlers.webhook.POST(request);
      assert.equal(response.status, 400);
      assert.equal((await problemOf(response)).code, 'invalid_signature');
      assert.deepEqual(calls, []);
      assert.doesNotMatch(JSON.stringify(lines), /whsec|sub_|evt_/, 'neither secret nor body goes to the log');
    });
  }

  for (const body of ['not json', '{"object":"v2.core.event","id":"evt_1"}', '{"object":"event"}', 'null', '[]', '5']) {
    test(`signed, but no event (${body}): 400, and nothing happens`, async () => {
      const { handlers, calls } = fake();
      const response = await handlers.webhook.POST(delivery(body, signed(body, 'whsec_one')));
      assert.equal(response.status, 400);
      assert.equal((await problemOf(response)).code, 'not_an_event');
      assert.deepEqual(calls, []);
    });
  }

  for (const webhookSecrets of [[], [''], [' ']]) {
    test(`no secret (${JSON.stringify(webhookSecrets)}): 503, so that Stripe delivers again`, async () => {
      const { handlers, calls } = fake({}, { webhookSecrets });
      const response = await handlers.webhook.POST(delivery(event, signed(event, 'whsec_one')));
      assert.equal(response.status, 503);
      assert.equal((await problemOf(response)).code, 'webhook_not_configured');
      assert.deepEqual(calls, []);
    });
  }

  test('over 1 MiB: 413', async () => {
    const { handlers } = fake();
    assert.equal((await handlers.webhook.POST(delivery('x'.repeat(1_048_577), 't=1,v1=x'))).status, 413);
  });

  for (const error of [
    new DatabaseError({ kind: 'never_sent', code: 'ECONNREFUSED', constraint: null, message: 'no 10.0.0.7' }, null),
    new TypeError('a bug'),
  ]) {
    test(`${error.name} while noting it: 503, so that Stripe delivers again`, async () => {
      const { handlers, lines } = fake({ receive: () => Promise.reject(error) });
      const response = await handlers.webhook.POST(delivery(event, signed(event, 'whsec_one')));
      assert.equal(response.status, 503);
      const problem = await problemOf(response);
      assert.equal(problem.code, 'event_not_noted');
      assert.doesNotMatch(JSON.stringify(problem), /10\.0\.0\.7|a bug/);
      assert.equal(lines[0]?.level, 'error');
    });
  }
});

describe('Tick', () => {
  const path = '/api/seatbelt/tick';

  test('with the secret it does one round and reports', async () => {
    const report = { accounts: { claimed: 2, failed: 0 }, tookMs: 5 };
    const { handlers, calls } = fake({ tick: async () => report });
    const response = await handlers.tick.GET(get(path, { authorization: 'Bearer tick-secret' }));
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), report);
    assert.deepEqual(calls, [{ verb: 'tick', given: [{ budgetMs: 8_000 }] }]);
  });

  test('a HEAD does nothing, with the secret as well, and says what the route takes', async () => {
    const { handlers, calls } = fake();
    const asked = () =>
      new Request(`https://app.example${path}`, { method: 'HEAD', headers: { authorization: 'Bearer tick-secret' } });
    // Next answers a HEAD by what answers GET; `fetch` finds its own way.
    for (const response of [await handlers.tick.GET(asked()), await handlers.fetch(asked())]) {
      assert.equal(response.status, 405);
      assert.equal(response.headers.get('allow'), 'GET');
    }
    assert.deepEqual(calls, []);
  });

  for (const authorization of [
    null,
    '',
    'Bearer',
    'Bearer ',
    'Bearer tick-secre',
    'Bearer tick-secret2',
    'Basic tick-secret',
    'tick-secret',
  ]) {
    test(`${JSON.stringify(authorization)}: 401`, async () => {
      const { handlers, calls } = fake();
      const response = await handlers.tick.GET(get(path, authorization === null ? {} : { authorization }));
      assert.equal(response.status, 401);
      assert.equal((await problemOf(response)).code, 'unauthorized');
      assert.deepEqual(calls, []);
    });
  }

  for (const tickSecret of [null, '', ' ']) {
    test(`without a secret (${JSON.stringify(tickSecret)}) there is no such route`, async () => {
      const { handlers, calls } = fake({}, { tickSecret });
      for (const authorization of ['Bearer ', 'Bearer null', 'Bearer undefined']) {
        assert.equal((await handlers.tick.GET(get(path, { authorization }))).status, 404);
      }
      assert.deepEqual(calls, []);
    });
  }

  test('a database that is away: 503', async () => {
    const away = new DatabaseError({ kind: 'never_sent', code: null, constraint: null, message: 'away' }, null);
    const { handlers } = fake({ tick: () => Promise.reject(away) });
    const response = await handlers.tick.GET(get(path, { authorization: 'Bearer tick-secret' }));
    assert.equal(response.status, 503);
    assert.equal((await problemOf(response)).code, 'database_unavailable');
  });
});

describe('Health', () => {
  const expected = { ok: 200, degraded: 200, down: 503 } as const;
  for (const status of ['ok', 'degraded', 'down'] as const) {
    test(`${status}: ${expected[status]}`, async () => {
      const { handlers } = fake(
        { health: async () => ({ status, database: 'ok', stripe: 'ok', worker: 'silent' }) },
        { authorize: () => null },
      );
      const response = await handlers.health.GET(get('/api/health'));
      assert.equal(response.status, expected[status]);
      assert.deepEqual(await response.json(), { status, database: 'ok', stripe: 'ok', worker: 'silent' });
    });
  }

  test('it passes on its four words and nothing else', async () => {
    const more = { status: 'ok', database: 'ok', stripe: 'ok', worker: 'ok', version: '18.4 on db-7' } as const;
    const { handlers } = fake({ health: async () => more });
    const body = await bodyOf(await handlers.health.GET(get('/api/health')));
    assert.deepEqual(Object.keys(body), ['status', 'database', 'stripe', 'worker']);
  });

  test('when it cannot be found out it is down', async () => {
    const { handlers, lines } = fake({ health: () => Promise.reject(new Error('pool ended')) });
    const response = await handlers.health.GET(get('/api/health'));
    assert.equal(response.status, 503);
    assert.equal((await bodyOf(response)).status, 'down');
    assert.equal(lines[0]?.level, 'error');
  });
});
