import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { states } from '../playground/states.ts';
import { createSeatManager, createSeatsClient, formatMoney, purchase, type SeatsBody } from '../src/client/index.ts';
import { boundsOf, readSeats } from '../src/headless/bounds.ts';
import { meterOf } from '../src/headless/picture.ts';
import { priceSentence } from '../src/headless/price-sentence.ts';
import { english } from '../src/headless/words.ts';

const calm = states[0]?.seats as SeatsBody;
const problem = (status: number, code: string) =>
  new Response(JSON.stringify({ type: `urn:x:${code}`, title: code, status, detail: code, code }), { status });

test('a subscription that ends with its period is said to have no next invoice by saying nothing of one', () => {
  const quote = {
    quote: 'q',
    amountDue: 2_451,
    total: 2_451,
    currency: 'usd',
    dueNow: 2_451,
    credit: -10_000,
    charge: 12_451,
  };
  const rest = { tax: 0, discount: 0, lines: [], expiresAt: '2026-11-01T00:00:00.000Z' };
  const how = { words: english, locale: 'en-US', write: String };
  const sentence = (atRenewal: { amountDue: number; total: number; at: string | null }) =>
    priceSentence({ is: 'quoted', seats: 12, quote: { ...quote, ...rest, atRenewal } }, 10, how);
  assert.equal(sentence({ amountDue: 0, total: 0, at: null }), '2 seats more: $24.51 today.');
  assert.match(sentence({ amountDue: 12_000, total: 12_000, at: null }) ?? '', /The next invoice asks for \$120\./);
});

/** Answers in order; keeps what was asked. */
function scripted(answers: (() => Response | Promise<Response>)[]) {
  const requests: { url: string; headers: Headers; method: string | undefined }[] = [];
  const fetching: typeof fetch = async (input, init) => {
    requests.push({ url: String(input), headers: new Headers(init?.headers), method: init?.method });
    const answer = answers[requests.length - 1];
    assert.ok(answer, `request ${requests.length} was not expected`);
    return await answer();
  };
  return { fetching, requests };
}

const lost = () => Promise.reject(new TypeError('Failed to fetch'));
const applied = () =>
  Response.json({
    status: 'applied',
    success: true,
    usedSeats: 9,
    purchasedSeats: 14,
    availableSeats: 5,
    billingExpanded: true,
  });

/** Lets the waits between tries pass without waiting, until the promise has ended. */
async function hurried<T>(ending: Promise<T>): Promise<T> {
  let over = false;
  const done = ending.finally(() => {
    over = true;
  });
  while (!over) {
    await new Promise((resolve) => setImmediate(resolve));
    mock.timers.tick(1_000);
  }
  return await done;
}

test('a change whose answer was lost is asked for again under the same key, and counts once', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  const { fetching, requests } = scripted([lost, lost, applied]);
  const heard: number[] = [];
  const client = createSeatsClient({ fetch: fetching });
  const ending = await hurried(client.set({ seats: 14 }, { onLost: (count) => heard.push(count) }));
  assert.equal(ending.is, 'answered');
  assert.deepEqual(heard, [1, 2]);
  assert.equal(new Set(requests.map((request) => request.headers.get('idempotency-key'))).size, 1);
});

test('what nobody knows is said to be unknown, and "nothing was written" does not speak for a lost try', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  const unwritten = () => problem(503, 'database_unavailable');
  const always = createSeatsClient({ fetch: scripted([lost, lost, lost, lost, lost]).fetching });
  assert.deepEqual(await hurried(always.set({ seats: 14 })), { is: 'unknown' });
  const first = createSeatsClient({ fetch: scripted([unwritten]).fetching });
  assert.equal((await hurried(first.set({ seats: 14 }))).is, 'not_written');
  const afterLoss = createSeatsClient({ fetch: scripted([lost, unwritten, unwritten, unwritten, unwritten]).fetching });
  assert.deepEqual(await hurried(afterLoss.set({ seats: 14 })), { is: 'unknown' });
  const bug = createSeatsClient({ fetch: scripted(Array.from({ length: 5 }, () => () => problem(500, 'x'))).fetching });
  assert.deepEqual(await hurried(bug.set({ seats: 14 })), { is: 'unknown' });
});

test('after a lost try a refusal at the door says nothing about that one, also when it is asked for again', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  for (const [status, code] of [
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [404, 'unknown_organization'],
    [429, 'too_many_attempts'],
  ] as const) {
    const turnedAway = Array.from({ length: 9 }, () => () => problem(status, code));
    const asked = purchase({ seats: 14 });
    const client = createSeatsClient({ fetch: scripted([lost, ...turnedAway]).fetching });
    assert.deepEqual(await hurried(client.send(asked)), { is: 'unknown' }, code);
    assert.deepEqual(await hurried(client.send(asked)), { is: 'unknown' }, code);
  }
  const seen = createSeatsClient({ fetch: scripted([lost, () => problem(409, 'seats_changed')]).fetching });
  assert.equal((await hurried(seen.set({ seats: 14 }))).is, 'refused', 'whoever looked the key up found no change');
});

