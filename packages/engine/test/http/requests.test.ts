import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fake, get, problemOf, send } from './fake-seatbelt.ts';

const path = '/api/billing/seats';
const said = { actor: 'user_1' };

async function post(body: unknown, headers: Record<string, string> = {}) {
  const made = fake();
  const response = await made.handlers.seats.POST(send('POST', path, body, headers));
  return { response, calls: made.calls };
}

async function put(body: unknown, headers: Record<string, string> = {}) {
  const made = fake();
  const response = await made.handlers.seats.PUT(send('PUT', path, body, headers));
  return { response, calls: made.calls };
}

describe('What is asked for reaches the engine as it was said', () => {
  const usages: { body: Record<string, unknown>; verb: string; given: unknown[] }[] = [
    { body: { action: 'add', quantity: 2 }, verb: 'add', given: ['org_1', 2, said] },
    {
      body: {
        action: 'add',
        quantity: 2,
        holders: ['ada', 'grace'],
        reserve: true,
        expand: false,
        buyAtMost: 1,
        reason: 'new team',
      },
      verb: 'add',
      given: [
        'org_1',
        2,
        { holders: ['ada', 'grace'], reserve: true, expand: false, buyAtMost: 1, reason: 'new team', actor: 'user_1' },
      ],
    },
    {
      body: { action: 'remove', quantity: 1, holders: ['ada'] },
      verb: 'release',
      given: ['org_1', 1, { holders: ['ada'], ...said }],
    },
    { body: { action: 'assign', quantity: 1_000_000 }, verb: 'assign', given: ['org_1', 1_000_000, said] },
    {
      body: { action: 'transfer', quantity: 2, holders: ['ada', { from: 'invite_1', to: 'grace' }] },
      verb: 'transfer',
      given: ['org_1', 2, { holders: ['ada', { from: 'invite_1', to: 'grace' }], ...said }],
    },
  ];
  for (const { body, verb, given } of usages) {
    test(JSON.stringify(body), async () => {
      const { response, calls } = await post(body);
      assert.equal(response.status, 200);
      assert.deepEqual(calls, [{ verb, given }]);
    });
  }

  test('the owner’s door, with all of its fields', async () => {
    const { calls } = await put({ seats: 12, expectedSeats: 0, quote: 'q_1', reason: 'growth' });
    assert.deepEqual(calls, [
      { verb: 'set', given: ['org_1', 12, { expectedSeats: 0, quote: 'q_1', reason: 'growth', ...said }] },
    ]);
  });

  test('the idempotency key, as it was sent', async () => {
    const { calls } = await put({ seats: 12 }, { 'idempotency-key': 'a key; with "signs" ~' });
    assert.deepEqual(calls[0]?.given[2], { actor: 'user_1', idempotencyKey: 'a key; with "signs" ~' });
  });

  test('pages of the history', async () => {
    const { handlers, calls } = fake();
    await handlers.changes.GET(get(`${path}/changes?before=41&limit=10&organization=org_2`));
    await handlers.changes.GET(get(`${path}/changes`));
    assert.deepEqual(
      calls.map(({ given }) => given),
      [
        ['org_1', { before: 41, limit: 10 }],
        ['org_1', { before: null, limit: 50 }],
      ],
    );
  });
});

describe('What does not fit is refused with the name of its field, and the engine is not asked', () => {
  const add = { action: 'add', quantity: 1 };
  const bad: [string, unknown, string][] = [
    ['text is not a number', { action: 'add', quantity: '5' }, 'quantity'],
    ['half a seat', { action: 'add', quantity: 1.5 }, 'quantity'],
    ['no seat', { action: 'add', quantity: 0 }, 'quantity'],
    ['less than none', { action: 'add', quantity: -1 }, 'quantity'],
    ['more than there can be', { action: 'add', quantity: 1_000_001 }, 'quantity'],
    ['no number at all', '{"action":"add","quantity":1e999}', 'quantity'],
    ['null', { action: 'add', quantity: null }, 'quantity'],
    ['a list', { action: 'add', quantity: [5] }, 'quantity'],
    ['missing', { action: 'add' }, 'quantity'],
    ['no action', { quantity: 1 }, 'action'],
    ['an unknown action', { action: 'buy', quantity: 1 }, 'action'],
    ['an unknown field', { ...add, expnad: false }, 'expnad'],
    ['an organization in the body', { ...add, organization: 'org_2' }, 'organization'],
    ['a prototype', '{"action":"add","quantity":1,"__proto__":{"expand":false}}', '__proto__'],
    ['a field of another action', { action: 'remove', quantity: 1, reserve: true }, 'reserve'],
    ['a flag that is text', { ...add, expand: 'false' }, 'expand'],
    ['a flag that is null', { ...add, expand: null }, 'expand'],
    ['nothing agreed to, which expand says', { ...add, buyAtMost: 0 }, 'buyAtMost'],
    ['holders that are no list', { ...add, holders: 'ada' }, 'holders'],
    ['a holder that is a number', { ...add, holders: [5] }, 'holders[0]'],
    ['a move in an add', { ...add, holders: [{ from: 'a', to: 'b' }] }, 'holders[0]'],
    ['half a move', { action: 'transfer', quantity: 1, holders: [{ from: 'a' }] }, 'holders[0]'],
    ['a reason that is null', { ...add, reason: null }, 'reason'],
    ['a list as the body', [], 'body'],
    ['null as the body', 'null', 'body'],
    ['a number as the body', '5', 'body'],
  ];
  for (const [what, body, field] of bad) {
    test(`${what}: ${field}`, async () => {
      const { response, calls } = await post(body);
      assert.equal(response.status, 422);
      const problem = await problemOf(response);
      assert.equal(problem.code, 'invalid_input');
      assert.equal(problem.field, field);
      assert.deepEqual(calls, []);
    });
  }

  const badSets: [string, unknown, string][] = [
    ['text is not a number', { seats: '12' }, 'seats'],
    ['no seats', { seats: 0 }, 'seats'],
    ['an expectation below none', { seats: 12, expectedSeats: -1 }, 'expectedSeats'],
    ['the other door’s fields', { seats: 12, quantity: 2 }, 'quantity'],
    ['a list', [], 'body'],
  ];
  for (const [what, body, field] of badSets) {
    test(`PUT, ${what}: ${field}`, async () => {
      const { response, calls } = await put(body);
      assert.equal(response.status, 422);
      assert.equal((await problemOf(response)).field, field);
      assert.deepEqual(calls, []);
    });
  }

  test('a price is asked for with seats and nothing else', async () => {
    const { handlers, calls } = fake();
    const response = await handlers.preview.POST(send('POST', `${path}/preview`, { seats: 12, coupon: 'x' }));
    assert.equal((await problemOf(response)).field, 'coupon');
    assert.deepEqual(calls, []);
  });

  for (const key of ['', 'x'.repeat(201), 'tab\there', 'Schlüssel']) {
    test(`the idempotency key ${JSON.stringify(key.slice(0, 12))} is refused, not dropped`, async () => {
      const { response, calls } = await put({ seats: 12 }, { 'idempotency-key': key });
      assert.equal(response.status, 422);
      assert.equal((await problemOf(response)).field, 'Idempotency-Key');
      assert.deepEqual(calls, []);
    });
  }

  test('a key of 200 characters is fine', async () => {
    const { response } = await put({ seats: 12 }, { 'idempotency-key': 'x'.repeat(200) });
    assert.equal(response.status, 200);
  });

  for (const query of ['before=x', 'before=-1', 'before=1.5', 'before=', 'limit=ten', 'before=1&before=2']) {
    test(`?${query}`, async () => {
      const { handlers, calls } = fake();
      const response = await handlers.changes.GET(get(`${path}/changes?${query}`));
      assert.equal(response.status, 422);
      assert.deepEqual(calls, []);
    });
  }
});

