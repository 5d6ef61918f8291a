/** How concurrent changes compose: what rides together, what still fits, and what a refused joint push does to each. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextBatch, seatsAfter } from './batch.ts';
import { policy } from './policy.ts';
import { badKey, declined, invalid, ok, Story, second } from './testing.ts';
import type { SeatChange } from './types.ts';

/** A push is under way, so everything that is asked for meanwhile waits and rides together in the next one. */
function busyAccount(seats: number, used = 0): Story {
  const story = new Story({ seats, used });
  story.ask({ type: 'set', seats: seats + 1 });
  return story;
}

const statuses = (story: Story, changes: readonly SeatChange[]) =>
  changes.map((change) => story.present(change).status);

test('one open push: what arrives meanwhile waits, and rides together in the next one, which is absolute', () => {
  const story = busyAccount(10, 11 - 1);
  const changes = [1, 2, 3].map(() => story.request({ type: 'add', quantity: 2 }));
  assert.equal(story.fold().changed, false, 'folding while a push is open does nothing');
  assert.equal(story.account.seatCount, 16);
  story.answer(ok(11));
  assert.equal(story.opened.length, 2);
  assert.equal(story.push.target.seats, 16);
  assert.deepEqual(
    story.push.changes,
    changes.map((change) => change.id),
  );
  assert.equal(story.last?.effect.type, 'send', 'the commit of the answer is also the intent of the next push');
  story.answer(ok(16));
  assert.deepEqual(statuses(story, changes), ['applied', 'applied', 'applied']);
});

test('of two sets the later wins, and the earlier ends applied, superseded by it', () => {
  const story = busyAccount(10);
  const first = story.request({ type: 'set', seats: 20 });
  const second = story.request({ type: 'set', seats: 15 });
  story.answer(ok(11));
  assert.equal(story.push.target.seats, 15);
  story.answer(ok(15));
  assert.deepEqual(statuses(story, [first, second]), ['applied', 'applied']);
  assert.equal(story.present(first).supersededBy, second.id);
  assert.equal(story.present(second).supersededBy, null);
  assert.ok(story.audit.some((entry) => entry.change === first.id && /Superseded/.test(entry.note)));
});

test('adds before a set are part of it, adds after it go on top', () => {
  const story = busyAccount(10, 10);
  story.request({ type: 'add', quantity: 3 });
  story.request({ type: 'set', seats: 15 });
  story.request({ type: 'add', quantity: 4 });
  assert.equal(story.account.seatCount, 17);
  story.answer(ok(11));
  assert.equal(story.push.target.seats, 17);
});

test('what comes out at the settled quantity is settled without a call', () => {
  const story = busyAccount(10);
  const up = story.request({ type: 'set', seats: 20 });
  const back = story.request({ type: 'set', seats: 11 });
  story.answer(ok(11));
  assert.equal(story.account.push, null);
  assert.deepEqual(statuses(story, [up, back]), ['applied', 'applied']);
  assert.equal(story.opened.length, 1);
});

// Every fold revalidates

test('a waiting decrease that would now go below what is used rolls back with that code', () => {
  const story = busyAccount(10, 5);
  const decrease = story.request({ type: 'set', seats: 6 });
  story.request({ type: 'assign', quantity: 1 });
  assert.equal(story.used, 6);
  story.tell({
    type: 'change_terms',
    terms: {},
    actor: 'ops',
    reason: null,
  });
  // What is confirmed is given out until the decrease is; then it no longer fits.
  story.account = { ...story.account, assigned: 7, anonymousAssigned: 7 };
  story.audit.length = 0;
  story.answer(ok(11));
  assert.equal(story.present(decrease).status, 'rolled_back');
  assert.equal(story.present(decrease).code, 'below_used');
  assert.match(story.present(decrease).message ?? '', /7 seats came into use/);
  assert.deepEqual([story.account.seatCount, story.account.push], [11, null]);
});

test('a waiting decrease below a minimum that came meanwhile rolls back, an increase above a new maximum too', () => {
  const story = busyAccount(10);
  const decrease = story.request({ type: 'set', seats: 5 });
  const increase = story.request({ type: 'set', seats: 20 });
  story.tell({ type: 'change_terms', terms: { minimumSeats: 8, maximumSeats: 15 }, actor: 'ops', reason: null });
  story.answer(ok(11));
  assert.deepEqual(
    [decrease, increase].map((change) => story.present(change).code),
    ['below_minimum', 'above_maximum'],
  );
  assert.match(story.present(decrease).message ?? '', /At least 8/);
  assert.match(story.present(increase).message ?? '', /At most 15/);
  assert.equal(story.account.seatCount, 11);
});

