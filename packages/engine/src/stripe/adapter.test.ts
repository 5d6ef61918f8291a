import assert from 'node:assert/strict';
import { test } from 'node:test';
import Stripe from 'stripe';
import { idempotencyKey } from '../core/stripe-request.ts';
import type { Answer, Observation } from '../core/types.ts';
import { stripeAdapter } from './adapter.ts';
import { anItem, aPush, aSubscription, link } from './testing/a-push.ts';
import { type Reaction, type ScriptedStripe, scriptedStripe } from './testing/scripted-stripe.ts';

const patient = { timeoutMs: 10_000 };

/** A host's instance with the SDK's defaults, which retry twice. */
function hostStripe(server: ScriptedStripe, config: ConstructorParameters<typeof Stripe>[1] = {}): Stripe {
  return new Stripe('sk_test_host', { host: '127.0.0.1', port: server.port, protocol: 'http', ...config });
}

function answer(status: number, body: unknown, headers: Record<string, string> = {}): Reaction {
  return { do: 'answer', status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

function stripeError(status: number, error: Record<string, unknown>, headers?: Record<string, string>): Reaction {
  return answer(status, { error: { message: 'Said by Stripe.', ...error } }, headers);
}

type ErrorAnswer = Extract<Answer, { kind: 'error' }>;

function anError(status: number, more: Partial<ErrorAnswer> = {}): ErrorAnswer {
  return {
    kind: 'error',
    status,
    type: null,
    code: null,
    declineCode: null,
    message: 'Said by Stripe.',
    replayed: false,
    rateLimitedReason: null,
    requestId: 'req_scripted',
    ...more,
  };
}

/** What `aSubscription` shows of itself. */
function seenSubscription(quantity: number, more: Partial<Observation> = {}): Observation {
  return {
    status: 'active',
    collectionMethod: 'charge_automatically',
    item: {
      id: 'si_1',
      price: 'price_1',
      quantity,
      currentPeriodStart: 1_790_000_000_000,
      currentPeriodEnd: 1_792_592_000_000,
    },
    otherItems: [{ id: 'si_other', price: 'price_1', quantity: 1 }],
    moreItems: false,
    cancelAt: null,
    cancelAtPeriodEnd: false,
    schedule: null,
    pausedCollection: null,
    pendingUpdate: null,
    latestInvoice: { id: 'in_1', status: null, url: null },
    organization: null,
    ...more,
  };
}

/** What `pending` adds to it. */
function seenPending(quantity: number): Partial<Observation> {
  return {
    pendingUpdate: { expiresAt: 1_790_082_800_000, items: [{ id: 'si_1', quantity, price: 'price_1' }] },
    latestInvoice: { id: 'in_2', status: null, url: 'https://invoice.stripe.com/i/2' },
  };
}

const success: Extract<Answer, { kind: 'success' }> = {
  kind: 'success',
  expectedObject: true,
  quantity: 12,
  pendingUpdate: null,
  replayed: false,
  observation: seenSubscription(12),
  requestId: 'req_scripted',
};
const somethingElse: Answer = { ...success, expectedObject: false, quantity: null, observation: null };

const limited = { type: 'invalid_request_error', code: 'rate_limit' };
const locked = { type: 'invalid_request_error', code: 'lock_timeout' };
const inUse = { type: 'invalid_request_error', code: 'idempotency_key_in_use' };
const declined = { type: 'card_error', code: 'card_declined', decline_code: 'insufficient_funds' };

/** Every row of the measured retry table (and a few that are missing there): what the server does, and what comes of it. */
const rows: readonly { readonly what: string; readonly reaction: Reaction; readonly expected: Answer }[] = [
  { what: '200', reaction: answer(200, aSubscription(12)), expected: success },
  {
    what: '200, replayed',
    reaction: answer(200, aSubscription(12), { 'Idempotent-Replayed': 'true' }),
    expected: { ...success, replayed: true },
  },
  {
    what: '500 without Stripe-Should-Retry',
    reaction: stripeError(500, { type: 'api_error' }),
    expected: anError(500, { type: 'api_error' }),
  },
  {
    what: '500 with Stripe-Should-Retry: false',
    reaction: stripeError(500, { type: 'api_error' }, { 'Stripe-Should-Retry': 'false' }),
    expected: anError(500, { type: 'api_error' }),
  },
  {
    what: '500 with Stripe-Should-Retry: true',
    reaction: stripeError(500, { type: 'api_error' }, { 'Stripe-Should-Retry': 'true' }),
    expected: anError(500, { type: 'api_error' }),
  },
  {
    what: '500, replayed',
    reaction: stripeError(500, { type: 'api_error' }, { 'Idempotent-Replayed': 'true' }),
    expected: anError(500, { type: 'api_error', replayed: true }),
  },
  {
    what: '503',
    reaction: stripeError(503, { type: 'api_error' }),
    expected: anError(503, { type: 'api_error' }),
  },
  {
    what: '409, the key is in use',
    reaction: stripeError(409, inUse),
    expected: anError(409, inUse),
  },
  { what: '429, a rate limit', reaction: stripeError(429, limited), expected: anError(429, limited) },
  {
    what: '429, a quota of the subscription',
    reaction: stripeError(429, limited, { 'Stripe-Rate-Limited-Reason': 'resource-specific' }),
    expected: anError(429, { ...limited, rateLimitedReason: 'resource-specific' }),
  },
  {
    what: '429, a lock, with Stripe-Should-Retry: true',
    reaction: stripeError(429, locked, { 'Stripe-Should-Retry': 'true' }),
    expected: anError(429, locked),
  },
  { what: '429, a lock, without the header', reaction: stripeError(429, locked), expected: anError(429, locked) },
  {
    what: '402',
    reaction: stripeError(402, declined),
    expected: anError(402, { type: 'card_error', code: 'card_declined', declineCode: 'insufficient_funds' }),
  },
  {
    what: '400, another request under the key',
    reaction: stripeError(400, { type: 'idempotency_error' }),
    expected: anError(400, { type: 'idempotency_error' }),
  },
  {
    what: '400, an invalid parameter',
    reaction: stripeError(400, { type: 'invalid_request_error', code: 'parameter_unknown' }),
    expected: anError(400, { type: 'invalid_request_error', code: 'parameter_unknown' }),
  },
  {
    what: '401',
    reaction: stripeError(401, { type: 'invalid_request_error', message: 'Invalid API Key: sk_live_abc123XYZ' }),
    expected: anError(401, { type: 'invalid_request_error', message: 'Invalid API Key: sk_live_…' }),
  },
  {
    what: '403',
    reaction: stripeError(403, { type: 'invalid_request_error' }),
    expected: anError(403, { type: 'invalid_request_error' }),
  },
  {
    what: '404',
    reaction: stripeError(404, { type: 'invalid_request_error', code: 'resource_missing' }),
    expected: anError(404, { type: 'invalid_request_error', code: 'resource_missing' }),
  },
  {
    what: '404 without an `error`, which the SDK takes for a success',
    reaction: answer(404, { message: 'no such route' }),
    expected: somethingElse,
  },
  { what: "404 of a proxy's page", reaction: answer(404, '<html>not here</html>'), expected: somethingElse },
  { what: '403 of a firewall', reaction: answer(403, { blocked: true }), expected: somethingElse },
  {
    what: '307, which is not followed',
    reaction: answer(307, '', { Location: '/elsewhere' }),
    expected: somethingElse,
  },
  {
    what: '500 that is not JSON',
    reaction: answer(500, '<html>oops</html>'),
    expected: anError(500, { message: 'Stripe answered 500 without an explanation.' }),
  },
  {
    what: '502 without a body',
    reaction: answer(502, ''),
    expected: anError(502, { message: 'Stripe answered 502 without an explanation.' }),
  },
  { what: '200 that is not JSON', reaction: answer(200, 'all is well'), expected: somethingElse },
  { what: '200 with null', reaction: answer(200, 'null'), expected: somethingElse },
  { what: '200 with a list', reaction: answer(200, '[]'), expected: somethingElse },
  {
    what: '200 with another object',
    reaction: answer(200, { id: 'sub_1', object: 'customer' }),
    expected: somethingElse,
  },
  {
    what: '200 with another subscription',
    reaction: answer(200, aSubscription(12, { id: 'sub_2' })),
    expected: somethingElse,
  },
  {
    what: '200 without our item',
    reaction: answer(200, aSubscription(12, { items: { data: [anItem('si_other', 12)] } })),
    expected: somethingElse,
  },
  {
    what: '200 with another quantity',
    reaction: answer(200, aSubscription(10)),
    expected: { ...success, quantity: 10, observation: seenSubscription(10) },
  },
  {
    what: 'the connection closed before any byte',
    reaction: { do: 'close' },
    expected: { kind: 'no_answer', reason: 'connection', message: 'socket hang up' },
  },
  {
    what: 'the connection reset',
    reaction: { do: 'reset' },
    expected: { kind: 'no_answer', reason: 'connection', message: 'read ECONNRESET' },
  },
  {
    what: 'a body cut in the middle',
    reaction: { do: 'cut', status: 200, body: JSON.stringify(aSubscription(12)) },
    expected: { kind: 'no_answer', reason: 'cut_body', message: 'Failed to read the response body: aborted' },
  },
];

for (const { what, reaction, expected } of rows) {
  test(`exactly one send: ${what}`, async () => {
    await using server = await scriptedStripe(reaction);
    const push = aPush();
    const given = await stripeAdapter(hostStripe(server)).send(push, patient);
    assert.deepEqual(given, expected);

    assert.equal(server.seen.length, 1, 'requests on the wire');
    const [request] = server.seen;
    assert.equal(request?.method, 'POST');
    assert.equal(request?.path, push.request.path);
    assert.equal(request?.body, push.request.body, 'byte for byte what was stored');
    assert.equal(request?.headers['idempotency-key'], idempotencyKey(push));
    assert.equal(request?.headers['stripe-version'], push.request.apiVersion);
    assert.equal(request?.headers['content-type'], 'application/x-www-form-urlencoded');
    assert.equal(request?.headers.authorization, 'Bearer sk_test_host');
  });
}

test('the SDK by itself sends twice after a reset, retries switched off or not: the reason for all this', async () => {
  await using server = await scriptedStripe({ do: 'reset' }, answer(200, aSubscription(12)));
  await hostStripe(server, { maxNetworkRetries: 0 }).subscriptions.retrieve('sub_1');
  assert.equal(server.seen.length, 2);
});

test('silence ends at the deadline, with one send', async () => {
  await using server = await scriptedStripe({ do: 'hang' });
  const given = await stripeAdapter(hostStripe(server)).send(aPush(), { timeoutMs: 500 });
  assert.equal(given.kind, 'no_answer');
  assert.equal(given.kind === 'no_answer' && given.reason, 'timeout');
  assert.equal(server.seen.length, 1);
});

test('an answer that trickles for ever ends at the deadline, although the socket is never silent', async () => {
  await using server = await scriptedStripe({ do: 'trickle' });
  const given = await stripeAdapter(hostStripe(server)).send(aPush(), { timeoutMs: 200 });
  assert.deepEqual(given, {
    kind: 'no_answer',
    reason: 'timeout',
    message: 'Stripe did not answer within 200 ms.',
  });
  assert.equal(server.seen.length, 1);
});

test('a caller that gives up hears no_answer, because the request may have run', async () => {
  await using server = await scriptedStripe({ do: 'hang' });
  const controller = new AbortController();
  const arrived = server.arrival();
  const sending = stripeAdapter(hostStripe(server)).send(aPush(), { ...patient, signal: controller.signal });
  await arrived;
  controller.abort();
  assert.equal((await sending).kind, 'no_answer');
  assert.equal(server.seen.length, 1);
});

test('nothing is sent for a caller that has given up already', async () => {
  await using server = await scriptedStripe(answer(200, aSubscription(12)));
  const given = await stripeAdapter(hostStripe(server)).send(aPush(), { ...patient, signal: AbortSignal.abort() });
  assert.equal(given.kind, 'no_answer');
  assert.equal(server.seen.length, 0);
});

test('nobody listening is no answer', async () => {
  const server = await scriptedStripe({ do: 'hang' });
  await server[Symbol.asyncDispose]();
  const given = await stripeAdapter(hostStripe(server)).send(aPush(), patient);
  assert.equal(given.kind === 'no_answer' && given.reason, 'connection');
  assert.match(given.kind === 'no_answer' ? given.message : '', /ECONNREFUSED/);
});

test('a keep-alive connection that died meanwhile costs an answer, and not a second send', async () => {
  await using server = await scriptedStripe(
    answer(200, aSubscription(12)),
    { do: 'reset' },
    answer(200, aSubscription(12)),
  );
  const adapter = stripeAdapter(hostStripe(server));
  assert.equal((await adapter.send(aPush(), patient)).kind, 'success');
  assert.equal((await adapter.send(aPush(), patient)).kind, 'no_answer');
  assert.equal(server.seen.length, 2);
  assert.equal((await adapter.send(aPush(), patient)).kind, 'success');
  assert.equal(server.seen.length, 3);
});

test('a body with letters beyond ASCII is counted in bytes', async () => {
  await using server = await scriptedStripe(answer(200, aSubscription(12)));
  const push = aPush();
  const body = `${push.request.body}&metadata[note]=Sträuße €`;
  await stripeAdapter(hostStripe(server)).send({ ...push, request: { ...push.request, body } }, patient);
  assert.equal(server.seen[0]?.body, body);
});

test("the host's account, host and authenticator are used", async () => {
  await using server = await scriptedStripe(answer(200, aSubscription(12)));
  const stripe = new Stripe('', {
    host: '127.0.0.1',
    port: server.port,
    protocol: 'http',
    stripeAccount: 'acct_connected',
    authenticator: async (request) => {
      request.headers.Authorization = 'Bearer from_a_vault';
    },
  });
  assert.equal((await stripeAdapter(stripe).send(aPush(), patient)).kind, 'success');
  assert.equal(server.seen[0]?.headers.authorization, 'Bearer from_a_vault');
  assert.equal(server.seen[0]?.headers['stripe-account'], 'acct_connected');
});

test('an authenticator that fails is no answer and no crash, and nothing was sent', async () => {
  await using server = await scriptedStripe(answer(200, aSubscription(12)));
  const stripe = new Stripe('', {
    host: '127.0.0.1',
    port: server.port,
    protocol: 'http',
    authenticator: () => Promise.reject(new Error('the vault is sealed')),
  });
  const given = await stripeAdapter(stripe).send(aPush(), patient);
  assert.deepEqual(given, {
    kind: 'no_answer',
    reason: 'connection',
    message: 'The request was not sent: authenticating it failed (the vault is sealed).',
  });
  assert.equal(server.seen.length, 0);
});

test('a fetch client is used as well, and a redirect it follows is not the answer to one send', async () => {
  await using server = await scriptedStripe(
    answer(200, aSubscription(12)),
    answer(307, '', { Location: '/v1/elsewhere' }),
    answer(200, aSubscription(12)),
  );
  const adapter = stripeAdapter(hostStripe(server, { httpClient: Stripe.createFetchHttpClient() }));
  assert.deepEqual(await adapter.send(aPush(), patient), success);
  assert.deepEqual(await adapter.send(aPush(), patient), {
    kind: 'no_answer',
    reason: 'connection',
    message: 'The request was redirected.',
  });
});

test("the host's own instance is as it was, and still retries", async () => {
  await using server = await scriptedStripe(
    answer(200, aSubscription(12)),
    { do: 'reset' },
    answer(200, aSubscription(12)),
  );
  const stripe = hostStripe(server);
  const before = { ...stripe._api };
  await stripeAdapter(stripe).send(aPush(), patient);
  assert.deepEqual({ ...stripe._api }, before);
  const subscription = await stripe.subscriptions.retrieve('sub_1');
  assert.equal(subscription.id, 'sub_1');
  assert.equal(server.seen.length, 3);
});

test('what is no Stripe instance is refused at start-up', () => {
  assert.throws(() => stripeAdapter({} as Stripe), /needs a Stripe instance/);
});

const pending = {
  pending_update: { expires_at: 1_790_082_800, subscription_items: [anItem('si_1', 12)] },
  latest_invoice: { id: 'in_2', object: 'invoice', hosted_invoice_url: 'https://invoice.stripe.com/i/2' },
};
const payment = { invoice: 'in_2', url: 'https://invoice.stripe.com/i/2', expiresAt: 1_790_082_800_000 };

test('our pending update brings its invoice, where to pay and until when', async () => {
  await using server = await scriptedStripe(answer(200, aSubscription(10, pending)));
  const given = await stripeAdapter(hostStripe(server)).send(aPush('pending_if_incomplete'), patient);
  assert.deepEqual(given, {
    ...success,
    quantity: 10,
    pendingUpdate: payment,
    observation: seenSubscription(10, seenPending(12)),
  });
  assert.match(server.seen[0]?.body ?? '', /expand/);
});

test("somebody else's pending update is not ours", async () => {
  const other = { ...pending, pending_update: { ...pending.pending_update, subscription_items: [anItem('si_1', 40)] } };
  await using server = await scriptedStripe(
    answer(200, aSubscription(10, other)),
    answer(200, aSubscription(10, pending)),
  );
  const adapter = stripeAdapter(hostStripe(server));
  const sent = await adapter.send(aPush('pending_if_incomplete'), patient);
  assert.deepEqual(
    sent,
    { ...success, quantity: 10, observation: seenSubscription(10, seenPending(40)) },
    'it names another quantity',
  );
  const plain = await adapter.send(aPush('allow_incomplete'), patient);
  assert.deepEqual(
    plain,
    { ...success, quantity: 10, observation: seenSubscription(10, seenPending(12)) },
    'this request asked for none',
  );
});

const looks: readonly { readonly what: string; readonly reactions: readonly Reaction[]; readonly expected: object }[] =
  [
    {
      what: 'the quantity of our item',
      reactions: [answer(200, aSubscription(12))],
      expected: {
        kind: 'seen',
        observation: seenSubscription(12),
        requestId: 'req_scripted',
      },
    },
    {
      what: 'a pending update and a status',
      reactions: [answer(200, aSubscription(10, { ...pending, status: 'past_due' }))],
      expected: {
        kind: 'seen',
        observation: seenSubscription(10, { ...seenPending(12), status: 'past_due' }),
        requestId: 'req_scripted',
      },
    },
    {
      what: 'that our item is not there',
      reactions: [answer(200, aSubscription(10, { items: { has_more: false, data: [anItem('si_other', 1)] } }))],
      expected: {
        kind: 'seen',
        observation: seenSubscription(10, { item: null }),
        requestId: 'req_scripted',
      },
    },
    {
      what: 'our item, also where it is not among the first ones',
      reactions: [
        answer(200, aSubscription(10, { items: { has_more: true, data: [anItem('si_other', 1)] } })),
        answer(200, anItem('si_1', 12)),
      ],
      expected: {
        kind: 'seen',
        observation: seenSubscription(12, { moreItems: true }),
        requestId: 'req_scripted',
      },
    },
    {
      what: 'that the subscription is gone',
      reactions: [stripeError(404, { type: 'invalid_request_error', code: 'resource_missing' })],
      expected: { kind: 'gone', requestId: 'req_scripted' },
    },
    {
      what: 'nothing about the subscription where the key is of the other mode',
      reactions: [
        stripeError(404, {
          code: 'resource_missing',
          message: "No such subscription: 'sub_1'; a similar object exists in live mode, but a test mode key was used.",
        }),
      ],
      expected: {
        kind: 'failed',
        message:
          "Stripe answered 404: No such subscription: 'sub_1'; a similar object exists in live mode, but a test mode key was used.",
      },
    },
    {
      what: "nothing in a proxy's page",
      reactions: [answer(404, '<html></html>')],
      expected: { kind: 'failed', message: 'Stripe answered 404 with something that was not asked for.' },
    },
    {
      what: 'nothing in a 500',
      reactions: [stripeError(500, { type: 'api_error' })],
      expected: { kind: 'failed', message: 'Stripe answered 500: Said by Stripe.' },
    },
    {
      what: 'nothing in a reset',
      reactions: [{ do: 'reset' }],
      expected: { kind: 'failed', message: 'read ECONNRESET' },
    },
  ];

for (const { what, reactions, expected } of looks) {
  test(`a look shows ${what}`, async () => {
    await using server = await scriptedStripe(...reactions);
    assert.deepEqual(await stripeAdapter(hostStripe(server)).look(link, patient), expected);
    assert.equal(server.seen.length, reactions.length);
    assert.ok(server.seen.every((request) => request.method === 'GET'));
  });
}

test('a subscription is read for linking', async () => {
  await using server = await scriptedStripe(
    answer(200, aSubscription(12, { schedule: 'sub_sched_1' })),
    stripeError(404, {}),
  );
  const adapter = stripeAdapter(hostStripe(server));
  const found = await adapter.retrieveSubscription('sub_1', patient);
  assert.equal(found.kind, 'found');
  if (found.kind !== 'found') return;
  const { items, ...rest } = found.subscription;
  assert.deepEqual(rest, {
    id: 'sub_1',
    customer: 'cus_1',
    status: 'active',
    currency: 'usd',
    livemode: false,
    moreItems: false,
    schedule: 'sub_sched_1',
    cancelAt: null,
    cancelAtPeriodEnd: false,
    collectionMethod: 'charge_automatically',
    pausedCollection: null,
    pendingUpdate: null,
    latestInvoice: { id: 'in_1', status: null, url: null },
    metadata: {},
    created: null,
  });
  assert.deepEqual(items[1], {
    id: 'si_1',
    quantity: 12,
    price: 'price_1',
    product: 'prod_1',
    unitAmount: 1_500,
    currency: 'usd',
    currentPeriodStart: 1_790_000_000_000,
    currentPeriodEnd: 1_792_592_000_000,
  });
  assert.equal((await adapter.retrieveSubscription('sub_2', patient)).kind, 'missing');
});

test('a preview asks for what the change will ask for, and tells prorations from the next period', async () => {
  const moment = 1_790_000_123;
  const line = (description: string, amount: number, proration: boolean, start = moment) => ({
    description,
    amount,
    quantity: 12,
    period: { start, end: moment + 86_400 },
    parent: { subscription_item_details: { proration } },
  });
  await using server = await scriptedStripe(
    answer(200, {
      object: 'invoice',
      currency: 'usd',
      amount_due: 19_700,
      subtotal: 19_700,
      total: 19_700,
      lines: {
        has_more: false,
        data: [
          line('Unused time', -5_000, true),
          line('Remaining time', 6_000, true),
          line('Remaining time, of yesterday`s change', 700, true, moment - 86_400),
          line('12 × Seat', 18_000, false),
        ],
      },
    }),
    stripeError(400, { type: 'invalid_request_error', code: 'resource_missing' }),
    stripeError(404, { type: 'invalid_request_error', code: 'invoice_upcoming_none' }),
  );
  const adapter = stripeAdapter(hostStripe(server));
  const terms = { prorationBehavior: 'create_prorations', prorationDate: moment, ...patient } as const;
  const result = await adapter.previewQuantity(link, 12, terms);
  assert.equal(result.kind, 'previewed');
  if (result.kind !== 'previewed') return;
  assert.equal(result.preview.amountDue, 19_700);
  assert.equal(result.preview.prorationAmount, 1_000);
  assert.deepEqual(
    result.preview.lines.map(({ part }) => part),
    ['change', 'change', 'earlier', 'renewal'],
  );
  const [request] = server.seen;
  assert.equal(request?.path, '/v1/invoices/create_preview');
  assert.deepEqual(Object.fromEntries(new URLSearchParams(request?.body)), {
    subscription: 'sub_1',
    'subscription_details[items][0][id]': 'si_1',
    'subscription_details[items][0][quantity]': '12',
    'subscription_details[proration_behavior]': 'create_prorations',
    'subscription_details[proration_date]': '1790000123',
  });
  const refused = await adapter.previewQuantity(link, 12, terms);
  assert.deepEqual(refused, {
    kind: 'refused',
    code: 'resource_missing',
    message: 'Said by Stripe.',
    requestId: 'req_scripted',
  });
  assert.equal((await adapter.previewQuantity(link, 12, terms)).kind, 'nothing_upcoming');
});

test('the mode is read from the key, and asked of Stripe where the key does not say', async () => {
  await using server = await scriptedStripe(answer(200, { object: 'balance', livemode: true }), stripeError(403, {}));
  const address = { host: '127.0.0.1', port: server.port, protocol: 'http' } as const;
  assert.deepEqual(await stripeAdapter(new Stripe('rk_live_x', address)).identity(), { livemode: true });
  assert.deepEqual(await stripeAdapter(new Stripe('sk_test_x', address)).identity(), { livemode: false });
  assert.equal(server.seen.length, 0);
  const other = stripeAdapter(new Stripe('opaque', address));
  assert.deepEqual(await other.identity(), { livemode: true });
  await assert.rejects(other.identity(), /Neither the Stripe key nor Stripe says/);
});

test('a ping says down where Stripe does not answer, is broken, or turns our key away', async () => {
  await using server = await scriptedStripe(
    answer(200, { object: 'list', data: [] }),
    stripeError(429, limited),
    stripeError(401, {}),
    stripeError(500, {}),
    answer(403, '<html></html>'),
    { do: 'reset' },
  );
  const adapter = stripeAdapter(hostStripe(server));
  const heard: string[] = [];
  for (let i = 0; i < 6; i += 1) heard.push(await adapter.ping());
  assert.deepEqual(heard, ['ok', 'ok', 'down', 'down', 'down', 'down']);
});

test('a preview finds its way past kept connections that were all closed meanwhile, and says so where none is open', async () => {
  const shown = answer(200, {
    object: 'invoice',
    currency: 'usd',
    amount_due: 0,
    subtotal: 0,
    total: 0,
    lines: { has_more: false, data: [] },
  });
  const closed = { do: 'reset' } as const;
  for (const [resets, kind] of [
    [3, 'previewed'],
    [5, 'failed'],
  ] as const) {
    await using server = await scriptedStripe(...Array.from({ length: resets }, () => closed), shown);
    const terms = { prorationBehavior: 'none', prorationDate: null, ...patient } as const;
    const result = await stripeAdapter(hostStripe(server)).previewQuantity(link, 12, terms);
    assert.equal(result.kind, kind);
  }
});
