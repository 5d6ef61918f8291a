/** The evidence table of the design (4.1): one test per cell. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { weigh } from './evidence.ts';
import { policy } from './policy.ts';
import {
  badKey,
  busy,
  declined,
  failure,
  invalid,
  minute,
  noAnswer,
  ok,
  paymentPending,
  Story,
  second,
} from './testing.ts';
import type { Answer } from './types.ts';

/** 10 seats are to become 12; the only send of the key is on its way. */
function onlySend(): Story {
  const story = new Story({ seats: 10, used: 7 });
  story.ask({ type: 'set', seats: 12 });
  assert.equal(story.last?.effect.type, 'send');
  return story;
}

/** The same, but its first sender was lost, so the send on its way is a retry. */
function retry(): Story {
  const story = onlySend();
  story.pass(policy.leaseMs).wake();
  assert.equal(story.last?.effect.type, 'send');
  assert.equal(story.push.attempt, 2);
  return story;
}

interface Cell {
  /** What became of the push: how it ended, or that it is open in which state, and what comes next. */
  readonly push: string;
  readonly seats: number;
  readonly incidents?: readonly string[];
  /** Tail looks follow. */
  readonly watched?: boolean;
  /** A look is due now. */
  readonly look?: boolean;
}

const applied: Cell = { push: 'confirmed', seats: 12 };
const rolledBack: Cell = { push: 'refused', seats: 10 };
const doubt: Cell = { push: 'in_doubt, then replay', seats: 12 };
const doubtRead: Cell = { push: 'in_doubt, then look for unclear_refusal', seats: 12 };

const table: readonly [row: string, answer: Answer, only: Cell, again: Cell][] = [
  ['2xx with the target quantity', ok(12), applied, { ...applied, watched: true, look: true }],
  [
    '2xx with the target quantity, replayed',
    ok(12, { replayed: true }),
    { ...applied, watched: true, look: true },
    { ...applied, watched: true, look: true },
  ],
  [
    '2xx with our pending update',
    paymentPending(10),
    { push: 'awaiting_payment, then look', seats: 12 },
    { push: 'awaiting_payment, then look', seats: 12 },
  ],
  ['2xx with another object', ok(12, { expectedObject: false }), doubtRead, doubtRead],
  ['2xx with another quantity', ok(11), doubtRead, doubtRead],
  ['402', declined, rolledBack, { push: 'rolled_back', seats: 10, watched: true, incidents: ['late_rollback'] }],
  ['400 invalid request', invalid, { ...rolledBack, look: true }, doubtRead],
  ['404 invalid request', failure(404, { type: 'invalid_request_error' }), { ...rolledBack, look: true }, doubtRead],
  [
    '400 that is marked as replayed',
    failure(400, { type: 'invalid_request_error', replayed: true }),
    { ...rolledBack, look: true },
    { push: 'rolled_back', seats: 10, watched: true, look: true, incidents: ['late_rollback'] },
  ],
  [
    '401',
    badKey,
    { ...rolledBack, incidents: ['stripe_key_refused'] },
    { ...doubt, incidents: ['stripe_key_refused'] },
  ],
  [
    '403',
    failure(403, { type: 'invalid_request_error' }),
    { ...rolledBack, incidents: ['stripe_key_forbidden'] },
    { ...doubt, incidents: ['stripe_key_forbidden'] },
  ],
  [
    '400 idempotency_error',
    failure(400, { type: 'idempotency_error' }),
    { ...doubtRead, incidents: ['idempotency_broken'] },
    { ...doubtRead, incidents: ['idempotency_broken'] },
  ],
  ['429 of the rate limiter', busy, { push: 'intended, then replay', seats: 12 }, doubt],
  [
    '429 of a lock',
    failure(429, { code: 'lock_timeout', type: 'invalid_request_error' }),
    { push: 'intended, then replay', seats: 12 },
    doubt,
  ],
  ['409 key in use', failure(409, { code: 'idempotency_key_in_use' }), doubt, doubt],
  [
    '409 that is called an idempotency error',
    failure(409, { type: 'idempotency_error', code: 'idempotency_key_in_use' }),
    doubt,
    doubt,
  ],
  ['timeout', noAnswer('timeout'), doubt, doubt],
  ['reset', noAnswer('connection'), doubt, doubt],
  ['cut body', noAnswer('cut_body'), doubt, doubt],
  ['500', failure(500), doubt, doubt],
  ['503', failure(503), doubt, doubt],
  [
    'a 500 that is replayed',
    failure(500, { replayed: true }),
    { push: 'in_doubt, then look for spent_key', seats: 12 },
    { push: 'in_doubt, then look for spent_key', seats: 12 },
  ],
  ['a status nobody has described', failure(418), doubt, doubt],
];

function cellOf(story: Story): Cell {
  const { push } = story.account;
  const open = push
    ? `${push.state}, then ${push.next}${push.lookFor ? ` for ${push.lookFor}` : ''}`
    : (story.ended.at(-1)?.outcome ?? 'nothing');
  return {
    push: open,
    seats: story.account.seatCount,
    incidents: story.allIncidents(),
    watched: story.account.tails.length > 0,
    look: push === null && story.account.nextLookAt !== null && story.account.nextLookAt <= story.now,
  };
}