test('a refusal is a refusal at once, and a rolled back change is an answer', async () => {
  const refused = createSeatsClient({ fetch: scripted([() => problem(409, 'below_used')]).fetching });
  const ending = await refused.set({ seats: 2 });
  assert.ok(ending.is === 'refused');
  assert.equal(ending.problem.code, 'below_used');
  const body = {
    status: 'rolled_back',
    success: false,
    usedSeats: 9,
    purchasedSeats: 12,
    availableSeats: 3,
    billingExpanded: false,
  };
  const declined = createSeatsClient({ fetch: scripted([() => Response.json(body, { status: 402 })]).fetching });
  assert.deepEqual(await declined.set({ seats: 14 }), { is: 'answered', body });
});

test('a token is had once, sent with every request, and had again when it is over', async () => {
  let made = 0;
  const { fetching, requests } = scripted([
    () => Response.json(calm),
    () => Response.json(calm),
    () => problem(401, 'unauthorized'),
    () => Response.json(calm),
    () => problem(401, 'unauthorized'),
    () => problem(401, 'unauthorized'),
  ]);
  const client = createSeatsClient({
    url: 'https://api.example/api/billing/seats/',
    fetch: fetching,
    token: async () => {
      made += 1;
      return `token-${made}`;
    },
  });
  await client.seats();
  await client.seats();
  await client.seats();
  assert.deepEqual(
    requests.map((request) => request.headers.get('authorization')),
    ['Bearer token-1', 'Bearer token-1', 'Bearer token-1', 'Bearer token-2'],
  );
  assert.equal(requests[0]?.url, 'https://api.example/api/billing/seats');
  await assert.rejects(client.seats(), { name: 'SeatsProblem' });
  assert.equal(made, 3, 'a token that is refused when it is new is not asked for without end');
});

test('without a view nobody is asked, and when the last listener leaves it stops', async () => {
  let reads = 0;
  const client = createSeatsClient({
    fetch: async () => {
      reads += 1;
      return Response.json(calm);
    },
  });
  const manager = createSeatManager(client);
  assert.equal(reads, 0);
  const states: boolean[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const leave = manager.subscribe(() => {
    states.push(manager.getState().seats !== null);
    resolve();
  });
  await promise;
  leave();
  assert.deepEqual(states, [true]);
  assert.equal(reads, 1);
});

test('money is written as Stripe counts it', () => {
  assert.equal(formatMoney(2_451, 'usd', 'en-US'), '$24.51');
  assert.equal(formatMoney(28_800, 'usd', 'en-US'), '$288');
  assert.equal(formatMoney(-500, 'eur', 'en-US'), '-€5');
  assert.equal(formatMoney(1_200, 'jpy', 'en-US'), '¥1,200');
  assert.equal(formatMoney(12_345, 'kwd', 'en-US').replace(/\s/g, ' '), 'KWD 12.345');
  assert.equal(
    formatMoney(1_200, 'ugx', 'en-US').replace(/\s/g, ' '),
    'UGX 12',
    'two decimals at Stripe, none in ISO 4217',
  );
  assert.equal(formatMoney(150_000, 'huf', 'en-US').replace(/\s/g, ' '), 'HUF 1,500');
  assert.equal(formatMoney(150_000, 'isk', 'en-US').replace(/\s/g, ' '), 'ISK 1,500');
});

test('of what never came to Stripe it is not said that Stripe refused it', () => {
  // Taken back before it took effect, declined by an owner, overtaken: the server's own sentence says why.
  assert.equal(english.stage.rolled_back, 'It was not made. Nothing was charged and the number is as before.');
});

test('numbers are taken as typed, or not at all', () => {
  for (const text of ['', ' ', '0', '-1', '2.5', '1e3', '１２', '1000001', 'x', '1,000'])
    assert.equal(readSeats(text), null, text);
  assert.equal(readSeats(' 12 '), 12);
  assert.equal(readSeats('1000000'), 1_000_000);
});

test('the picture adds up in every state', () => {
  for (const { name, seats } of states) {
    if (typeof seats === 'string' || !('purchasedSeats' in seats)) continue;
    const meter = meterOf(seats);
    assert.equal(
      meter.parts.reduce((sum, part) => sum + part.seats, 0),
      meter.total,
      name,
    );
    assert.ok(boundsOf(seats).lowest <= boundsOf(seats).highest || seats.status !== 'active', name);
  }
});
