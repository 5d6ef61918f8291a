/** Changes that wait for a date or for an owner, and the burst that settles down. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policy } from './policy.ts';
import { quotedObservation, quotedState } from './quote.ts';
import { holdersOf } from './request.ts';
import { hour, minute, observation, ok, Story, second } from './testing.ts';
import type { Observation, SeatChange, Terms } from './types.ts';

const periodEnd = 1_801_592_000_000;
const dated: Partial<Terms> = {
  decrease: { prorationBehavior: 'create_prorations', paymentBehavior: 'allow_incomplete', when: 'period_end' },
};
const item = observation(10).item;

function period(start: number | null, end: number | null, quantity = 10): Partial<Observation> {
  return { item: item && { ...item, quantity, currentPeriodStart: start, currentPeriodEnd: end } };
}

/** Ten seats, read of Stripe, with a decrease scheduled for the end of the period. */
function scheduled(seats = 6, terms = dated): { story: Story; change: SeatChange } {
  const story = new Story({ seats: 10, used: 4, terms });
  story.sees(10);
  return { story, change: story.ask({ type: 'set', seats }) };
}

test('a scheduled decrease moves no count, names its date and makes the account due an hour before', () => {
  const { story, change } = scheduled();
  assert.deepEqual([change.status, change.waitsUntil, change.takes], ['scheduled', periodEnd, 0]);
  assert.deepEqual([story.account.seatCount, story.account.push], [10, null]);
  assert.equal(story.account.dueAt, periodEnd - policy.scheduleLeadMs);
  assert.ok(story.events.some(({ type }) => type === 'change.scheduled'));
});

test('it needs a period that is known and that another one follows', () => {
  assert.equal(
    new Story({ seats: 10, terms: dated }).refusal({ type: 'set', seats: 6 }),
    'subscription_not_changeable',
  );
  for (const ending of [{ cancelAtPeriodEnd: true }, { cancelAt: periodEnd - 1 }]) {
    const story = new Story({ seats: 10, terms: dated });
    story.sees(10, ending);
    assert.equal(story.refusal({ type: 'set', seats: 6 }), 'subscription_ending');
  }
});

test('when it is due Stripe is read first, then told without proration', () => {
  const { story, change } = scheduled();
  story.now = periodEnd - hour;
  assert.equal(story.wake().effect.type, 'look');
  story.sees(10);
  assert.equal(new URLSearchParams(story.push.request.body).get('proration_behavior'), 'none');
  story.answer(ok(6));
  assert.equal(story.present(change).status, 'applied');
  assert.equal(story.account.settledSeats, 6);
});

test('a look that fails is made again after its delay', () => {
  const { story } = scheduled();
  story.now = periodEnd - hour;
  story.wake();
  story.look({ kind: 'failed', message: 'away' });
  assert.equal(story.account.dueAt, story.now + (policy.lookDelaysMs[0] ?? 0));
});

for (const [prorationBehavior, credited] of [
  ['always_invoice', 'always_invoice'],
  ['none', 'create_prorations'],
] as const) {
  test(`after a renewal that came first it is made with credit (${credited}), and said`, () => {
    const decrease = { prorationBehavior, paymentBehavior: 'allow_incomplete', when: 'period_end' } as const;
    const { story, change } = scheduled(6, { decrease });
    story.now = periodEnd + hour;
    story.sees(10, period(periodEnd, periodEnd + 720 * hour));
    assert.deepEqual(story.openIncidents(), ['schedule_missed']);
    assert.equal(new URLSearchParams(story.push.request.body).get('proration_behavior'), credited);
    story.answer(ok(6));
    assert.deepEqual([story.present(change).status, story.openIncidents()], ['applied', []]);
  });
}

test('the end of the period moves, and the date with it; without one nothing moves', () => {
  const { story, change } = scheduled();
  story.sees(10, period(1_799_000_000_000, periodEnd + hour));
  assert.equal(story.present(change).waitsUntil, periodEnd + hour);
  story.sees(10, period(1_799_000_000_000, null));
  assert.equal(story.present(change).waitsUntil, periodEnd + hour);
});

test('it waits behind a push and while writing is paused or the account is held', () => {
  const { story, change } = scheduled();
  story.ask({ type: 'add', quantity: 8 });
  story.now = periodEnd - hour;
  assert.equal(story.account.push?.target.quantity, 12);
  story.answer(ok(12));
  assert.equal(story.present(change).status, 'scheduled');
  story.tell({ type: 'pause', reason: 'maintenance', actor: 'ops' });
  story.sees(12);
  assert.equal(story.wake().effect.type, 'none');
  story.tell({ type: 'resume', actor: 'ops', reason: null });
  story.wake();
  story.sees(12);
  assert.equal(story.present(change).code, 'below_used', 'twelve are in use by now');
});

