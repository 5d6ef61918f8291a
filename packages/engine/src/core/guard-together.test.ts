/** Purchases that were refused together give back what each of them had counted, and nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unapprovedToday } from './guard.ts';
import { Step } from './step.ts';
import { declined, hour, invalid, ok, Story } from './testing.ts';

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

test('what a set buys of the day beyond its own is gone for the sets behind it in the same push', () => {
  for (const { asked, status, bought } of [
    { asked: 19, status: 'requested', bought: 10 },
    { asked: 20, status: 'rolled_back', bought: 3 },
  ]) {
    const story = new Story({ seats: 4, used: 4, terms: { guard: { seatsPerDay: 10, amountPerDay: null } } });
    story.ask({ type: 'set', seats: 9 });
    story.answer(ok(9));
    story.request({ type: 'add', quantity: 5 });
    story.ask({ type: 'add', quantity: 1 });
    const first = story.request({ type: 'set', seats: 12 });
    const approved = story.request({ type: 'set', seats: 21 });
    story.tell({ type: 'approve', change: approved.id, actor: 'olga', reason: null, holders: [], pushId: story.id() });
    const last = story.request({ type: 'set', seats: asked });
    // A day later nothing of the day before counts. The purchase in front is refused, so the first set buys one more than it
    // was let through with; the approved one no longer fits, so the last set buys all of its own.
    story.pass(25 * hour);
    story.tell({ type: 'change_terms', terms: { maximumSeats: 20 }, actor: 'ops', reason: null });
    story.answer(declined);
    assert.deepEqual([story.present(first).status, story.present(approved).code], ['requested', 'above_maximum']);
    assert.equal(story.present(last).status, status);
    assert.equal(unapprovedToday(new Step(story.state)).seats, bought);
  }
});
