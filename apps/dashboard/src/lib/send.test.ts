import assert from 'node:assert/strict';
import { mock, type TestContext, test } from 'node:test';
import { purchase } from './intention.ts';
import { send } from './send.ts';

const lost = () => Promise.reject(new TypeError('fetch failed'));
const problem = (status: number, code: string) => async () =>
  Response.json({ type: `urn:x:${code}`, title: code, status, detail: code, code }, { status });

/** Answers in order, the last one from then on, and lets the waits between tries pass at once. */
function answering(t: TestContext, answers: readonly (() => Promise<Response>)[]): void {
  let asked = 0;
  t.mock.method(globalThis, 'fetch', () => {
    asked += 1;
    const answer = answers[Math.min(asked, answers.length) - 1];
    assert.ok(answer);
    return answer();
  });
}

async function hurried<T>(ending: Promise<T>): Promise<T> {
  mock.timers.enable({ apis: ['setTimeout'] });
  let over = false;
  const done = ending.finally(() => {
    over = true;
  });
  try {
    while (!over) {
      await new Promise((resolve) => setImmediate(resolve));
      mock.timers.tick(1_000);
    }
    return await done;
  } finally {
    mock.timers.reset();
  }
}

const intention = () => purchase({ seats: 12, expectedSeats: 10 }, 'From 10 to 12 seats');
const sent = (asked = intention()) => hurried(send('acme', asked, () => {}));

const atTheDoor = [
  [400, 'organization_required'],
  [401, 'unauthorized'],
  [403, 'forbidden'],
  [403, 'cross_site'],
  [404, 'unknown_organization'],
  [429, 'too_many_attempts'],
] as const;

for (const [status, code] of atTheDoor) {
  test(`after a lost try ${code} says nothing about that one; without one it is a refusal`, async (t) => {
    answering(t, [lost, problem(status, code)]);
    assert.deepEqual(await sent(), { is: 'unknown' });
    answering(t, [problem(status, code)]);
    assert.equal((await sent()).is, 'refused');
  });
}

test('what is asked again after nobody knew stays unknown until the seats themselves were asked', async (t) => {
  const asked = intention();
  answering(t, [lost]);
  assert.deepEqual(await sent(asked), { is: 'unknown' });
  answering(t, [problem(401, 'unauthorized')]);
  assert.deepEqual(await sent(asked), { is: 'unknown' });
  answering(t, [problem(503, 'database_unavailable')]);
  assert.deepEqual(await sent(asked), { is: 'unknown' });
  answering(t, [problem(409, 'seats_changed')]);
  assert.equal((await sent(asked)).is, 'refused', 'whoever looked the key up found no change');
});
