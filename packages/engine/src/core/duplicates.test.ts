import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Story } from './testing.ts';

const second = { subscription: 'sub_2', quantity: 4 };
const third = { subscription: 'sub_3', quantity: 1 };

/** The messages of all incidents about duplicates, and whether each is closed. */
function told(story: Story): [string, boolean][] {
  return [...story.incidents.values()]
    .filter(({ kind }) => kind === 'duplicate_subscription')
    .map(({ message, closedAt }) => [
      /besides .* linked, (.*?) bills? the same/.exec(message)?.[1] ?? '',
      closedAt !== null,
    ]);
}

test('somebody who pays twice is told once, anew when others are meant, and it is over when none is left', () => {
  const story = new Story({ seats: 10, used: 7 });
  story.tell({ type: 'duplicates', subscriptions: [] });
  assert.deepEqual(told(story), []);
  story.tell({ type: 'duplicates', subscriptions: [second] });
  const { length } = story.audit;
  story.tell({ type: 'duplicates', subscriptions: [second] });
  assert.equal(story.audit.length, length, 'the same once more is no news');
  story.tell({ type: 'duplicates', subscriptions: [second, third] });
  assert.deepEqual(told(story), [
    ['sub_2 (quantity 4)', true],
    ['sub_2 (quantity 4) and sub_3 (quantity 1)', false],
  ]);
  story.tell({ type: 'duplicates', subscriptions: [] });
  assert.ok(told(story).every(([, closed]) => closed));
  assert.deepEqual([story.account.settledSeats, story.account.push], [10, null], 'no seat and no money is moved');
});

test('who has no subscription, or whose subscription ended, does not pay twice; and other things that are told stay told', () => {
  for (const account of [{ link: null }, { status: 'ended' as const }]) {
    const story = new Story({ seats: 10, account });
    story.tell({ type: 'duplicates', subscriptions: [second] });
    assert.deepEqual(told(story), []);
  }
  const over = new Story({ seats: 10, used: 12 });
  over.request({ type: 'remove', quantity: 1 });
  over.tell({ type: 'duplicates', subscriptions: [second] });
  const { length } = over.audit;
  over.tell({ type: 'duplicates', subscriptions: [second] });
  assert.equal(over.audit.length, length, 'the same once more is no news, whatever else is told');
});
