/** What is decided where the account of another seat type has a push open on the same subscription. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from './decide.ts';
import { delayAfter, policy } from './policy.ts';
import { observation, Story } from './testing.ts';
import type { Command, Terms } from './types.ts';

/** Decides like the lane does once a commit was turned down. */
function busily(story: Story, command: Command) {
  return story.commit((before) => {
    const { state, ...decision } = decide({ ...before, subscriptionBusy: true }, command);
    const { subscriptionBusy: _, ...rest } = state;
    return { ...decision, state: rest };
  });
}

test('what waits opens no push, and somebody comes for it again soon', () => {
  const story = new Story({ seats: 10, used: 7 });
  const change = story.request({ type: 'set', seats: 12 });
  busily(story, { type: 'wake', pushId: story.id() });
  assert.equal(story.account.push, null);
  assert.equal(story.account.dueAt, story.now + policy.busySubscriptionMs);
  story.pass(policy.busySubscriptionMs).wake();
  assert.deepEqual(story.push.changes, [change.id]);
});

test('a difference is judged when it can be put right, and nothing that was told of it is lost until then', () => {
  const terms: Partial<Terms> = { onForeignChange: { unknown: 'adopt' } };
  const story = new Story({ seats: 10, used: 7, terms });
  story.account = { ...story.account, marks: 1 };
  const look = { kind: 'seen', observation: observation(12), requestId: 'req_look' } as const;
  for (const tries of [1, 2]) {
    busily(story, { type: 'looked', look, pushId: story.id() });
    const { settledSeats, marksSeen, observed, dueAt } = story.account;
    assert.deepEqual([settledSeats, marksSeen, observed, story.openIncidents()], [10, 0, null, []]);
    const wait = delayAfter(policy.lookDelaysMs, tries);
    assert.equal(dueAt, story.now + wait, 'each time a little later');
    story.pass(wait);
  }
  story.sees(12);
  assert.deepEqual([story.account.settledSeats, story.account.marksSeen], [12, 1]);
});

test('a word that would be told to Stripe at once is refused, and can be said again', () => {
  const refused = { code: 'too_many_pending', message: /another type/ };
  const terms = new Story({ seats: 10, used: 7 });
  const fewer = {
    type: 'change_terms',
    terms: { includedSeats: 2 },
    pushId: terms.id(),
    actor: 'ops',
    reason: null,
  } as const;
  assert.throws(() => busily(terms, fewer), refused);
  assert.ok(terms.tell(fewer).changed);

  const held = new Story({ seats: 10, used: 7, terms: { onForeignChange: { unknown: 'hold' } } });
  held.sees(12);
  const word = { type: 'resolve', by: 'database', actor: 'ops', reason: 'agreed', pushId: held.id() } as const;
  assert.throws(() => busily(held, word), refused);
  assert.equal(held.account.status, 'held');
  held.tell(word);
  assert.equal(held.push.target.quantity, 10);
});
