/** What waits behind a change that is not made after all: it buys what is missing then, and what was let through. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unapprovedToday } from './guard.ts';
import { policy } from './policy.ts';
import { Step } from './step.ts';
import { declined, hour, invalid, observation, ok, paymentPending, Story, second } from './testing.ts';
import type { Terms } from './types.ts';

const guarded = (seatsPerDay: number | null, amountPerDay: number | null = null): Partial<Terms> => ({
  guard: { seatsPerDay, amountPerDay },
});

const decrease = { prorationBehavior: 'none', paymentBehavior: 'allow_incomplete', when: 'period_end' } as const;
const increase = { prorationBehavior: 'always_invoice', paymentBehavior: 'pending_if_incomplete' } as const;

const today = (story: Story) => unapprovedToday(new Step(story.state));

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
  story.answer(ok(12));
  assert.deepEqual([story.present(first).delta, story.present(last).delta], [0, 2]);
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

test('what is not bought after all uses up nothing of the day, and costs nothing', () => {
  const story = new Story({ seats: 10, used: 5, terms: guarded(null, 1_000) });
  story.ask({ type: 'set', seats: 6 });
  const add = story.request({ type: 'add', quantity: 5, price: { from: 6, target: 10, amount: 400 } });
  assert.deepEqual([add.delta, today(story)], [4, { seats: 4, amount: 400 }]);
  story.request({ type: 'remove', quantity: 1 });
  story.answer(invalid);
  assert.deepEqual([story.present(add).status, story.present(add).amount], ['applied', 0]);
  assert.deepEqual([today(story), story.account.spent], [{ seats: 0, amount: 0 }, null]);
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

test('what was accepted before there was a guard is let through, and bounds what comes after it', () => {
  const story = new Story({ seats: 10 });
  story.ask({ type: 'set', seats: 11 });
  story.request({ type: 'set', seats: 31 });
  story.tell({ type: 'change_terms', terms: guarded(20), actor: 'ops', reason: null });
  story.answer(ok(11));
  assert.equal(story.push.target.seats, 31);
  assert.equal(story.request({ type: 'set', seats: 32 }).status, 'awaiting_approval');
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

test('what is bought from fewer seats than before counts as so many, where the day has room for them', () => {
  const story = new Story({ seats: 10, terms: { ...guarded(10), onForeignChange: { unknown: 'adopt' } } });
  story.sees(10);
  story.request({ type: 'set', seats: 12 });
  story.tell({ type: 'pause', reason: 'maintenance', actor: 'ops' });
  story.sees(6);
  story.tell({ type: 'resume', actor: 'ops', reason: null });
  story.fold();
  assert.equal(story.push.target.seats, 12);
  assert.equal(today(story).seats, 6);
  assert.equal(story.request({ type: 'set', seats: 17 }).status, 'awaiting_approval');
  story.answer(ok(12));
  assert.equal(today(story).seats, 6);
});

test('a purchase approved for so many seats buys no more, whatever it was counted from', () => {
  const story = new Story({ seats: 10, terms: guarded(20) });
  story.ask({ type: 'set', seats: 25 });
  const big = story.request({ type: 'set', seats: 46 });
  story.tell({ type: 'approve', change: big.id, actor: 'olga', reason: null, holders: [], pushId: story.id() });
  story.answer(declined);
  assert.deepEqual([story.present(big).code, story.account.push], ['seats_changed', null]);
  assert.match(story.present(big).message ?? '', /36 seats by now, and 21 were/);
});

test('a rolled back purchase gives nothing back that was never counted', () => {
  const story = new Story({ seats: 10, used: 10 });
  story.ask({ type: 'add', quantity: 20 });
  story.tell({ type: 'change_terms', terms: guarded(20), actor: 'ops', reason: null });
  assert.equal(story.request({ type: 'add', quantity: 20 }).status, 'awaiting_approval', 'what is open counts');
  story.answer(declined);
  story.ask({ type: 'add', quantity: 20 });
  story.answer(ok(30));
  assert.equal(story.ask({ type: 'add', quantity: 1 }).status, 'awaiting_approval');
});

test('seats that an older purchase gives up are there for a newer one that had counted on them', () => {
  const story = new Story({ seats: 10, used: 10 });
  story.ask({ type: 'set', seats: 11 });
  const first = story.request({ type: 'add', quantity: 3 });
  story.request({ type: 'remove', quantity: 1 });
  const last = story.request({ type: 'add', quantity: 1 });
  assert.deepEqual([first.delta, last.delta], [2, 0]);
  story.answer(ok(11));
  assert.equal(story.push.target.seats, 13);
  story.answer(ok(13));
  assert.deepEqual([story.present(first).delta, story.present(last).delta, story.used], [1, 1, 13]);
});

test('what an owner approved is not used up by others', () => {
  const story = new Story({ seats: 10, used: 10, terms: guarded(5) });
  const approved = story.ask({ type: 'add', quantity: 6 });
  story.ask({ type: 'set', seats: 11 });
  story.tell({ type: 'approve', change: approved.id, actor: 'olga', reason: null, holders: [], pushId: story.id() });
  // Its people leave again, and others take the seats that were to be theirs.
  story.request({ type: 'remove', quantity: 5 });
  const others = story.request({ type: 'add', quantity: 5 });
  story.answer(ok(11));
  assert.equal(story.present(others).status, 'requested');
  assert.equal(story.push.target.seats, 16);
});

test('billing that follows use shrinks to what is in use, also behind a purchase that needs fewer by then', () => {
  const story = new Story({ seats: 10, used: 10, terms: { mode: 'follow' } });
  story.ask({ type: 'add', quantity: 1 });
  story.request({ type: 'add', quantity: 2 });
  const fewer = story.request({ type: 'remove', quantity: 3 });
  story.answer(ok(11));
  assert.equal(story.push.target.seats, 10);
  story.answer(ok(10));
  assert.deepEqual([story.present(fewer).delta, story.account.settledSeats, story.used], [-1, 10, 10]);
});

test('a decrease that follows use is not lost with the purchase that it rode with', () => {
  const terms = { mode: 'follow', settleMs: second, maxWaitMs: second } as const;
  const story = new Story({ seats: 10, used: 10, terms });
  story.request({ type: 'add', quantity: 6 });
  const fewer = story.request({ type: 'remove', quantity: 4 });
  story.pass(second).fold();
  assert.equal(story.push.target.seats, 12);
  story.answer(declined);
  assert.deepEqual([story.push.changes, story.push.target.seats], [[fewer.id], 6]);
});

test('however much it was accepted to take away, no seat is taken away that is in use', () => {
  const terms = { mode: 'follow', settleMs: 10 * second, maxWaitMs: hour } as const;
  const story = new Story({ seats: 10, used: 10, terms });
  story.request({ type: 'add', quantity: 3, holders: ['anna', 'ben', 'cleo'] });
  story.pass(10 * second).fold();
  // Counted on the thirteen seats that are on their way. Those are refused while the decreases settle.
  story.request({ type: 'remove', quantity: 2, holders: ['anna', 'ben'] });
  story.request({ type: 'remove', quantity: 10 });
  assert.deepEqual([story.account.settledSeats, story.account.seatCount, story.used], [10, 1, 1]);
  story.answer(declined);
  // One seat is the least that these terms bill.
  assert.deepEqual([story.account.push, story.account.seatCount, story.used], [null, 1, 0]);
  story.pass(10 * second).fold();
  assert.equal(story.push.target.seats, 1);
});

test('where fewer seats are adopted meanwhile, a decrease that waits takes none of those that are in use', () => {
  const terms = { mode: 'follow', settleMs: 10 * second, maxWaitMs: hour } as const;
  const story = new Story({ seats: 9, used: 9, terms });
  const fewer = story.request({ type: 'remove', quantity: 4 });
  assert.equal(story.account.seatCount, 5);
  story.sees(2);
  story.tell({ type: 'resolve', by: 'stripe', actor: 'ops', reason: 'sold by phone', pushId: story.id() });
  assert.deepEqual([story.account.settledSeats, story.account.seatCount, story.used], [2, 2, 5]);
  story.sees(2);
  story.pass(10 * second).fold();
  assert.deepEqual([story.present(fewer).status, story.present(fewer).delta], ['applied', 0]);
  assert.deepEqual([story.account.push, story.account.seatCount], [null, 2]);
});

test('where more seats are adopted meanwhile, a purchase that waits passes no limit', () => {
  const terms = { settleMs: 10 * second, maxWaitMs: hour, onForeignChange: { unknown: 'adopt' } } as const;
  const story = new Story({ seats: 9, used: 9, terms });
  const more = story.request({ type: 'add', quantity: 4 });
  story.sees(policy.seatsLimit);
  assert.deepEqual([story.account.settledSeats, story.account.seatCount], [policy.seatsLimit, policy.seatsLimit]);
  story.pass(10 * second).fold();
  assert.deepEqual([story.present(more).status, story.present(more).delta], ['applied', 0]);
});

test('a minimum that is agreed on meanwhile bounds at once what waits', () => {
  const terms = { mode: 'follow', settleMs: 10 * second, maxWaitMs: hour } as const;
  const story = new Story({ seats: 9, used: 9, terms });
  story.request({ type: 'remove', quantity: 4 });
  story.tell({ type: 'change_terms', terms: { minimumSeats: 8 }, actor: 'ops', reason: null });
  assert.equal(story.account.seatCount, 8);
  story.pass(10 * second).fold();
  assert.equal(story.push.target.seats, 8);
});

test('it stops at the minimum of the contract', () => {
  const story = new Story({ seats: 10, used: 10, terms: { mode: 'follow', minimumSeats: 8 } });
  story.ask({ type: 'add', quantity: 2 });
  story.request({ type: 'remove', quantity: 4 });
  story.answer(declined);
  assert.equal(story.push.target.seats, 8);
});

test('under terms that do not follow use any more a decrease takes no more than was asked for', () => {
  const story = new Story({ seats: 10, used: 5, terms: { mode: 'follow' } });
  story.ask({ type: 'add', quantity: 6 });
  story.request({ type: 'remove', quantity: 2 });
  story.tell({ type: 'change_terms', terms: { mode: 'prepaid' }, actor: 'ops', reason: null });
  story.answer(ok(11));
  assert.equal(story.push.target.seats, 9);
});

test('what hangs on a purchase is seated with it, and its seats are no reason for others to buy', () => {
  const story = new Story({ seats: 10, used: 9, terms: { settleMs: second, maxWaitMs: second } });
  const buying = story.request({ type: 'add', quantity: 2, holders: ['anna', 'ben'] });
  story.request({ type: 'remove', quantity: 4 });
  const hangs = story.request({ type: 'add', quantity: 3, holders: ['anna', 'cleo', 'dora'] });
  assert.deepEqual([hangs.hangsOn, hangs.takes], [buying.id, 2]);
  const own = story.request({ type: 'add', quantity: 2 });
  story.pass(second).fold();
  assert.equal(story.push.target.seats, 11);
  story.answer(ok(11));
  assert.deepEqual(
    [buying, hangs, own].map((change) => story.present(change).status),
    ['applied', 'applied', 'applied'],
  );
  assert.equal(story.used, 11);
});

test('a set may use what is tried alone after it was let through with: it leaves seats for that', () => {
  const story = new Story({ seats: 10, used: 10, terms: guarded(20) });
  story.request({ type: 'add', quantity: 8 });
  story.request({ type: 'add', quantity: 7 });
  story.fold();
  story.answer(declined);
  const set = story.request({ type: 'set', seats: 30 });
  assert.equal(set.status, 'requested', 'twenty in all');
  story.answer(ok(18));
  assert.deepEqual([story.push.changes, story.push.target.seats], [[set.id], 30]);
  story.answer(ok(30));
  assert.deepEqual([story.account.push, story.account.settledSeats, today(story).seats], [null, 30, 20]);
});

test('what is applied says what it did', () => {
  const story = new Story({ seats: 10 });
  story.ask({ type: 'set', seats: 6 });
  const after = story.request({ type: 'set', seats: 8 });
  assert.deepEqual([after.seatsBefore, after.seatsAfter], [6, 8]);
  story.answer(invalid);
  story.answer(ok(8));
  const { seatsBefore, seatsAfter } = story.present(after);
  assert.deepEqual([seatsBefore, seatsAfter], [10, 8], 'it bought nothing');
});

test('another decrease for the end of the period takes the place of one that waits behind a push', () => {
  const story = new Story({ seats: 10, used: 3, terms: { decrease } });
  story.sees(10);
  const first = story.ask({ type: 'set', seats: 6 });
  story.now = Number(observation(10).item?.currentPeriodEnd) - hour;
  story.request({ type: 'set', seats: 12 });
  story.sees(10);
  assert.equal(story.push.target.seats, 12);
  const second = story.request({ type: 'set', seats: 9 });
  assert.deepEqual(
    [story.present(first).code, second.status, story.account.seatCount],
    ['superseded', 'scheduled', 12],
  );
});

test('a decrease that waits behind a push can be taken back', () => {
  const story = new Story({ seats: 10, used: 3, terms: { decrease } });
  story.sees(10);
  const dated = story.ask({ type: 'set', seats: 6 });
  story.now = Number(observation(10).item?.currentPeriodEnd) - hour;
  story.request({ type: 'set', seats: 12 });
  story.sees(10);
  const { change } = story.tell({ type: 'cancel', change: dated.id, actor: 'olga', reason: 'after all' });
  assert.deepEqual([change?.status, change?.code, story.account.seatCount], ['rolled_back', 'canceled', 12]);
});

test('a push of an older version, without its counts, is counted from its changes', () => {
  const story = new Story({ seats: 10, used: 10 });
  const add = story.ask({ type: 'add', quantity: 2 });
  const { counts: _, ...old } = story.push;
  story.account = { ...story.account, push: old };
  story.answer(ok(12));
  assert.deepEqual([story.present(add).seatsAfter, story.account.settledSeats], [12, 12]);
});

test('a set that is tried alone never takes away what was bought meanwhile', () => {
  const story = new Story({ seats: 10, used: 10 });
  story.request({ type: 'add', quantity: 3 });
  const set = story.request({ type: 'set', seats: 13 });
  story.fold();
  story.request({ type: 'add', quantity: 4 });
  story.answer(declined);
  assert.equal(story.push.target.seats, 14, 'what came since is not set aside');
  story.answer(ok(14));
  assert.equal(story.push.target.seats, 17);
  story.request({ type: 'remove', quantity: 4 });
  story.answer(ok(17));
  assert.deepEqual([story.present(set).code, story.account.push, story.account.settledSeats], ['overtaken', null, 17]);
});

test('what an approved set takes along of others still counts as theirs', () => {
  const story = new Story({ seats: 10, used: 10, terms: guarded(8) });
  story.request({ type: 'add', quantity: 3 });
  story.request({ type: 'add', quantity: 3 });
  story.fold();
  story.answer(declined);
  const set = story.request({ type: 'set', seats: 26 });
  story.tell({ type: 'approve', change: set.id, actor: 'olga', reason: null, holders: [], pushId: story.id() });
  story.answer(ok(13));
  assert.deepEqual([story.push.changes, story.push.target.seats], [[set.id], 26], 'ten were approved');
  story.answer(ok(26));
  assert.deepEqual([story.account.push, story.account.settledSeats, today(story).seats], [null, 26, 6]);
});

test('what a purchase cost is called unknown where nobody has asked for it', () => {
  const story = new Story({ seats: 10, terms: guarded(null, 10_000) });
  story.ask({ type: 'set', seats: 15, price: { from: 10, target: 15, amount: 5_000 } });
  const set = story.request({ type: 'set', seats: 14, price: { from: 15, target: 14, amount: 0 } });
  story.tell({ type: 'change_terms', terms: guarded(null), actor: 'ops', reason: null });
  story.answer(declined);
  story.answer(ok(14));
  assert.deepEqual([story.present(set).status, story.present(set).amount], ['applied', null]);
});

test('what a purchase gives up costs those who take it what a seat costs them', () => {
  const story = new Story({
    seats: 10,
    used: 10,
    terms: { ...guarded(null, 1_000), settleMs: second, maxWaitMs: second },
  });
  story.request({ type: 'add', quantity: 5, price: { from: 10, target: 15, amount: 500 } });
  story.request({ type: 'remove', quantity: 5 });
  const last = story.request({ type: 'add', quantity: 6, price: { from: 15, target: 16, amount: 100 } });
  story.pass(second).fold();
  assert.equal(story.push.target.seats, 16);
  story.answer(ok(16));
  assert.deepEqual([story.present(last).amount, today(story)], [600, { seats: 6, amount: 600 }]);
});

test('what others give up and an approved purchase takes still counts as not approved', () => {
  const story = new Story({ seats: 10, used: 10, terms: { ...guarded(5), settleMs: second, maxWaitMs: second } });
  story.request({ type: 'add', quantity: 4 });
  story.request({ type: 'remove', quantity: 4 });
  const big = story.request({ type: 'add', quantity: 10 });
  assert.equal(big.seatsAfter - big.seatsBefore, 6);
  story.tell({ type: 'approve', change: big.id, actor: 'olga', reason: null, holders: [], pushId: story.id() });
  story.pass(second).fold();
  assert.equal(story.push.target.seats, 20);
  assert.equal(today(story).seats, 4, 'while it is on its way');
  story.answer(ok(20));
  assert.equal(today(story).seats, 4);
});

test('usage that is tried alone lends its seats to a set once', () => {
  const story = new Story({ seats: 11, used: 11, terms: guarded(15) });
  story.request({ type: 'add', quantity: 6 });
  story.request({ type: 'set', seats: 23 });
  story.fold();
  story.answer(declined);
  const again = story.request({ type: 'set', seats: 23 });
  story.answer(ok(17));
  story.answer(ok(23));
  assert.equal(story.present(again).status, 'applied');
  assert.equal(today(story).seats, 12);
  assert.equal(story.ask({ type: 'set', seats: 27 }).status, 'awaiting_approval');
});

test('an approved purchase that counted on seats of another one keeps them while it waits for its payment', () => {
  const terms = { ...guarded(5), increase, settleMs: second, maxWaitMs: second };
  const story = new Story({ seats: 10, used: 10, terms });
  story.sees(10);
  story.request({ type: 'add', quantity: 3 });
  story.request({ type: 'remove', quantity: 3 });
  const big = story.request({ type: 'set', seats: 20 });
  story.tell({ type: 'approve', change: big.id, actor: 'olga', reason: null, holders: [], pushId: story.id() });
  assert.equal(story.push.target.seats, 20);
  story.answer(paymentPending(10));
  story.request({ type: 'add', quantity: 11 });
  story.pass(second).wake();
  story.tell({ type: 'withdrawn', push: story.push.id, attempt: 1, refused: false });
  story.wake();
  const invoice = { id: 'in_1', status: 'void', url: null } as const;
  story.look({ kind: 'seen', observation: observation(10), requestId: 'req', invoice });
  assert.equal(story.present(big).status, 'requested');
  assert.equal(story.push.target.seats, 21);
});

test('usage is not dropped because an older purchase of the same push needed less when it was tried alone', () => {
  const story = new Story({ seats: 10, used: 10, terms: { settleMs: second, maxWaitMs: second } });
  story.request({ type: 'add', quantity: 5 });
  story.request({ type: 'remove', quantity: 3 });
  const last = story.request({ type: 'add', quantity: 3 });
  story.pass(second).fold();
  assert.equal(story.push.target.seats, 15);
  story.answer(declined);
  assert.equal(story.push.target.seats, 12, 'the first, alone');
  story.answer(ok(12));
  assert.equal(story.push.target.seats, 15);
  story.answer(ok(15));
  assert.deepEqual([story.present(last).status, story.used], ['applied', 15]);
});

test('who takes a seat that somebody has left does not void the invoice of those who wait', () => {
  const story = new Story({ seats: 10, used: 10, terms: { increase } });
  story.sees(10);
  story.ask({ type: 'set', seats: 11 });
  story.request({ type: 'add', quantity: 4 });
  story.request({ type: 'remove', quantity: 2 });
  story.answer(ok(11));
  assert.equal(story.push.target.seats, 12);
  story.answer(paymentPending(11));
  story.request({ type: 'remove', quantity: 1 });
  const taken = story.request({ type: 'add', quantity: 1 });
  assert.equal(taken.delta, 0);
  assert.equal(story.fold().effect.type, 'none');
  assert.equal(story.push.withdrawal, undefined);
});

test('what was accepted as no decrease makes none now, where decreases wait for the end of the period', () => {
  const story = new Story({ seats: 11, used: 3, terms: { decrease } });
  story.sees(11);
  const dated = story.ask({ type: 'set', seats: 6 });
  story.now = Number(observation(10).item?.currentPeriodEnd) - hour;
  story.sees(11);
  assert.equal(story.push.target.seats, 6);
  const more = story.request({ type: 'set', seats: 7 });
  story.answer(invalid);
  assert.deepEqual([story.present(dated).status, story.present(more).code], ['rolled_back', 'overtaken']);
  assert.deepEqual([story.account.push, story.account.settledSeats], [null, 11]);
});

test('the seat count is told in the order in which Stripe is told: a set that is tried alone comes last and takes nothing away', () => {
  const story = new Story({ seats: 10, used: 10 });
  story.request({ type: 'add', quantity: 3 });
  story.request({ type: 'set', seats: 13 });
  story.fold();
  story.request({ type: 'add', quantity: 4 });
  story.answer(declined);
  assert.deepEqual([story.push.target.seats, story.account.seatCount], [14, 17]);
});

test('the part of an approved purchase that is still to be bought has its part of the price', () => {
  const story = new Story({ seats: 10, used: 10, terms: guarded(null, 50) });
  const big = story.request({ type: 'add', quantity: 10, price: { from: 10, target: 20, amount: 100 } });
  story.request({ type: 'remove', quantity: 8 });
  story.tell({ type: 'approve', change: big.id, actor: 'olga', reason: null, holders: [], pushId: story.id() });
  assert.deepEqual([story.push.target.seats, story.present(big).amount], [12, 20]);
});

test('where money is bounded, seats that another one gives up are not bought by who has no price', () => {
  const terms = { ...guarded(null, 1_000), settleMs: second, maxWaitMs: second };
  const story = new Story({ seats: 10, used: 10, terms });
  story.request({ type: 'add', quantity: 5, price: { from: 10, target: 15, amount: 500 } });
  story.request({ type: 'remove', quantity: 3 });
  const last = story.request({ type: 'add', quantity: 3 });
  story.pass(second).fold();
  assert.deepEqual([story.push.target.seats, story.present(last).code], [12, 'no_seat_available']);
  story.answer(ok(12));
  assert.deepEqual(today(story), { seats: 2, amount: 200 });
});

test('nor are they handed on to one', () => {
  const story = new Story({ seats: 10, used: 10, terms: guarded(null, 1_000) });
  story.ask({ type: 'set', seats: 11, price: { from: 10, target: 11, amount: 100 } });
  story.request({ type: 'add', quantity: 5, price: { from: 11, target: 15, amount: 400 } });
  story.request({ type: 'remove', quantity: 2 });
  story.answer(ok(11));
  assert.equal(story.push.target.seats, 13);
  const same = story.request({ type: 'set', seats: 13 });
  story.answer(ok(13));
  assert.deepEqual([story.present(same).status, today(story)], ['applied', { seats: 3, amount: 300 }]);
});

test('what hangs on one that hangs on another is counted with it: nobody is seated beyond what is paid for', () => {
  const story = new Story({ seats: 7, used: 2 });
  // Seven are paid for. Six people, three of whom leave again, and those who ask behind them take up one seat more.
  story.request({ type: 'add', quantity: 6, holders: ['a', 'b', 'c', 'd', 'e', 'f'] });
  story.tell({ type: 'pause', reason: 'moving', actor: 'ops' });
  story.request({ type: 'remove', quantity: 4, holders: ['c', 'd', 'e', 'f'] });
  const hanging = story.request({ type: 'add', quantity: 2, holders: ['a', 'g'] });
  const chained = story.request({ type: 'add', quantity: 2, holders: ['g', 'h'] });
  assert.equal(chained.hangsOn, hanging.hangsOn, 'it ends with the one that the other ends with');
  const last = story.request({ type: 'add', quantity: 2 });
  assert.deepEqual([story.account.settledSeats, story.used], [7, 8]);
  story.tell({ type: 'resume', actor: 'ops', reason: null });
  story.wake();
  assert.equal(story.present(chained).status, 'applied');
  assert.equal(story.present(last).status, 'requested', 'its seat is bought first');
  assert.deepEqual([story.push.target.seats, story.openIncidents()], [8, []]);
});