test('what a schedule manages is left alone: the decrease ends with that code', () => {
  const { story, change } = scheduled();
  story.now = periodEnd - hour;
  story.sees(10, { schedule: 'sub_sched_1' });
  assert.equal(story.present(change).code, 'managed_by_schedule');
});

test('a later word of the owner takes its place, usage does not, and the end of the subscription ends it', () => {
  const { story, change } = scheduled();
  const second = story.ask({ type: 'set', seats: 7 });
  assert.deepEqual([story.present(change).code, story.present(change).supersededBy], ['superseded', second.id]);
  story.ask({ type: 'set', seats: 12 });
  assert.equal(story.present(second).status, 'scheduled', 'until the later one is applied');
  story.answer(ok(12));
  assert.equal(story.present(second).code, 'superseded');
  const third = story.ask({ type: 'set', seats: 6 });
  story.ask({ type: 'add', quantity: 1 });
  assert.equal(story.present(third).status, 'scheduled');
  assert.equal(story.ask({ type: 'set', seats: 12 }).status, 'applied');
  assert.equal(story.present(third).code, 'superseded', 'back to what there is');
  const fourth = story.ask({ type: 'set', seats: 6 });
  story.sees(12, { status: 'canceled' });
  assert.equal(story.present(fourth).code, 'subscription_ended');
});

test('its date comes while a later set waits: the later one counts', () => {
  const { story, change } = scheduled();
  story.now = periodEnd - hour;
  story.tell({ type: 'pause', reason: 'maintenance', actor: 'ops' });
  story.tell({ type: 'resume', actor: 'ops', reason: null });
  story.wake();
  story.sees(10);
  assert.equal(story.push.target.quantity, 6);
  const later = story.ask({ type: 'set', seats: 9 });
  story.answer(ok(6));
  assert.equal(story.present(change).status, 'applied');
  assert.equal(story.present(later).push, story.push.id);
});

test('a decrease whose date has come follows alone behind other changes, and gives way to a later set', () => {
  const { story, change } = scheduled();
  const first = story.ask({ type: 'add', quantity: 8 });
  // Its push is refused for payment together with nobody, so it is asked for anew while the date comes.
  story.now = periodEnd - hour;
  story.answer(ok(12));
  assert.equal(story.present(first).status, 'applied');
  story.tell({ type: 'cancel', change: change.id, actor: 'olga', reason: null });
  assert.equal(story.present(change).code, 'canceled');
});

/** What the guard counts. */
function spent({ account }: Story): { seats: number; amount: number } {
  const slots = account.spent?.slots ?? [];
  return {
    seats: slots.reduce((sum, { seats }) => sum + seats, 0),
    amount: slots.reduce((sum, { amount }) => sum + amount, 0),
  };
}

const guarded: Partial<Terms> = { guard: { seatsPerDay: 3, amountPerDay: null } };
const say = (story: Story, type: 'approve' | 'decline', change: string, holders: readonly string[] = []) =>
  story.tell(
    type === 'approve'
      ? { type, change, holders, pushId: story.id(), actor: 'olga', reason: null }
      : { type, change, actor: 'olga', reason: null },
  );

test('above the guard a purchase waits, holds nothing, and is accepted anew with the approval', () => {
  const story = new Story({ seats: 10, used: 10, terms: guarded });
  story.ask({ type: 'add', quantity: 2 });
  story.answer(ok(12));
  const big = story.ask({ type: 'add', quantity: 2, holders: ['ada', 'ben'] });
  assert.deepEqual([big.status, big.takes, story.used, story.account.seatCount], ['awaiting_approval', 0, 12, 12]);
  say(story, 'approve', big.id, ['ada', 'ben']);
  assert.equal(story.push.target.quantity, 14);
  story.answer(ok(14));
  assert.equal(story.present(big).status, 'applied');
  assert.equal(spent(story).seats, 2, 'what an owner approved uses up nothing');
  story.pass(policy.guardWindowMs + policy.guardSlotMs);
  assert.equal(story.ask({ type: 'set', seats: 17 }).status, 'requested', 'another day');
});