test('what fits of a batch goes on without what does not', () => {
  const story = busyAccount(10);
  const low = story.request({ type: 'set', seats: 5 });
  const fine = story.request({ type: 'set', seats: 9 });
  story.tell({ type: 'change_terms', terms: { minimumSeats: 8 }, actor: 'ops', reason: null });
  story.answer(ok(11));
  assert.equal(story.present(low).status, 'rolled_back');
  assert.deepEqual(story.push.changes, [fine.id]);
});

// A refused push of several

test('refused for payment: decreases go on by themselves, increases are tried alone, three at most, the rest roll back', () => {
  const story = new Story({ seats: 20, used: 10, terms: { mode: 'follow' } });
  story.ask({ type: 'remove', quantity: 1 });
  const decrease = story.request({ type: 'remove', quantity: 2 });
  // Each buys, because nothing is free beyond what the decreases give back.
  const increases = [1, 2, 3, 4, 5].map((count) => story.request({ type: 'add', quantity: 2 + count }));
  assert.ok(increases.every((change) => change.delta > 0));
  const removed = story.account.push?.target.seats ?? 0;
  assert.equal(removed, 9);
  story.answer(ok(9));
  const joint = story.push;
  assert.equal(joint.changes.length, 6);

  story.answer(declined);
  assert.equal(story.present(decrease).status, 'requested');
  assert.deepEqual(statuses(story, increases), ['requested', 'requested', 'requested', 'rolled_back', 'rolled_back']);
  assert.equal(story.present(increases[3] as SeatChange).code, 'insufficient_funds');
  assert.deepEqual(story.push.changes, [decrease.id], 'first the decrease alone');
  assert.equal(story.push.target.seats, 7);

  story.answer(ok(7));
  assert.equal(story.present(decrease).status, 'applied');
  assert.deepEqual(story.push.changes, [increases[0]?.id]);
  assert.equal(story.push.target.seats, 10);
  story.answer(ok(10));
  story.answer(declined);
  assert.equal(story.present(increases[1] as SeatChange).status, 'rolled_back');
  story.answer(ok(15));
  assert.deepEqual(statuses(story, increases), ['applied', 'rolled_back', 'applied', 'rolled_back', 'rolled_back']);
  assert.equal(story.account.push, null);
  assert.equal(story.account.settledSeats, 15);
  assert.equal(story.used, 15);
  assert.equal(story.opened.length - 2, 1 + policy.retriesAlone, 'one for the decrease, three for the increases');
});

test('the first failed increase does not punish the others, and each waits for its own turn', () => {
  const story = busyAccount(10, 10);
  const first = story.request({ type: 'add', quantity: 50 });
  const second = story.request({ type: 'add', quantity: 2 });
  story.answer(ok(11));
  story.answer(declined);
  assert.deepEqual(story.push.changes, [first.id]);
  story.answer(declined);
  assert.deepEqual(story.push.changes, [second.id]);
  // The seat that the first one had counted on is free, so one less is bought.
  story.answer(ok(12));
  assert.deepEqual(statuses(story, [first, second]), ['rolled_back', 'applied']);
  assert.deepEqual([story.account.settledSeats, story.used], [12, 12]);
});

test('of several refused sets only the last was ever asked of Stripe and is tried alone', () => {
  const story = busyAccount(10);
  const sets = [20, 30, 40].map((seats) => story.request({ type: 'set', seats }));
  story.answer(ok(11));
  story.answer(declined);
  assert.deepEqual(statuses(story, sets), ['rolled_back', 'rolled_back', 'requested']);
  assert.deepEqual(story.push.changes, [sets[2]?.id]);
});

