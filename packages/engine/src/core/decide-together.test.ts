/** Commands that wait at the same moment: one decision, one commit, one call. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideTogether, type Item } from './decide-together.ts';
import { InvariantBroken } from './refusals.ts';
import { type AskedFor, declined, observation, ok, Story } from './testing.ts';

const plan = { pushId: '00000000-0000-4000-8000-00000000ffff', sendNow: true };

function asking(story: Story, asked: AskedFor, idempotencyKey: string | null = null): Item {
  return {
    type: 'request',
    request: { changeId: story.id(), idempotencyKey, actor: 'olga', reason: null, ...asked } as never,
  };
}

test('a thousand adds at once are one push', () => {
  const story = new Story({ seats: 10, used: 10 });
  const items = Array.from({ length: 1_000 }, () => asking(story, { type: 'add', quantity: 1 }));
  const { decision, results } = decideTogether(story.state, items, plan);
  assert.equal(decision.records.pushesOpened.length, 1);
  assert.equal(decision.state.account.push?.target.seats, 1_010);
  assert.equal(decision.effect.type, 'send');
  assert.equal(decision.changed, true);
  assert.equal(decision.records.changes.length, 1_000, 'one net write per change');
  assert.ok(results.every((result) => result.is === 'accepted' && result.change?.push === plan.pushId));
});

test('one that is refused does not take the others down, and each hears its own', () => {
  const story = new Story({ seats: 10, used: 7 });
  const items = [
    asking(story, { type: 'set', seats: 3 }),
    asking(story, { type: 'set', seats: 12 }),
    asking(story, { type: 'set', seats: 12 }, 'k'),
    asking(story, { type: 'set', seats: 13 }, 'k'),
  ];
  const { decision, results } = decideTogether(story.state, items, plan);
  assert.deepEqual(
    results.map((result) => (result.is === 'refused' ? result.error.code : result.change?.kind)),
    ['below_used', 'set', 'set', 'idempotency_key_reused'],
  );
  assert.equal(decision.records.changes.length, 2);
});

test('what one of them finds is written once, beside what the others asked for', () => {
  const story = new Story({ seats: 10, used: 7 });
  const look: Item = {
    type: 'internal',
    command: {
      type: 'looked',
      look: { kind: 'seen', observation: observation(15), requestId: 'req_1' },
      pushId: story.id(),
      began: { at: story.now, marks: story.account.marks },
    },
  };
  const { decision } = decideTogether(
    story.state,
    [asking(story, { type: 'add', quantity: 1, holders: ['ada'] }), look],
    plan,
  );
  assert.equal(decision.state.account.status, 'held');
  assert.deepEqual([...decision.records.holders.keys()], ['ada']);
  assert.deepEqual(
    decision.records.incidents.map(({ kind, closedAt }) => [kind, closedAt]),
    [['drift', null]],
  );
  assert.equal(decision.records.changes.length, 1);
});

test('only refused: nothing is written and nothing is folded', () => {
  const story = new Story({ seats: 10, used: 7 });
  const { decision } = decideTogether(story.state, [asking(story, { type: 'set', seats: 3 })], plan);
  assert.equal(decision.changed, false);
  assert.equal(decision.effect.type, 'none');
});

test('the same key twice at once is one change', () => {
  const story = new Story({ seats: 10, used: 10 });
  const items = [1, 2].map(() => asking(story, { type: 'add', quantity: 1 }, 'k'));
  const { decision, results } = decideTogether(story.state, items, plan);
  assert.equal(decision.records.changes.length, 1);
  const [first, second] = results.map((result) => (result.is === 'accepted' ? result.change?.id : null));
  assert.equal(first, second);
});

test('requests come first, so that they ride in the push that the answer of another opens', () => {
  const story = new Story({ seats: 10 });
  story.ask({ type: 'set', seats: 12 });
  const { id: push, generation, attempt } = story.push;
  const answer: Item = {
    type: 'internal',
    command: { type: 'answer', push, generation, attempt, answer: ok(12), pushId: plan.pushId },
  };
  const { decision, results } = decideTogether(story.state, [answer, asking(story, { type: 'set', seats: 15 })], plan);
  assert.equal(decision.state.account.settledSeats, 12);
  assert.equal(decision.state.account.push?.target.seats, 15);
  assert.equal(decision.effect.type, 'send');
  assert.deepEqual(
    results.map((result) => result.is),
    ['accepted', 'accepted'],
  );
});

test('what an answer does to a change just accepted belongs to the answer of its caller', () => {
  const story = new Story({ seats: 10, used: 10 });
  story.ask({ type: 'set', seats: 12 });
  const { id: push, generation, attempt } = story.push;
  const refused: Item = {
    type: 'internal',
    command: { type: 'answer', push, generation, attempt, answer: declined, pushId: plan.pushId },
  };
  const waits = asking(story, { type: 'add', quantity: 1 });
  const { results } = decideTogether(story.state, [waits, refused], plan);
  const [result] = results;
  assert.equal(result?.is === 'accepted' ? result.change?.code : null, 'no_seat_available');
});

test('a look counts only against the version it began on', () => {
  const story = new Story({ seats: 10 });
  const look = (onlyAtVersion: number): Item => ({
    type: 'internal',
    command: {
      type: 'looked',
      look: { kind: 'seen', observation: observation(15), requestId: null },
      pushId: plan.pushId,
    },
    onlyAtVersion,
  });
  const stale = decideTogether(story.state, [look(story.account.version - 1)], plan);
  assert.equal(stale.decision.changed, false);
  assert.deepEqual(stale.results, [{ is: 'accepted', change: null }]);
  const fresh = decideTogether(story.state, [look(story.account.version)], plan);
  assert.equal(fresh.decision.state.account.status, 'held');
});

test('an operator`s refused word is heard by the operator; a bug stops the whole decision', () => {
  const story = new Story({ seats: 10 });
  const resolve: Item = {
    type: 'internal',
    command: { type: 'resolve', by: 'stripe', actor: 'ops', reason: 'x', pushId: plan.pushId },
  };
  const [refused] = decideTogether(story.state, [resolve], plan).results;
  assert.equal(refused?.is === 'refused' ? refused.error.code : null, 'nothing_to_resolve');
  const bug = asking(story, { type: 'add', quantity: 2, holders: ['anna'] });
  assert.throws(() => decideTogether(story.state, [bug], plan), InvariantBroken);
  const terms: Item = {
    type: 'internal',
    command: { type: 'change_terms', terms: { includedSeats: 2 }, actor: 'ops', reason: null },
  };
  assert.throws(() => decideTogether(story.state, [terms], plan), InvariantBroken);
});

test('a key of an earlier commit gets the change as it stands, and nothing is written for it', () => {
  const story = new Story({ seats: 10 });
  const change = story.ask({ type: 'set', seats: 12 }, { idempotencyKey: 'k' });
  const again = decideTogether(story.state, [asking(story, { type: 'set', seats: 12 }, 'k')], plan);
  assert.equal(again.decision.changed, false);
  assert.deepEqual(again.results, [{ is: 'accepted', change }]);
});

test('everything that is decided together is written: the trail, what hosts hear, and the push that ended', () => {
  const story = new Story({ seats: 10, used: 5 });
  story.ask({ type: 'set', seats: 12 });
  const { id: push, generation, attempt } = story.push;
  const answer: Item = {
    type: 'internal',
    command: { type: 'answer', push, generation, attempt, answer: ok(12), pushId: plan.pushId },
  };
  const { decision } = decideTogether(
    story.state,
    [asking(story, { type: 'add', quantity: 1, holders: ['anna'] }), answer],
    plan,
  );
  assert.equal(decision.changed, true);
  const { audit, events, pushesEnded } = decision.records;
  assert.deepEqual(
    audit.map(({ kind }) => kind),
    ['change_requested', 'change_applied', 'push_confirmed', 'change_applied'],
  );
  assert.deepEqual(
    events.map(({ type }) => type),
    ['change.applied', 'seat.ready', 'change.applied'],
  );
  assert.deepEqual(
    pushesEnded.map((ended) => [ended.push.id, ended.outcome]),
    [[push, 'confirmed']],
  );
});

test('a look that counts for nothing begins nothing either, although something waits', () => {
  const story = new Story({ seats: 10 });
  story.request({ type: 'set', seats: 12 });
  const look: Item = {
    type: 'internal',
    command: {
      type: 'looked',
      look: { kind: 'seen', observation: observation(10), requestId: null },
      pushId: plan.pushId,
    },
    onlyAtVersion: story.account.version - 1,
  };
  const { decision } = decideTogether(story.state, [look], plan);
  assert.deepEqual([decision.changed, decision.effect.type, decision.state.account.push], [false, 'none', null]);
});