test('a purchase that was refused gives back what it used of the day', () => {
  const story = new Story({ seats: 10, used: 10, terms: guarded });
  story.ask({ type: 'add', quantity: 3 });
  story.answer({ ...ok(10), kind: 'error', status: 402, type: 'card_error', code: 'card_declined' } as never);
  assert.equal(story.account.spent, null);
  const late = new Story({ seats: 10, used: 10, terms: guarded });
  const first = late.ask({ type: 'add', quantity: 3 });
  const other = { at: first.requestedAt + 2 * policy.guardSlotMs, seats: 1, amount: 0 };
  late.account = { ...late.account, spent: { slots: [other] } };
  late.answer({ ...ok(10), kind: 'error', status: 402, type: 'card_error', code: 'card_declined' } as never);
  assert.deepEqual(late.account.spent, { slots: [other] }, 'what is not counted is not given back');
});

test('an approval is checked by the rules of its moment; a decline and a week end it', () => {
  const story = new Story({ seats: 10, used: 10, terms: guarded });
  const asking = (seats: number) => story.ask({ type: 'set', seats });
  const [one, two, three] = [asking(20), asking(21), asking(22)];
  story.tell({ type: 'change_terms', terms: { maximumSeats: 15 }, actor: 'ops', reason: null });
  say(story, 'approve', one.id);
  assert.equal(story.present(one).code, 'above_maximum');
  say(story, 'decline', two.id);
  assert.equal(story.present(two).code, 'approval_declined');
  assert.equal(story.account.dueAt, story.now + policy.approvalLifetimeMs);
  story.pass(policy.approvalLifetimeMs - minute);
  story.wake();
  assert.equal(story.present(three).status, 'awaiting_approval');
  story.pass(minute);
  story.wake();
  assert.equal(story.present(three).code, 'approval_expired');
  assert.throws(() => say(story, 'approve', 'unknown'), { code: 'unknown_change' });
  const small = story.ask({ type: 'set', seats: 11 });
  assert.throws(() => say(story, 'decline', small.id), { code: 'not_awaiting_approval' });
});

test('what is scheduled waits for its date and not for an approval; what cannot happen stops the approval', () => {
  const { story, change } = scheduled(6, { ...dated, ...guarded });
  assert.throws(() => say(story, 'approve', change.id), { code: 'not_awaiting_approval' });
  const named = story.ask({
    type: 'add',
    quantity: 20,
    holders: Array.from({ length: 20 }, (_, index) => `h${index}`),
  });
  assert.throws(() => say(story, 'approve', named.id), /does not name the holders/);
});

test('a bound in money needs the price, and a price for other quantities is none', () => {
  const story = new Story({ seats: 10, used: 10, terms: { guard: { seatsPerDay: null, amountPerDay: 2_000 } } });
  assert.throws(() => story.request({ type: 'set', seats: 11 }), { code: 'price_needed', seats: 11 });
  const price = { from: 10, target: 11, amount: 1_000 };
  assert.equal(story.ask({ type: 'set', seats: 11, price }).status, 'requested');
  story.answer(ok(11));
  assert.equal(spent(story).amount, 1_000);
  assert.throws(
    () => story.request({ type: 'set', seats: 12, price }),
    { code: 'price_needed', seats: 12 },
    'not the price of this',
  );
  assert.equal(story.ask({ type: 'set', seats: 13, price: null }).status, 'awaiting_approval');
  const dear = { from: 11, target: 12, amount: 1_001 };
  assert.equal(story.ask({ type: 'add', quantity: 2, price: dear }).status, 'awaiting_approval');
  const cheap = { from: 11, target: 12, amount: 1_000 };
  assert.equal(story.present(story.ask({ type: 'add', quantity: 2, price: cheap })).amount, 1_000);
  const free = new Story({
    seats: 10,
    used: 10,
    terms: { includedSeats: 20, guard: { seatsPerDay: null, amountPerDay: 0 } },
  });
  assert.equal(free.ask({ type: 'add', quantity: 1 }).status, 'applied', 'what bills nothing costs nothing');
});

test('a burst settles down, at most for so long, and before the period ends', () => {
  const terms = { settleMs: 10 * second, maxWaitMs: 15 * second };
  const story = new Story({ seats: 10, used: 10, terms });
  const began = story.now;
  story.ask({ type: 'add', quantity: 1 });
  assert.deepEqual([story.account.push, story.account.dueAt], [null, began + 10 * second]);
  story.pass(8 * second).ask({ type: 'add', quantity: 1 });
  assert.equal(story.account.dueAt, began + 15 * second);
  story.pass(7 * second);
  assert.equal(story.wake().effect.type, 'send');
  assert.equal(story.push.target.quantity, 12);
  story.answer(ok(12));
  story.ask({ type: 'add', quantity: 1 });
  story.tell({ type: 'flush', pushId: story.id() });
  story.answer(ok(13));
  story.ask({ type: 'add', quantity: 1 });
  assert.equal(story.ask({ type: 'set', seats: 20 }).push !== null, true, 'an owner waits for the answer');
  story.answer(ok(20));
  story.account = { ...story.account, observed: { ...observation(20), at: 0 } };
  story.now = periodEnd - policy.scheduleLeadMs - 5 * second;
  story.ask({ type: 'add', quantity: 8 });
  assert.equal(story.account.dueAt, periodEnd - policy.scheduleLeadMs);
});

