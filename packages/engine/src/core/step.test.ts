/** One decision while it is being made: what it reads of itself, what it leaves to the next one, and what is worth a commit. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideTogether, type Item } from './decide-together.ts';
import { confirmedSeats, isOverCapacity, Step } from './step.ts';
import { type AskedFor, observation, Story, second } from './testing.ts';
import type { Account, Hold, HolderRow } from './types.ts';

const plan = { pushId: '00000000-0000-4000-8000-00000000ffff', sendNow: true };
const seated = (holder: string, state: HolderRow['state'] = 'assigned'): HolderRow => ({ holder, state, change: null });

function together(story: Story, ...asked: readonly AskedFor[]) {
  const items = asked.map(
    (one): Item => ({
      type: 'request',
      request: { changeId: story.id(), idempotencyKey: null, actor: 'olga', reason: null, ...one } as never,
    }),
  );
  return decideTogether(story.state, items, plan);
}

test('who is seated and who leaves in the same moment is known to what is decided next', () => {
  const story = new Story({ seats: 10, holders: [seated('ben')] });
  const { decision, results } = together(
    story,
    { type: 'add', quantity: 1, holders: ['anna'] },
    { type: 'remove', quantity: 1, holders: ['anna'] },
    { type: 'remove', quantity: 1, holders: ['ben'] },
    { type: 'remove', quantity: 1, holders: ['ben'] },
  );
  assert.deepEqual(
    results.map((result) => (result.is === 'refused' ? result.error.code : result.is)),
    ['accepted', 'accepted', 'accepted', 'unknown_holder'],
  );
  assert.deepEqual(
    [...decision.records.holders],
    [
      ['anna', null],
      ['ben', null],
    ],
    'one net write for each of them',
  );
});

test('a name that becomes free in a transfer can be taken in the same one', () => {
  const story = new Story({ seats: 10, holders: [seated('ines', 'reserved'), seated('anna')] });
  const holders = [
    { from: 'ines', to: 'ida' },
    { from: 'anna', to: 'ines' },
  ];
  story.request({ type: 'transfer', quantity: 2, holders });
  assert.deepEqual([...story.holders.keys()].sort(), ['ida', 'ines']);
  assert.deepEqual([story.account.assigned, story.account.reserved], [2, 0]);
});

test('what an owner approved comes after what was asked for meanwhile, also for what is decided in the same breath', () => {
  const terms = { guard: { seatsPerDay: 3, amountPerDay: null }, settleMs: second, maxWaitMs: second };
  const story = new Story({ seats: 10, used: 10, terms });
  const big = story.ask({ type: 'add', quantity: 4 });
  const small = story.ask({ type: 'add', quantity: 1 });
  const { state } = story.tell({
    type: 'approve',
    change: big.id,
    holders: [],
    pushId: story.id(),
    actor: 'olga',
    reason: null,
  });
  assert.deepEqual(
    state.waiting.map(({ id }) => id),
    [small.id, big.id],
  );
});

test('an incident about one push says nothing about another: both are opened, and each is closed by itself', () => {
  const story = new Story({ seats: 10 });
  const step = new Step(story.state);
  for (const push of ['one', 'other', 'one']) step.openIncident('in_doubt', 'watch', push, 'It is in doubt.');
  const open = () => step.openIncidents.map(({ push }) => push);
  assert.deepEqual(open(), ['one', 'other']);
  step.closeIncidents('in_doubt', 'one', 'It is known.');
  assert.deepEqual(open(), ['other']);
});

test('what is overwritten by two pushes is told of both', () => {
  const story = new Story({ seats: 10 });
  const event = {
    mark: 1,
    eventType: 'customer.subscription.updated',
    quantityAfter: 10,
    requestId: null,
    key: 'ours',
  };
  const reasons = ['one', 'other'].map((id) => ({
    ...event,
    quantityBefore: 8,
    push: { id, fromQuantity: 9, outcome: 'confirmed' as const },
    portalSession: false,
  }));
  const look = { kind: 'seen', observation: observation(10), requestId: null } as const;
  story.tell({ type: 'looked', look, pushId: story.id(), reasons });
  assert.equal(story.openIncidents().length, 2);
  story.sees(10);
  assert.deepEqual(story.openIncidents(), []);
  assert.ok(story.audit.some(({ note }) => note === 'It was told, and Stripe was read again since.'));
});

test('only who came because the account was due writes when to come back, and only where there is nothing to do', () => {
  const stale = { dueAt: 1_800_000_000_000 };
  const idle = new Story({ seats: 10, account: stale });
  assert.equal(idle.tell({ type: 'resume', actor: 'ops', reason: null }).changed, false, 'nobody came for it');
  const marked = new Story({ seats: 10, account: { marks: 1 } });
  const { effect, changed } = marked.wake();
  assert.deepEqual([effect.type, changed], ['look', false], 'reading is not worth a commit');
  assert.equal(idle.wake().changed, true);
  assert.equal(idle.account.dueAt, null);
});

test('while held, seats that Stripe may not bill are not given out; those that cost nothing are', () => {
  const hold = (observedQuantity: number | null): Partial<Account> => {
    const held: Hold = { since: 0, code: 'drift', observedQuantity, cause: 'unknown', message: 'Somebody changed it.' };
    return { status: 'held', hold: held };
  };
  const terms = { includedSeats: 3, minimumQuantity: 5 };
  for (const [observed, seats] of [
    [null, 10],
    [4, 7],
    [6, 9],
    [7, 10],
    [12, 10],
  ] as const) {
    const { account } = new Story({ seats: 10, terms, account: hold(observed) });
    assert.equal(confirmedSeats(account), seats, `Stripe shows ${observed}`);
  }
});

test('an account is over capacity from the first seat on that is not confirmed', () => {
  for (const [used, over] of [
    [9, false],
    [10, false],
    [11, true],
  ] as const) {
    assert.equal(isOverCapacity(new Story({ seats: 10, used }).account, []), over);
  }
});

test('who has no subscription is told of no seats that are not paid for', () => {
  const story = new Story({ seats: 2, used: 4, account: { link: null } });
  story.request({ type: 'remove', quantity: 1 });
  assert.deepEqual(story.allIncidents(), []);
});