for (const [row, answer, only, again] of table) {
  for (const [when, story, expected] of [
    ['the only send', onlySend, only],
    ['a retry', retry, again],
  ] as const) {
    test(`${row}, on ${when}: ${expected.push}`, () => {
      const told = story();
      told.pass(second).answer(answer);
      assert.deepEqual(cellOf(told), { incidents: [], watched: false, look: false, ...expected });
      const open = told.account.push !== null;
      const status = told.changes.values().next().value?.status;
      const expectedStatus =
        expected.push === 'confirmed'
          ? 'applied'
          : expected.push.startsWith('awaiting_payment')
            ? 'awaiting_payment'
            : open
              ? 'requested'
              : 'rolled_back';
      assert.equal(status, expectedStatus);
      assert.equal(told.account.settledSeats, expected.push === 'confirmed' ? 12 : 10);
    });
  }
}

test('a decline says the decline code of the card, other refusals the code, the type or the status', () => {
  const code = (answer: Answer) => {
    const story = onlySend();
    story.answer(answer);
    return story.ended[0]?.code;
  };
  assert.equal(code(declined), 'insufficient_funds');
  assert.equal(code(failure(402, { code: 'card_declined' })), 'card_declined');
  assert.equal(code(invalid), 'resource_missing');
  assert.equal(code(failure(400, { type: 'invalid_request_error' })), 'invalid_request_error');
  assert.equal(code(failure(404)), 'http_404');
});

test('three 500s spend the key only when they are spread over a minute', () => {
  const story = onlySend();
  story.pass(second).answer(failure(500));
  assert.equal(story.push.next, 'replay');
  story.pass(second).wake();
  story.pass(second).answer(failure(500));
  assert.equal(story.push.next, 'replay');
  story.pass(5 * second).wake();
  story.answer(failure(500));
  assert.equal(story.push.next, 'replay', 'three, but within a few seconds');
  story.pass(minute).wake();
  story.answer(failure(500));
  assert.equal(story.push.next, 'look');
  assert.equal(story.push.lookFor, 'spent_key');
  assert.equal(story.push.serverErrors, 4);
});

test('two 500s a day apart do not spend the key', () => {
  const story = onlySend();
  story.answer(failure(500));
  story.pass(20 * 60 * minute).wake();
  story.answer(failure(500));
  assert.equal(story.push.next, 'replay');
});

test('a 429 on the only send leaves the next send an only send; on a retry it does not', () => {
  const once = onlySend();
  once.answer(busy);
  assert.equal(once.push.unproven, 0);
  once.pass(minute).wake();
  assert.equal(once.push.attempt, 2);
  assert.equal(once.push.state, 'intended');
  once.answer(badKey);
  assert.equal(once.ended[0]?.outcome, 'refused', '401 is definite: nothing can have run under this key');

  const twice = retry();
  twice.answer(busy);
  twice.pass(minute).wake();
  twice.answer(badKey);
  assert.equal(twice.push.state, 'in_doubt', '401 says nothing about the first sender');
});

test('the answer of an earlier send never counts as that of the only send', () => {
  const story = onlySend();
  const { id, generation, attempt } = story.push;
  story.pass(policy.leaseMs).wake();
  story.tell({ type: 'answer', push: id, generation, attempt, answer: badKey, pushId: story.id() });
  assert.equal(story.push.state, 'in_doubt');
});

test('every verdict on a success of a second generation is watched, for the first key may still be used by a late sender', () => {
  const story = onlySend();
  story.answer(failure(500, { replayed: true }));
  story.wake();
  story.sees(10);
  assert.equal(story.push.generation, 2);
  story.wake();
  assert.equal(story.push.attempt, 1);
  story.answer(ok(12));
  assert.equal(story.account.tails.length, 1);
  assert.equal(story.account.tails[0]?.rolledBack, true, 'a write of the first key would be our own late write');
});

test('a no to a second generation is none to the first: Stripe is read, and what is rolled back is watched', () => {
  for (const answer of [declined, invalid]) {
    const story = onlySend();
    story.answer(failure(500, { replayed: true }));
    story.wake();
    story.sees(10);
    story.wake();
    story.answer(answer);
    assert.equal(story.push.lookFor, 'unclear_refusal');
    story.pass(minute).wake();
    story.sees(10);
    assert.equal(story.account.push, null);
    assert.equal(story.account.seatCount, 10);
    assert.equal(story.ended[0]?.outcome, 'rolled_back', 'it was in doubt before');
    assert.equal(story.account.tails.length, 1);
  }
});

test('the doubt of a push began when it began, also after a new generation was tried', () => {
  const story = onlySend();
  story.answer(failure(500, { replayed: true }));
  const since = story.push.doubt?.since;
  story.wake();
  story.sees(10);
  story.pass(minute).wake();
  assert.equal(story.push.state, 'in_doubt');
  assert.equal(story.push.doubt?.since, since);
  story.answer(busy);
  assert.equal(story.push.state, 'in_doubt', 'a 429 does not make the first generation undone');
  story.pass(minute).wake();
  story.answer(badKey);
  assert.equal(story.push.state, 'in_doubt', 'nor does a key that is refused');
});

test('weigh is asked about one answer and changes nothing', () => {
  const { push } = onlySend();
  const copy = structuredClone(push);
  weigh(push, ok(12), true, 0);
  assert.deepEqual(push, copy);
});