test('a quote depends on what both sides show', () => {
  const story = new Story({ seats: 10 });
  const state = quotedState(story.account, []);
  const { change, story: other } = scheduled();
  assert.notEqual(quotedState({ ...story.account, link: null }, []), state);
  assert.notEqual(quotedState(story.account, [other.present(change)]), state);
  assert.equal(quotedState(story.account, [{ ...change, status: 'awaiting_approval' }]), state);
  const seen = quotedObservation(observation(10));
  assert.equal(quotedObservation(observation(10)), seen);
  const pendingUpdate = { expiresAt: 1, items: [{ id: 'si_1', price: null, quantity: 12 }] };
  const otherItems = [{ id: 'si_2', price: 'price_2', quantity: 1 }];
  for (const moved of [{ schedule: 's' }, { pendingUpdate }, { otherItems }, { item: null }, period(1, 2)]) {
    assert.notEqual(quotedObservation(observation(10, moved)), seen);
  }
});

test('an approval comes after what was asked for meanwhile, and what cannot happen is not taken for a refusal', () => {
  const terms = { ...guarded, settleMs: second, maxWaitMs: second };
  const story = new Story({ seats: 10, used: 10, terms });
  const big = story.ask({ type: 'add', quantity: 4 });
  const small = story.ask({ type: 'add', quantity: 1 });
  say(story, 'approve', big.id);
  assert.deepEqual(
    story.state.waiting.map(({ id }) => id),
    [small.id, big.id],
  );
  const broken = story.ask({ type: 'add', quantity: 5 });
  assert.ok(broken.asked?.type === 'add');
  story.changes.set(broken.id, { ...broken, asked: { ...broken.asked, holders: ['ada'] } });
  assert.throws(() => say(story, 'approve', broken.id, ['ada']), { name: 'InvariantBroken' });
});

test('the holders of a request are all that it names', () => {
  const base = { changeId: 'c', idempotencyKey: null, actor: 'olga', reason: null };
  assert.deepEqual(holdersOf({ ...base, type: 'set', seats: 1 }), []);
  assert.deepEqual(holdersOf({ ...base, type: 'remove', quantity: 1 }), []);
  assert.deepEqual(holdersOf({ ...base, type: 'transfer', quantity: 1 }), []);
  const moves = [{ from: 'ada', to: 'ben' }];
  assert.deepEqual(holdersOf({ ...base, type: 'transfer', quantity: 1, holders: moves }), ['ada', 'ben']);
});

test('a period whose beginning is not known is not over, and what its state forbids is refused at the door', () => {
  const { story } = scheduled();
  story.now = periodEnd - hour;
  story.sees(10, period(null, periodEnd));
  assert.equal(new URLSearchParams(story.push.request.body).get('proration_behavior'), 'none');
  const incomplete = new Story({ seats: 10 });
  incomplete.sees(10, { status: 'incomplete' });
  assert.equal(incomplete.refusal({ type: 'set', seats: 9 }), 'subscription_incomplete');
  assert.equal(incomplete.refusal({ type: 'set', seats: 11 }), 'subscription_incomplete');
});

test('two sets that are tried alone end one after the other, although the older one was approved later', () => {
  const story = new Story({ seats: 10, used: 8, terms: { guard: { seatsPerDay: 3, amountPerDay: null } } });
  const older = story.ask({ type: 'set', seats: 14 });
  story.ask({ type: 'set', seats: 12 });
  const queue = [story.request({ type: 'set', seats: 13 }), story.request({ type: 'add', quantity: 3 })];
  const refused = { ...ok(10), kind: 'error', status: 402, type: 'card_error', code: 'card_declined' } as never;
  story.answer(refused);
  assert.equal(story.push.changes.length, queue.length, 'they ride together first');
  say(story, 'approve', older.id);
  for (let answer = 0; story.account.push !== null; answer += 1) {
    assert.ok(answer < 10, 'it goes on for ever');
    story.answer(refused);
  }
  assert.deepEqual([story.state.waiting, story.account.seatCount], [[], 10]);
});
