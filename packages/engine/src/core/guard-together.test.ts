/** Purchases that were refused together give back what each of them had counted, and nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unapprovedToday } from './guard.ts';
import { Step } from './step.ts';
import { invalid, Story } from './testing.ts';

test('what was refused together ends together, and nothing of it counts as bought', () => {
  const story = new Story({ seats: 5, terms: { guard: { seatsPerDay: 6, amountPerDay: null } } });
  const first = story.request({ type: 'set', seats: 7 });
  const second = story.request({ type: 'set', seats: 10 });
  story.fold();
  assert.deepEqual(story.push.changes, [first.id, second.id]);
  assert.equal(unapprovedToday(new Step(story.state)).seats, 5);
  story.answer(invalid);
  assert.deepEqual([story.present(first).status, story.present(second).status], ['rolled_back', 'rolled_back']);
  assert.equal(story.account.spent, null, 'all of it is free to be bought again');
  assert.equal(story.ask({ type: 'set', seats: 11 }).status, 'requested');
});
