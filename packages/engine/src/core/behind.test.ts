/** What waits behind a change that is not made after all: it buys what is missing then, and what was let through. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policy } from './policy.ts';
import { declined, hour, invalid, observation, ok, paymentPending, Story, second } from './testing.ts';
import type { Terms } from './types.ts';

const guarded = (seatsPerDay: number | null, amountPerDay: number | null = null): Partial<Terms> => ({
  guard: { seatsPerDay, amountPerDay },
});

test('seats that a refused decrease leaves there are not bought again', () => {
  const story = new Story({ seats: 10, used: 5 });
  const decrease = story.ask({ type: 'set', seats: 6 });
  const add = story.request({ type: 'add', quantity: 3 });
  assert.deepEqual([add.delta, story.account.seatCount], [2, 8]);
  story.answer(invalid);
  assert.equal(story.present(decrease).status, 'rolled_back');
  assert.equal(story.account.push, null, 'all three of them are paid for already');
  const { status, delta, seatsBefore, seatsAfter } = story.present(add);
  assert.deepEqual(
    { status, delta, seatsBefore, seatsAfter },
    { status: 'applied', delta: 0, seatsBefore: 10, seatsAfter: 10 },
  );
  assert.deepEqual([story.account.seatCount, story.account.settledSeats, story.used], [10, 10, 8]);
});

test('of those seats each waiting purchase takes what is left, and buys the rest', () => {
  const story = new Story({ seats: 10, used: 5 });
  story.ask({ type: 'set', seats: 6 });
  const first = story.request({ type: 'add', quantity: 3 });
  const last = story.request({ type: 'add', quantity: 4 });
  assert.equal(story.account.seatCount, 12);
  story.answer(invalid);
  assert.equal(story.push.target.seats, 12, 'twelve are in use then, and not one more is bought');
  assert.deepEqual([story.present(first).delta, story.present(last).delta], [0, 2]);
  story.answer(ok(12));
  assert.deepEqual([story.account.seatCount, story.used], [12, 12]);
});

test('what finds its seats there does not wait for the purchase of another one, and does not end with it', () => {
  const story = new Story({ seats: 10, used: 5 });
  story.ask({ type: 'set', seats: 6 });
  const fits = story.request({ type: 'add', quantity: 3 });
  const buys = story.request({ type: 'add', quantity: 4 });
  story.answer(invalid);
  assert.deepEqual([story.present(fits).status, story.push.changes], ['applied', [buys.id]]);
  story.answer(declined);
  assert.deepEqual([story.present(buys).status, story.used], ['rolled_back', 8]);
});

test('a seat that was freed while its purchase waited is not bought', () => {
  const story = new Story({ seats: 10, used: 10 });
  story.ask({ type: 'set', seats: 11 });
  const add = story.request({ type: 'add', quantity: 2, holders: ['ada', 'grace'] });
  assert.equal(add.delta, 1);
  story.request({ type: 'remove', quantity: 1, holders: ['ada'] });
  story.answer(ok(11));
  assert.equal(story.account.push, null);
  assert.deepEqual([story.present(add).status, story.account.settledSeats, story.used], ['applied', 11, 11]);
});

test('what is not bought after all is given back to the guard, with its price', () => {
  const story = new Story({ seats: 10, used: 5, terms: guarded(null, 1_000) });
  story.ask({ type: 'set', seats: 6 });
  const add = story.request({ type: 'add', quantity: 5, price: { from: 6, target: 10, amount: 400 } });
  assert.deepEqual(
    [add.delta, story.account.spent?.slots.map(({ seats, amount }) => [seats, amount])],
    [4, [[4, 400]]],
  );
  story.request({ type: 'remove', quantity: 1 });
  story.answer(invalid);
  assert.deepEqual([story.present(add).status, story.present(add).amount, story.account.spent], ['applied', 0, null]);
});

test('a decrease whose date has come counts when it is told, and makes nobody buy the seats that it leaves', () => {
  const decrease = {
    prorationBehavior: 'create_prorations',
    paymentBehavior: 'allow_incomplete',
    when: 'period_end',
  } as const;
  const story = new Story({ seats: 10, used: 5, terms: { decrease, settleMs: 10 * second, maxWaitMs: hour } });
  story.sees(10);
  const { currentPeriodEnd } = observation(10).item ?? {};
  const dated = story.ask({ type: 'set', seats: 6 });
  story.now = Number(currentPeriodEnd) - policy.scheduleLeadMs - 5 * second;
  story.ask({ type: 'add', quantity: 6 });
  story.pass(5 * second).sees(10);
  assert.equal(story.present(dated).status, 'requested', 'its date has come');
  assert.deepEqual([story.push.target.seats, story.account.seatCount], [11, 11]);
  assert.equal(story.ask({ type: 'add', quantity: 1 }).delta, 1);
  story.answer(ok(11));
  story.pass(hour).wake();
  assert.equal(story.push.target.seats, 12);
  story.answer(ok(12));
  assert.equal(story.present(dated).code, 'below_used');
  assert.deepEqual([story.account.seatCount, story.used], [12, 12]);
});

for (const [way, refused] of [
  [
    'declined',
    (story: Story) => {
      const small = story.request({ type: 'set', seats: 205 });
      story.answer(declined);
      return small;
    },
  ],
  [
    'canceled before it is paid',
    (story: Story, big: string) => {
      story.answer(paymentPending(10));
      story.tell({ type: 'cancel', change: big, actor: 'olga', reason: null });
      const small = story.request({ type: 'set', seats: 205 });
      story.tell({ type: 'withdrawn', push: story.push.id, attempt: 1, refused: false });
      story.wake();
      const invoice = { id: 'in_1', status: 'void', url: null } as const;
      story.look({ kind: 'seen', observation: observation(10), requestId: 'req', invoice });
      return small;
    },
  ],
] as const) {
  test(`five seats that needed no approval are not a way to buy the two hundred that were approved and ${way}`, () => {
    const story = new Story({ seats: 10, terms: guarded(20) });
    const big = story.ask({ type: 'set', seats: 200 });
    story.tell({ type: 'approve', change: big.id, actor: 'olga', reason: null, holders: [], pushId: story.id() });
    const small = refused(story, big.id);
    assert.equal(small.seatsAfter - small.seatsBefore, 5, 'so many needed no approval');
    assert.equal(story.present(big).status, 'rolled_back');
    assert.equal(story.account.push, null, 'nobody approved 195');
    const { status, code, message } = story.present(small);
    assert.deepEqual([status, code], ['rolled_back', 'seats_changed']);
    assert.match(message ?? '', /195/);
    assert.deepEqual([story.account.seatCount, story.account.spent], [10, null]);
    assert.equal(story.ask({ type: 'set', seats: 205 }).status, 'awaiting_approval');
  });
}

test('money that nobody approved is not spent in the place of what was approved', () => {
  const story = new Story({ seats: 10, terms: guarded(null, 1_000) });
  const big = story.ask({ type: 'set', seats: 200, price: { from: 10, target: 200, amount: 19_000 } });
  story.tell({ type: 'approve', change: big.id, actor: 'olga', reason: null, holders: [], pushId: story.id() });
  const small = story.request({ type: 'set', seats: 205, price: { from: 200, target: 205, amount: 500 } });
  story.answer(declined);
  assert.deepEqual([story.present(small).code, story.account.push], ['seats_changed', null]);
});

test('a guard that came while a purchase waited bounds it as well', () => {
  const story = new Story({ seats: 10 });
  story.ask({ type: 'set', seats: 11 });
  const waiting = story.request({ type: 'set', seats: 40 });
  story.tell({ type: 'change_terms', terms: guarded(20), actor: 'ops', reason: null });
  story.answer(ok(11));
  assert.deepEqual([story.present(waiting).code, story.account.push], ['seats_changed', null]);
});

for (const { what, guard, waits } of [
  { what: 'more seats than were let through', guard: guarded(10), waits: 15 },
  { what: 'seats whose price nobody has asked for', guard: guarded(null, 1_000_000), waits: 8 },
] as const) {
  test(`where fewer seats are adopted meanwhile, what waits does not buy ${what}`, () => {
    const story = new Story({ seats: 10, terms: { ...guard, onForeignChange: { unknown: 'adopt' } } });
    story.sees(10);
    const change = story.request({ type: 'set', seats: waits });
    story.tell({ type: 'pause', reason: 'maintenance', actor: 'ops' });
    story.sees(3);
    assert.equal(story.account.settledSeats, 3);
    story.tell({ type: 'resume', actor: 'ops', reason: null });
    story.fold();
    assert.deepEqual(
      [story.present(change).code, story.account.push, story.account.spent],
      ['seats_changed', null, null],
    );
  });
}

test('what is bought from fewer seats than before counts as so many, and the rest of the day is smaller', () => {
  const story = new Story({ seats: 10, terms: { ...guarded(10), onForeignChange: { unknown: 'adopt' } } });
  story.sees(10);
  story.request({ type: 'set', seats: 12 });
  story.tell({ type: 'pause', reason: 'maintenance', actor: 'ops' });
  story.sees(6);
  story.tell({ type: 'resume', actor: 'ops', reason: null });
  story.fold();
  assert.equal(story.push.target.seats, 12);
  assert.deepEqual(
    story.account.spent?.slots.map(({ seats }) => seats),
    [6],
  );
  assert.equal(story.request({ type: 'set', seats: 17 }).status, 'awaiting_approval');
});

test('the guard counts a purchase from the seats that are there, and not from those that a decrease will leave', () => {
  const decrease = { prorationBehavior: 'none', paymentBehavior: 'allow_incomplete', when: 'period_end' } as const;
  const story = new Story({ seats: 10, terms: { ...guarded(20), decrease } });
  story.sees(10);
  const dated = story.ask({ type: 'set', seats: 6 });
  story.now = Number(observation(10).item?.currentPeriodEnd) - policy.scheduleLeadMs;
  story.request({ type: 'set', seats: 15 });
  story.sees(10);
  assert.deepEqual([story.push.target.seats, story.present(dated).status], [15, 'requested']);
  story.request({ type: 'set', seats: 18 });
  story.answer(declined);
  assert.equal(story.push.target.seats, 18);
  assert.deepEqual(
    story.account.spent?.slots.map(({ seats }) => seats),
    [8],
  );
});
