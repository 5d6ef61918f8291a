/** The guard when what was counted is rolled back, and something else takes its place. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unapprovedToday } from './guard.ts';
import { policy } from './policy.ts';
import { Step } from './step.ts';
import { declined, hour, observation, ok, paymentPending, Story } from './testing.ts';
import type { Terms } from './types.ts';

const guarded = (seatsPerDay: number): Partial<Terms> => ({ guard: { seatsPerDay, amountPerDay: null } });
const spentSeats = (story: Story) => unapprovedToday(new Step(story.state)).seats;

test('what takes the place of a refused purchase is counted, whether it is smaller or larger', () => {
  for (const { second, bought } of [
    { second: 14, bought: 4 },
    { second: 18, bought: 8 },
  ]) {
    const story = new Story({ seats: 10, terms: guarded(10) });
    story.ask({ type: 'set', seats: 15 });
    story.request({ type: 'set', seats: second });
    story.answer(declined);
    assert.equal(story.push.target.seats, second);
    assert.equal(spentSeats(story), bought);
    story.answer(ok(second));
    assert.equal(spentSeats(story), bought);
    // Not one more than the rest of the day.
    assert.equal(story.ask({ type: 'set', seats: second + 11 - bought }).status, 'awaiting_approval');
    assert.equal(story.ask({ type: 'set', seats: second + 10 - bought }).status, 'requested');
  }
});

test('a purchase canceled before anybody paid does not lend its place to the next one uncounted', () => {
  const story = new Story({ seats: 10, terms: guarded(5) });
  const first = story.ask({ type: 'set', seats: 15 });
  story.answer(paymentPending(10));
  story.tell({ type: 'cancel', change: first.id, actor: 'olga', reason: null });
  story.ask({ type: 'set', seats: 14 });
  const push = story.push.id;
  story.tell({ type: 'withdrawn', push, attempt: 1, refused: false });
  story.wake();
  story.look({
    kind: 'seen',
    observation: observation(10),
    requestId: 'req',
    invoice: { id: 'in_1', status: 'void', url: null },
  });
  assert.equal(story.present(first).code, 'canceled');
  assert.deepEqual([story.push.target.seats, spentSeats(story)], [14, 4]);
});

test('a joint purchase that is refused gives back all that it counted', () => {
  const story = new Story({ seats: 10, used: 10, terms: guarded(9) });
  story.request({ type: 'add', quantity: 2 });
  story.request({ type: 'set', seats: 15 });
  story.request({ type: 'set', seats: 14 });
  story.fold();
  assert.equal(spentSeats(story), 5);
  for (let tries = 0; story.account.push !== null; tries += 1) {
    assert.ok(tries < 5);
    story.answer(declined);
  }
  assert.deepEqual([story.account.seatCount, spentSeats(story)], [10, 0]);
});

test('what an owner approved is counted for nobody', () => {
  const story = new Story({ seats: 10, terms: guarded(5) });
  const big = story.ask({ type: 'set', seats: 30 });
  story.ask({ type: 'set', seats: 15 });
  story.tell({ type: 'approve', change: big.id, actor: 'olga', reason: null, holders: [], pushId: story.id() });
  story.answer(declined);
  assert.equal(story.push.target.seats, 30);
  assert.equal(spentSeats(story), 0);
});

test('where money is bounded, what takes the place of a refused purchase buys nothing whose price was not asked for', () => {
  const guard = { seatsPerDay: null, amountPerDay: 10_000 };
  for (const price of [
    { from: 15, target: 18, amount: 3_600 },
    { from: 15, target: 18, amount: 0 },
    // Tiers may make more seats cheaper.
    { from: 15, target: 18, amount: -500 },
    { from: 15, target: 14, amount: 0 },
  ]) {
    const story = new Story({ seats: 10, terms: { guard } });
    story.ask({ type: 'set', seats: 15, price: { from: 10, target: 15, amount: 5_000 } });
    const change = story.request({ type: 'set', seats: price.target, price });
    story.answer(declined);
    assert.deepEqual(
      [story.present(change).code, story.account.push, story.account.spent],
      ['seats_changed', null, null],
    );
  }
});

test('what is bought at different hours of a day is added up', () => {
  const story = new Story({ seats: 10, terms: guarded(6) });
  for (const seats of [12, 14, 16]) {
    assert.equal(story.ask({ type: 'set', seats }).status, 'requested');
    story.answer(ok(seats));
    story.pass(hour);
  }
  assert.equal(spentSeats(story), 6);
  assert.equal(story.ask({ type: 'set', seats: 17 }).status, 'awaiting_approval');
});

test('what is refused gives back its own hour and no other', () => {
  const story = new Story({ seats: 10, terms: guarded(6) });
  story.ask({ type: 'set', seats: 12 });
  story.answer(ok(12));
  story.pass(hour).ask({ type: 'set', seats: 15 });
  story.answer(declined);
  assert.equal(spentSeats(story), 2);
});

test('a purchase counts until all of its ten minutes are a day old, and not a moment longer', () => {
  const story = new Story({ seats: 10, terms: guarded(2) });
  const began = Math.floor(story.now / policy.guardSlotMs) * policy.guardSlotMs;
  story.now = began + policy.guardSlotMs - 1;
  story.ask({ type: 'set', seats: 12 });
  story.answer(ok(12));
  story.now = began + policy.guardSlotMs + policy.guardWindowMs - 1;
  assert.equal(story.ask({ type: 'set', seats: 13 }).status, 'awaiting_approval');
  story.pass(1);
  assert.equal(story.ask({ type: 'set', seats: 14 }).status, 'requested');
});

test('a price for another number of seats is no price of this one', () => {
  const story = new Story({ seats: 10, terms: { guard: { seatsPerDay: null, amountPerDay: 1_000 } } });
  const price = { from: 10, target: 11, amount: 1 };
  assert.throws(() => story.request({ type: 'set', seats: 20, price }), { code: 'price_needed', seats: 20 });
});

test('a set behind a refused purchase is counted from where what is left leaves it', () => {
  const story = new Story({ seats: 10, used: 10, terms: guarded(20) });
  story.ask({ type: 'add', quantity: 5 });
  const add = story.request({ type: 'add', quantity: 2 });
  const set = story.request({ type: 'set', seats: 20 });
  assert.deepEqual([add.delta, set.seatsBefore, spentSeats(story)], [2, 17, 10]);
  story.answer(declined);
  assert.deepEqual([story.push.changes, story.push.target.seats], [[add.id, set.id], 20]);
  assert.deepEqual(story.push.counts, [12, 20]);
  assert.equal(spentSeats(story), 10, 'two seats, and eight more');
  assert.equal(story.present(set).amount, null, 'what it costs was not asked, and is not nothing');
});