test('a set that was to be tried alone rides with a later set, which counts', () => {
  const story = busyAccount(10);
  const alone = story.request({ type: 'set', seats: 20 });
  const add = story.request({ type: 'add', quantity: 1 });
  story.answer(ok(11));
  const later = story.request({ type: 'set', seats: 12 });
  story.answer(declined);
  assert.equal(add.status, 'applied', 'one seat was free for it at once');
  assert.equal(story.present(alone).status, 'rolled_back', 'refused by itself, it is over');
  assert.deepEqual(story.push.changes, [later.id]);

  const joint = busyAccount(10, 10);
  const set = joint.request({ type: 'set', seats: 20 });
  const buys = joint.request({ type: 'add', quantity: 15 });
  joint.answer(ok(11));
  const after = joint.request({ type: 'set', seats: 30 });
  joint.answer(declined);
  assert.deepEqual(joint.push.changes, [set.id, after.id]);
  assert.equal(joint.push.target.seats, 30);
  joint.answer(ok(30));
  assert.equal(joint.present(set).supersededBy, after.id);
  assert.equal(joint.present(buys).status, 'applied', 'it has its seats by then, and buys none');
  assert.deepEqual([joint.account.push, joint.account.settledSeats, joint.used], [null, 30, 25]);
});

test('a push of one that is refused is not tried again', () => {
  const story = new Story({ seats: 10 });
  const change = story.ask({ type: 'set', seats: 12 });
  story.answer(declined);
  assert.equal(story.present(change).status, 'rolled_back');
  assert.equal(story.opened.length, 1);
});

test('a push of several that is refused for anything but payment rolls all of it back', () => {
  for (const answer of [invalid, badKey]) {
    const story = busyAccount(10, 10);
    const changes = [story.request({ type: 'add', quantity: 2 }), story.request({ type: 'add', quantity: 2 })];
    story.answer(ok(11));
    story.answer(answer);
    assert.deepEqual(statuses(story, changes), ['rolled_back', 'rolled_back']);
    assert.equal(story.account.push, null);
    assert.equal(story.used, 10);
  }
});

test('a change that rolls back leaves the count of the others as they asked for it', () => {
  const story = new Story({ seats: 10, used: 10 });
  story.ask({ type: 'add', quantity: 5 });
  const add = story.request({ type: 'add', quantity: 2 });
  story.answer(declined);
  assert.equal(story.account.seatCount, 12);
  assert.deepEqual(story.push.changes, [add.id]);
  assert.equal(story.push.target.seats, 12);
});

test('batches: what hangs on another change never rides; what is to be tried alone waits for the others', () => {
  const story = busyAccount(10);
  const [row] = story.state.waiting;
  assert.ok(row);
  const change = (id: string, more: Partial<SeatChange>): SeatChange => ({ ...row, id, setSeats: null, ...more });
  const add = change('add', { delta: 1 });
  const alone = change('alone', { delta: 1, alone: true });
  const hanging = change('hanging', { hangsOn: 'add' });
  assert.deepEqual(nextBatch([alone, add, hanging]), [add]);
  assert.deepEqual(nextBatch([alone, change('alone 2', { alone: true })]), [alone]);
  assert.deepEqual(nextBatch([]), []);
  const anything = { least: 0, most: 100 };
  assert.equal(seatsAfter(10, [add, change('set', { setSeats: 4 }), alone], anything), 5);
});

test('a fold in a host transaction opens a push that nobody sends until somebody wakes', () => {
  const story = new Story({ seats: 10 });
  story.request({ type: 'set', seats: 12 });
  const decision = story.fold(false);
  assert.equal(decision.effect.type, 'none');
  assert.deepEqual([story.push.attempt, story.push.unproven, story.push.lastSentAt], [0, 0, null]);
  assert.equal(story.account.dueAt, story.now);
  story.pass(second).wake();
  assert.deepEqual([story.push.attempt, story.push.state], [1, 'intended']);
  story.answer(badKey);
  assert.equal(story.ended[0]?.outcome, 'refused', 'it was the only send');
});

test('batches: a set that is tried alone rides with a later set, and never with an earlier one', () => {
  const [row] = busyAccount(10).state.waiting;
  assert.ok(row);
  const set = (number: number, alone: boolean): SeatChange => ({
    ...row,
    id: `set ${number}`,
    number,
    alone,
    setSeats: 20 + number,
  });
  assert.deepEqual(nextBatch([set(1, true), set(2, false)]), [set(1, true), set(2, false)]);
  assert.deepEqual(
    nextBatch([set(1, false), set(2, true)]),
    [set(1, false)],
    'nobody asked for it together with that one',
  );
});