describe('Bodies', () => {
  for (const [what, body] of [
    ['empty', ''],
    ['cut', '{"action":'],
    ['two values', '{} {}'],
    ['NaN', '{"action":"add","quantity":NaN}'],
  ] as const) {
    test(`${what}: 400`, async () => {
      const { response, calls } = await post(body);
      assert.equal(response.status, 400);
      assert.equal((await problemOf(response)).code, 'malformed_json');
      assert.deepEqual(calls, []);
    });
  }

  test('bytes that are no UTF-8: 400', async () => {
    const { handlers } = fake();
    // JSON in every other respect; a decoder that mends it would store a reason that nobody gave.
    const text = new TextEncoder().encode('{"action":"add","quantity":1,"reason":"?"}');
    const body = text.map((byte) => (byte === 0x3f ? 0xff : byte));
    const request = new Request('https://app.example/', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    assert.equal((await handlers.seats.POST(request)).status, 400);
  });

  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json; charset=utf-16',
  ]) {
    test(`${type}: 415, so that no form of another site gets in`, async () => {
      const { response, calls } = await post({ action: 'add', quantity: 1 }, { 'content-type': type });
      assert.equal(response.status, 415);
      assert.equal((await problemOf(response)).code, 'unsupported_media_type');
      assert.deepEqual(calls, []);
    });
  }

  for (const type of ['application/json;charset=UTF-8', 'Application/JSON', 'application/json; charset="utf-8"']) {
    test(`${type} is fine`, async () => {
      assert.equal((await post({ action: 'add', quantity: 1 }, { 'content-type': type })).response.status, 200);
    });
  }

  test('64 KiB are read, one byte more is not', async () => {
    const padded = (bytes: number) => JSON.stringify({ action: 'add', quantity: 1 }).padEnd(bytes, ' ');
    assert.equal((await post(padded(65_536))).response.status, 200);
    const { response, calls } = await post(padded(65_537));
    assert.equal(response.status, 413);
    assert.equal((await problemOf(response)).code, 'body_too_large');
    assert.deepEqual(calls, []);
  });

  test('an endless body without a length is given up on at the bound', { timeout: 10_000 }, async () => {
    let pulled = 0;
    let stopped = false;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(16_384).fill(0x20));
      },
      cancel() {
        stopped = true;
      },
    });
    const { handlers } = fake();
    const request = new Request('https://app.example/', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: endless,
      duplex: 'half',
    } as RequestInit);
    assert.equal((await handlers.seats.POST(request)).status, 413);
    assert.ok(stopped);
    assert.ok(pulled <= 8, `${pulled} chunks were read`);
  });

  test('a body that breaks off: 400', async () => {
    const broken = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.error(new Error('reset'));
      },
    });
    const { handlers } = fake();
    const request = new Request('https://app.example/', {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: broken,
      duplex: 'half',
    } as RequestInit);
    const response = await handlers.seats.PUT(request);
    assert.equal(response.status, 400);
    assert.equal((await problemOf(response)).code, 'body_incomplete');
  });

  test('a body that the host has read already is the host’s bug, and is said so', async () => {
    const { handlers, calls } = fake();
    const request = send('PUT', path, { seats: 12 });
    await request.text();
    const response = await handlers.seats.PUT(request);
    assert.equal(response.status, 500);
    assert.match((await problemOf(response)).detail, /Pass it on unread/);
    assert.deepEqual(calls, []);
  });
});
