/** What cannot happen: it stops the unit of work before anything is written, and says of which row, so that a person finds it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countBatch } from './batch.ts';
import { untilOf } from './parked.ts';
import { openPush, watchedTails } from './push.ts';
import { InvariantBroken, invariant } from './refusals.ts';
import { free } from './seats.ts';
import { Step } from './step.ts';
import { ok, Story } from './testing.ts';
import type { SeatChange } from './types.ts';

const guarded = { guard: { seatsPerDay: 3, amountPerDay: null } };

/** Ten seats, and a push to twelve that is on its way. */
function sent(): Story {
  const story = new Story({ seats: 10 });
  story.ask({ type: 'set', seats: 12 });
  return story;
}

function openAnother(story: Story): void {
  const plan = {
    id: 'another',
    sendNow: true,
    target: 11,
    changes: [],
    origin: 'changes',
    prorationDate: null,
  } as const;
  openPush(new Step(story.state), plan);
}

/** A purchase of five seats for `holders` that waits for an owner, who says yes to it. */
function approveWith(story: Story, stored: (change: SeatChange) => SeatChange, holders: readonly string[]): void {
  const names = ['ada', 'ben', 'cleo', 'dora', 'emil'];
  const change = story.ask({ type: 'add', quantity: names.length, holders: names });
  assert.equal(change.status, 'awaiting_approval');
  story.changes.set(change.id, stored(change));
  story.tell({ type: 'approve', change: change.id, holders, pushId: story.id(), actor: 'olga', reason: null });
}

const cannotHappen: readonly [sentence: string, run: () => unknown][] = [
  [
    'Bug: holders are as many as the quantity, each once {"change":"00000000-0000-4000-8000-000000000001"}',
    () => new Story({ seats: 10 }).request({ type: 'add', quantity: 2, holders: ['ada'] }),
  ],
  [
    'Bug: a change to be approved does not say what was asked {"change":"00000000-0000-4000-8000-000000000001"}',
    () => approveWith(new Story({ seats: 0, terms: guarded }), (change) => ({ ...change, asked: null }), []),
  ],
  [
    'Bug: an approval does not name the holders that were asked for {"change":"00000000-0000-4000-8000-000000000001"}',
    () => approveWith(new Story({ seats: 0, terms: guarded }), (change) => change, ['ada']),
  ],
  [
    'Bug: a parked change waits for no date {"change":"00000000-0000-4000-8000-000000000001"}',
    () => untilOf(sent().state.waiting[0] as SeatChange),
  ],
  [
    'Bug: a change of the batch was ended by another one {"change":"00000000-0000-4000-8000-000000000001"}',
    () => countBatch(new Step(new Story({ seats: 10 }).state), sent().state.waiting),
  ],
  [
    'Bug: terms that bill another quantity need an id for the push {"organization":"org"}',
    () =>
      new Story({ seats: 10 }).tell({ type: 'change_terms', terms: { includedSeats: 2 }, actor: 'ops', reason: null }),
  ],
  ['Bug: a second push would be open {"organization":"org"}', () => openAnother(sent())],
  [
    'Bug: a push needs a subscription {"organization":"org"}',
    () => openAnother(new Story({ seats: 10, account: { link: null } })),
  ],
  [
    'Bug: a request does not say how it is prorated {"push":"00000000-0000-4000-8000-000000000002"}',
    () => {
      const { account, push } = sent();
      watchedTails(account, { ...push, request: { ...push.request, body: 'proration_behavior=now' } }, true, 0);
    },
  ],
  [
    'Bug: a holder to be freed was not loaded {"holder":"ada"}',
    () => free(new Step(new Story({ seats: 10 }).state), 'ada'),
  ],
  [
    'Bug: counts changed without an entry in the audit trail {"organization":"org"}',
    () => {
      const step = new Step(new Story({ seats: 10 }).state);
      step.update({ assigned: 1 });
      step.finish();
    },
  ],
  [
    'Bug: an answer was weighed of a push that was never sent {"push":"00000000-0000-4000-8000-000000000002"}',
    () => {
      const story = sent();
      story.answer(ok(12, { expectedObject: false }));
      story.account = { ...story.account, push: { ...story.push, lastSentAt: null } };
      story.sees(10);
    },
  ],
];

for (const [sentence, run] of cannotHappen) {
  test(sentence, () => {
    assert.throws(run, (error) => error instanceof InvariantBroken && error.message === sentence);
  });
}

test('what holds is no bug', () => {
  invariant(true, 'never said');
  assert.throws(() => invariant(false, 'no row to name'), { message: 'Bug: no row to name {}' });
});

test('every kind of count that moves has to be told', () => {
  for (const moved of [{ seatCount: 11 }, { settledSeats: 11 }, { assigned: 1 }, { reserved: 1 }]) {
    const step = new Step(new Story({ seats: 10 }).state);
    step.update(moved);
    assert.throws(() => step.finish(), InvariantBroken);
  }
  const told = new Step(new Story({ seats: 10 }).state);
  told.update({ seatCount: 11 });
  told.audit('linked', { note: 'Eleven seats by now.' });
  assert.equal(told.finish().state.account.seatCount, 11);
});