test('batches: a decrease whose date has come follows alone, without what hangs on another change', () => {
  const [row] = busyAccount(10).state.waiting;
  assert.ok(row);
  const dated: SeatChange = { ...row, id: 'dated', waitsUntil: 1 };
  const hanging: SeatChange = { ...row, id: 'hanging', hangsOn: 'dated' };
  assert.deepEqual(nextBatch([dated, hanging]), [dated]);
  assert.deepEqual(nextBatch([dated, row]), [row]);
});

test('a bound that came while seats were waited for is for what grows or shrinks, not for who only sits down', () => {
  for (const terms of [{ maximumSeats: 11 }, { minimumSeats: 15 }]) {
    const story = new Story({ seats: 10, used: 10 });
    story.ask({ type: 'set', seats: 12 });
    const sits = story.request({ type: 'add', quantity: 1, holders: ['anna'] });
    assert.equal(sits.delta, 0);
    story.tell({ type: 'change_terms', terms, actor: 'ops', reason: null });
    story.answer(ok(12));
    assert.equal(story.present(sits).status, 'applied');
  }
});

test('what rolls back says in a sentence why it no longer fits', () => {
  const counting = busyAccount(10, 10);
  const added = counting.request({ type: 'add', quantity: 1 });
  counting.answer(declined);
  assert.equal(counting.present(added).message, 'The seats this was counting on were not bought after all.');
});

test('a purchase whose people have left is no decrease: where it no longer fits it says what it counted on', () => {
  const story = new Story({ seats: 10, used: 10, terms: { onForeignChange: { unknown: 'adopt' } } });
  const bought = story.request({ type: 'add', quantity: 1, holders: ['anna'] });
  story.request({ type: 'remove', quantity: 1, holders: ['anna'] });
  assert.deepEqual([story.present(bought).takes, story.present(bought).delta], [0, 1]);
  story.sees(5);
  assert.deepEqual([story.present(bought).status, story.present(bought).code], ['rolled_back', 'no_seat_available']);
});

test('what hangs on a purchase is found whichever of its people is named first', () => {
  const story = new Story({ seats: 10, used: 7 });
  const buying = story.ask({ type: 'add', quantity: 4, holders: ['anna', 'ben', 'cleo', 'dora'] });
  story.request({ type: 'remove', quantity: 3 });
  const again = story.request({ type: 'add', quantity: 2, holders: ['emil', 'anna'] });
  assert.equal(again.hangsOn, buying.id);
});

test('what costs nothing uses up none of the tries of a declined purchase', () => {
  const story = busyAccount(10, 10);
  const set = story.request({ type: 'set', seats: 14 });
  const sitting = [1, 2, 3].map(() => story.request({ type: 'add', quantity: 1 }));
  const buying = story.request({ type: 'add', quantity: 2 });
  assert.deepEqual(
    [...sitting, buying].map(({ delta }) => delta),
    [0, 0, 0, 1],
  );
  story.answer(ok(11));
  assert.equal(story.push.changes.length, 5);
  story.answer(declined);
  assert.deepEqual(story.push.changes, [set.id], 'it is tried alone, before those who count on it');
  story.answer(ok(14));
  assert.deepEqual(statuses(story, [set, ...sitting]), ['applied', 'applied', 'applied', 'applied']);
  assert.deepEqual([story.push.changes, story.push.target.seats], [[buying.id], 15]);
});

test('a set to as many seats as there are, or to fewer, is not among the increases that are tried alone', () => {
  for (const seats of [13, 12]) {
    const story = new Story({ seats: 13, used: 13 });
    story.ask({ type: 'add', quantity: 1 });
    const more = [1, 2].map(() => story.request({ type: 'add', quantity: 1 }));
    story.request({ type: 'remove', quantity: 12 });
    const set = story.request({ type: 'set', seats });
    const last = story.request({ type: 'add', quantity: 15 });
    story.answer(ok(14));
    assert.deepEqual(statuses(story, more), ['applied', 'applied']);
    assert.deepEqual(story.push.changes, [set.id, last.id]);
    story.answer(declined);
    assert.notEqual(story.present(set).status, 'rolled_back');
    assert.equal(story.present(set).alone, false);
  }
});
