/** An owner's word that comes late, or about something that others have overtaken. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policy } from './policy.ts';
import { hour, observation, ok, paymentPending, Story } from './testing.ts';
import type { Terms } from './types.ts';

const guarded: Partial<Terms> = { guard: { seatsPerDay: 5, amountPerDay: null } };

function approve(story: Story, change: string) {
  return story.tell({ type: 'approve', change, actor: 'olga', reason: null, holders: [], pushId: story.id() });
}

test('an approval after its week is over buys nothing, although nobody has come by to end it', () => {
  const story = new Story({ seats: 10, terms: guarded });
  const change = story.ask({ type: 'set', seats: 20 });
  story.pass(policy.approvalLifetimeMs);
  const decision = approve(story, change.id);
  assert.deepEqual([decision.change?.status, decision.change?.code], ['rolled_back', 'approval_expired']);
  assert.deepEqual([decision.effect.type, story.account.push, story.account.seatCount], ['none', null, 10]);
});

test('what is approved takes the place of a later change that nobody has paid for yet', () => {
  const story = new Story({ seats: 10, used: 10, terms: guarded });
  const big = story.ask({ type: 'add', quantity: 20 });
  story.ask({ type: 'add', quantity: 2 });
  story.answer(paymentPending(10));
  assert.equal(approve(story, big.id).effect.type, 'withdraw');
});

test('an owner approves the purchase that was asked for: one that would buy more seats by now is taken back', () => {
  const story = new Story({ seats: 10, used: 7, terms: { guard: { seatsPerDay: 1, amountPerDay: null } } });
  const add = story.ask({ type: 'add', quantity: 5 });
  assert.deepEqual([add.status, add.seatsAfter - add.seatsBefore], ['awaiting_approval', 2]);
  story.ask({ type: 'add', quantity: 3 });
  const taken = approve(story, add.id);
  const ended = story.present(add);
  assert.deepEqual([ended.status, ended.code], ['rolled_back', 'seats_changed']);
  assert.deepEqual([taken.effect.type, story.account.seatCount, story.used], ['none', 10, 10]);

  const set = story.ask({ type: 'set', seats: 14 });
  assert.equal(set.status, 'awaiting_approval');
  story.ask({ type: 'remove', quantity: 6 });
  story.ask({ type: 'set', seats: 6 });
  story.answer(ok(6));
  approve(story, set.id);
  assert.deepEqual([story.present(set).code, story.account.seatCount], ['seats_changed', 6]);
});

test('one that needs fewer seats by now, or none, buys no more than it needs', () => {
  const story = new Story({ seats: 10, used: 7, terms: { guard: { seatsPerDay: 1, amountPerDay: null } } });
  const add = story.ask({ type: 'add', quantity: 5 });
  story.ask({ type: 'remove', quantity: 1 });
  approve(story, add.id);
  assert.deepEqual([story.push.target.seats, story.present(add).seatsAfter], [11, 11]);
});

test('what an owner approved and is not needed may be bought once by a set that counted on it, and counts for the guard then', () => {
  const story = new Story({ seats: 4, used: 4, terms: { guard: { seatsPerDay: 2, amountPerDay: null } } });
  story.ask({ type: 'add', quantity: 1 });
  const approved = story.ask({ type: 'add', quantity: 2 });
  approve(story, approved.id);
  const set = story.ask({ type: 'set', seats: 7 });
  assert.equal(set.status, 'requested', 'with both on their way there are seven seats already');
  story.ask({ type: 'remove', quantity: 3 });
  story.answer(ok(5));
  assert.deepEqual([story.present(approved).status, story.push.target.seats], ['applied', 7]);
  story.answer(ok(7));
  assert.equal(story.present(set).status, 'applied');
  assert.equal(story.ask({ type: 'set', seats: 8 }).status, 'awaiting_approval', 'and no more than that');
});

test('what nobody approved and is not needed is lent once to a purchase that was approved, and counts for the guard', () => {
  const story = new Story({ seats: 10, used: 10, terms: { guard: { seatsPerDay: 2, amountPerDay: null } } });
  story.ask({ type: 'set', seats: 11 });
  const unapproved = story.ask({ type: 'add', quantity: 2 });
  const [first, second] = [20, 25].map((seats) => {
    const set = story.ask({ type: 'set', seats });
    approve(story, set.id);
    return set;
  });
  assert.ok(first && second);
  story.ask({ type: 'remove', quantity: 1 });
  story.answer(ok(11));
  assert.equal(story.present(unapproved).status, 'applied', 'two seats were free by then');
  const buys = (change: typeof first) => story.present(change).seatsAfter - story.present(change).seatsBefore;
  assert.deepEqual([buys(first), buys(second)], [9, 5]);
  story.answer(ok(25));
  assert.equal(story.account.settledSeats, 25);
  const spent = story.account.spent?.slots.reduce((sum, { seats }) => sum + seats, 0);
  assert.equal(spent, 2, 'the first purchase, and the seat that was lent');
  assert.equal(story.ask({ type: 'set', seats: 26 }).status, 'awaiting_approval');
});

test('an approval while writing is paused is refused, and what waits for it still waits', () => {
  const story = new Story({ seats: 10, terms: guarded });
  const change = story.ask({ type: 'set', seats: 20 });
  story.installationPaused = 'maintenance';
  assert.throws(() => approve(story, change.id), { code: 'paused' });
  assert.equal(story.present(change).status, 'awaiting_approval');
  story.installationPaused = null;
  approve(story, change.id);
  assert.equal(story.push.target.seats, 20);
});

test('who approves or declines what does not wait for it hears why', () => {
  const decrease = { prorationBehavior: 'none', paymentBehavior: 'allow_incomplete', when: 'period_end' } as const;
  const story = new Story({ seats: 10, used: 4, terms: { ...guarded, decrease } });
  story.sees(10);
  const scheduled = story.ask({ type: 'set', seats: 6 });
  const sent = story.ask({ type: 'set', seats: 12 });
  for (const [change, code, message] of [
    [scheduled.id, 'not_awaiting_approval', 'This change is scheduled and waits for its date, not for an approval.'],
    [sent.id, 'not_awaiting_approval', 'This change is on its way already.'],
    ['nothing', 'unknown_change', 'This organization has no open change of that id.'],
  ] as const) {
    assert.throws(() => approve(story, change), { code, message });
    assert.throws(() => story.tell({ type: 'decline', change, actor: 'olga', reason: null }), { code, message });
  }
});

test('who declines hears of the change as it is by now', () => {
  const story = new Story({ seats: 10, terms: guarded });
  const { id } = story.ask({ type: 'set', seats: 20 });
  const { change } = story.tell({ type: 'decline', change: id, actor: 'olga', reason: 'too dear' });
  assert.deepEqual([change?.id, change?.status], [id, 'rolled_back']);
});

test('an approval is the newest word: what was asked for meanwhile comes before it', () => {
  const story = new Story({ seats: 10, terms: guarded });
  const big = story.ask({ type: 'set', seats: 30 });
  story.ask({ type: 'set', seats: 11 });
  const later = story.request({ type: 'set', seats: 15 });
  approve(story, big.id);
  assert.equal(story.account.seatCount, 30);
  story.answer(ok(11));
  assert.equal(story.push.target.seats, 30);
  story.answer(ok(30));
  assert.equal(story.present(later).supersededBy, big.id);
  assert.deepEqual([story.account.seatCount, story.account.push], [30, null]);
});

test('also where the push of the earlier word is taken apart again', () => {
  const increase = { prorationBehavior: 'always_invoice', paymentBehavior: 'pending_if_incomplete' } as const;
  const story = new Story({ seats: 10, used: 10, terms: { ...guarded, increase } });
  story.sees(10);
  const big = story.ask({ type: 'set', seats: 30 });
  story.ask({ type: 'set', seats: 15 });
  story.answer(paymentPending(10));
  assert.equal(approve(story, big.id).effect.type, 'withdraw');
  story.tell({ type: 'withdrawn', push: story.push.id, attempt: 1, refused: false });
  story.wake();
  const invoice = { id: 'in_1', status: 'void', url: null } as const;
  story.look({ kind: 'seen', observation: observation(10), requestId: 'req', invoice });
  assert.equal(story.push.target.seats, 30);
});

test('a purchase approved behind a later change that is on its way is counted after that one', () => {
  const story = new Story({ seats: 10, used: 10, terms: guarded });
  const big = story.ask({ type: 'add', quantity: 20 });
  story.ask({ type: 'set', seats: 15 });
  approve(story, big.id);
  assert.equal(story.account.seatCount, 30);
  story.answer(ok(15));
  assert.equal(story.push.target.seats, 30);
});

test('an approved purchase never takes seats away that were bought since', () => {
  const story = new Story({ seats: 10, terms: guarded });
  const big = story.ask({ type: 'set', seats: 16 });
  for (const seats of [14, 18]) {
    story.ask({ type: 'set', seats });
    story.answer(ok(seats));
    story.pass(25 * hour);
  }
  approve(story, big.id);
  assert.deepEqual(
    [story.present(big).status, story.present(big).code, story.account.push, story.account.seatCount],
    ['rolled_back', 'seats_changed', null, 18],
  );
});
