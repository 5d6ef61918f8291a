import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { type StripeSim, startStripeSim } from '../../src/index.ts';
import { API_KEY, assertStripeShape } from './bench.ts';

const bugs: string[] = [];
let sim: StripeSim;

before(async () => {
  sim = await startStripeSim({ apiKeys: [API_KEY], log: (line) => bugs.push(line) });
});
after(() => sim.close());

function post(path: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(sim.url + path, {
    method: 'POST',
    body,
    headers: {
      Authorization: `Bearer ${API_KEY}`,
      'Content-Type': 'application/x-www-form-urlencoded',
      ...headers,
    },
  });
}

/** Sends bytes as they are and reads until the server closes; resolves with what came, which may be nothing. */
function sendRaw(bytes: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect(sim.port, '127.0.0.1', () => socket.end(bytes));
  let received = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk) => {
    received += chunk;
  });
  socket.on('close', () => resolve(received));
  socket.on('error', (error: NodeJS.ErrnoException) =>
    error.code === 'ECONNRESET' ? resolve(received) : reject(error),
  );
  return promise;
}

test('a body of four megabytes is refused in Stripe’s shape and the next request is served', async () => {
  const answer = await post('/v1/customers', `description=${'x'.repeat(4 * 1024 * 1024)}`);
  assert.equal(answer.status, 413);
  assertStripeShape({ status: 413, text: await answer.text() }, { method: 'POST', target: '/v1/customers' });
  const next = await post('/v1/customers', 'description=small');
  assert.equal(next.status, 200);
  await next.text();
});

test('bytes that are no HTTP, half a request and headers without end neither crash it nor keep others waiting', async () => {
  const hostile = [
    'nonsense\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    'POST /v1/customers HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nshort',
    'POST /v1/customers HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n',
    `GET /v1/customers HTTP/1.1\r\nHost: x\r\nX-Long: ${'y'.repeat(100_000)}\r\n\r\n`,
    'GET /v1/customers\u0000 HTTP/1.1\r\nHost: x\r\n\r\n',
    '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003',
  ];
  await Promise.all(hostile.map(sendRaw));
  const next = await post('/v1/customers', '');
  assert.equal(next.status, 200);
  await next.text();
});

test('a path that is no URL still gets an answer in Stripe’s shape', async () => {
  for (const path of [
    '//',
    '/v1/%zz',
    '/v1/customers/%00',
    '/v1/../_sim',
    '/v1/customers?%',
    '*',
    '/v1/customers/a/b/c/d',
  ]) {
    const received = await sendRaw(
      `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${API_KEY}\r\nConnection: close\r\n\r\n`,
    );
    const [head = '', text = ''] = received.split('\r\n\r\n');
    const status = Number(head.split(' ')[1]);
    assertStripeShape({ status, text }, { method: 'GET', target: path });
  }
});

test('the control API answers nonsense with a sentence and keeps running', async () => {
  const cases: [method: string, path: string, body: string | undefined, headers: Record<string, string>][] = [
    ['POST', '/_sim/faults', '{', {}],
    ['POST', '/_sim/faults', '{"kind":"no_such_fault"}', {}],
    ['POST', '/_sim/faults', '{"kind":"drop_after","times":-1}', {}],
    ['POST', '/_sim/faults', 'null', {}],
    ['POST', '/_sim/clock/advance', '{"days":-1}', {}],
    ['POST', '/_sim/clock/advance', '{"days":"x"}', {}],
    ['POST', '/_sim/admin/foreignQuantityChange', '{}', {}],
    ['POST', '/_sim/admin/__proto__', '{}', {}],
    ['POST', '/_sim/admin/breakCard', '{"customer":"cus_missing"}', {}],
    ['DELETE', '/_sim/truth', undefined, {}],
    ['GET', '/_sim/no/such/thing', undefined, {}],
    ['POST', '/_sim/faults', '{"kind":"drop_after"}', { Origin: 'null' }],
    ['POST', '/_sim/faults', '{"kind":"drop_after"}', { Origin: 'https://elsewhere.example' }],
  ];
  for (const [method, path, body, headers] of cases) {
    const answer = await fetch(sim.url + path, { method, headers, ...(body === undefined ? {} : { body }) });
    const shown = `${method} ${path} ${body ?? ''} ${JSON.stringify(headers)}`;
    assert.ok(answer.status >= 400 && answer.status < 500, `${shown} -> ${answer.status}`);
    const parsed: { error?: { message?: string } } = JSON.parse(await answer.text());
    assert.ok((parsed.error?.message ?? '').length > 0, shown);
  }
  assert.deepEqual(sim.faults.list(), [], 'a refused rule must not be armed');
});

test('a foreign name that resolves to this machine does not open the control API', async () => {
  const answers = await Promise.all(
    [
      'elsewhere.example',
      `elsewhere.example:${sim.port}`,
      '127.0.0.1.elsewhere.example',
      '][',
      `localhost:${sim.port}`,
    ].map((host) => sendRaw(`GET /_sim/clock HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)),
  );
  assert.deepEqual(
    answers.map((answer) => Number(answer.split(' ')[1])),
    [403, 403, 403, 403, 200],
  );
});

test('nothing of all this was a bug that the simulator had to log', () => {
  assert.deepEqual(bugs, []);
});
