/** When somebody is needed for an account: what makes it due, and what does not although it looks like it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ripeAt } from './parked.ts';
import { supersedesAt } from './payment.ts';
import { policy } from './policy.ts';
import { quotaFreeAt } from './quotas.ts';
import { settledAt } from './settling.ts';
import { dueAt, lookDueAt } from './step.ts';
import { hour, minute, observation, paymentPending, Story, second } from './testing.ts';
import type { Account, Hold, SeatChange, SeatRequest } from './types.ts';

const held: Hold = { since: 0, code: 'drift', observedQuantity: 12, cause: 'unknown', message: 'Somebody changed it.' };
const periodEnd = 1_801_592_000_000;

/** A purchase of one seat, to write other rows after. */
const row: SeatChange = {
  id: 'row',
  number: 1,
  kind: 'add',
  status: 'requested',
  push: null,
  setSeats: null,
  delta: 1,
  quantity: 1,
  takes: 0,
  holders: [],
  reserve: false,
  prorationDate: null,
  hangsOn: null,
  alone: false,
  waitsUntil: null,
  asked: null,
  amount: null,
  idempotencyKey: null,
  fingerprint: '',
  actor: 'olga',
  reason: null,
  seatsBefore: 10,
  seatsAfter: 11,
  code: null,
  message: null,
  payment: false,
  supersededBy: null,
  requestedAt: 1_800_000_000_000,
  endedAt: null,
};
const change = (more: Partial<SeatChange>): SeatChange => ({ ...row, ...more });

// Settling down

const calm: Partial<Account> = {
  terms: { ...new Story({ seats: 10 }).account.terms, settleMs: 10 * second, maxWaitMs: minute },
};
const period = (end: number | null): Account['observed'] => {
  const { item } = observation(10);
  return { ...observation(10, { item: item && { ...item, currentPeriodEnd: end } }), at: 0 };
};
const [early, late] = [1_800_000_000_000, 1_800_000_000_000 + 5 * second];
const burst = [change({ id: 'early', requestedAt: early }), change({ id: 'late', requestedAt: late })];
const lead = policy.scheduleLeadMs;

const settling: readonly [what: string, account: Partial<Account>, waiting: readonly SeatChange[], at: number][] = [
  ['a burst, so long after the last of it', calm, burst, late + 10 * second],
  ['a burst where nothing is to settle', {}, burst, 0],
  ['nothing', calm, [], 0],
  ['what rides in a push already', calm, [change({ push: 'p' })], 0],
  ['a burst with an owner in it', calm, [...burst, change({ setSeats: 12 })], 0],
  ['a burst with one that is tried alone', calm, [...burst, change({ alone: true })], 0],
  [
    'a burst, and what hangs on one of it and asks nothing itself',
    calm,
    [...burst, change({ hangsOn: 'early', requestedAt: late + second })],
    late + 10 * second,
  ],
  ['a burst before a period whose end is not known', { ...calm, observed: period(null) }, burst, late + 10 * second],
  [
    'a burst on a subscription without our item',
    { ...calm, observed: { ...observation(null), at: 0 } },
    burst,
    late + 10 * second,
  ],
  ['a burst in a period that ends before it is billed', { ...calm, observed: period(late + lead) }, burst, late],
  ['a burst that the end of its period cuts in two', { ...calm, observed: period(late - 1) }, burst, late - 1 - lead],
  ['a burst that begins as the period ends', { ...calm, observed: period(early) }, burst, early - lead],
  ['a burst after a period that is over', { ...calm, observed: period(early - 1) }, burst, late + 10 * second],
];

for (const [what, account, waiting, at] of settling) {
  test(`it is time to tell Stripe of ${what}`, () => {
    assert.equal(settledAt(new Story({ seats: 10, account }).account, waiting), at);
  });
}

// Dates

const scheduled = (waitsUntil: number) => change({ status: 'scheduled', waitsUntil, setSeats: 6 });
const asking = (waitsUntil: number) => change({ status: 'awaiting_approval', waitsUntil });

test('a decrease is due an hour before its date, the earliest of several first', () => {
  const { account } = new Story({ seats: 10 });
  assert.equal(ripeAt(account, [scheduled(periodEnd + hour), scheduled(periodEnd)], false), periodEnd - lead);
  assert.equal(ripeAt(account, [asking(periodEnd)], false), null);
});

test('what an account cannot take now makes it due when that is over, and not before', () => {
  const story = new Story({ seats: 10 });
  const { account } = story;
  story.ask({ type: 'set', seats: 12 });
  const states: Partial<Account>[] = [{ push: story.push }, { hold: held }, { link: null }, { status: 'ended' }];
  for (const state of states) assert.equal(ripeAt({ ...account, ...state }, [scheduled(periodEnd)], false), null);
  assert.equal(ripeAt(account, [scheduled(periodEnd)], true), null, 'writing is paused');
});

test('a date is waited for longer only by a look that failed', () => {
  const { account } = new Story({ seats: 10 });
  const nextLookAt = periodEnd;
  assert.equal(ripeAt({ ...account, nextLookAt }, [scheduled(periodEnd)], false), periodEnd - lead);
  assert.equal(ripeAt({ ...account, nextLookAt, lookTries: 1 }, [scheduled(periodEnd)], false), nextLookAt);
  assert.equal(ripeAt({ ...account, lookTries: 1 }, [scheduled(periodEnd)], false), periodEnd - lead);
});

test('of a date and an approval the earlier one makes the account due, and a pause keeps only the date away', () => {
  const { account } = new Story({ seats: 10 });
  const parked = [scheduled(periodEnd), asking(periodEnd - 2 * hour)];
  assert.equal(dueAt(account, [], false, parked), periodEnd - 2 * hour);
  assert.equal(dueAt(account, [], false, [scheduled(periodEnd), asking(periodEnd + hour)]), periodEnd - lead);
  assert.equal(dueAt(account, [], true, parked), periodEnd - 2 * hour, 'nothing is written for a lapse');
  assert.equal(dueAt(account, [], true, [scheduled(periodEnd)]), null);
});

// Writing that has to wait

test('what waits makes no account due that is held, or where writing is paused', () => {
  const { account } = new Story({ seats: 10 });
  const waiting = [change({})];
  assert.equal(dueAt(account, waiting, false, []), 0);
  assert.equal(dueAt({ ...account, hold: held }, waiting, false, []), null);
  assert.equal(dueAt({ ...account, pausedReason: 'migration' }, waiting, false, []), null);
  assert.equal(dueAt(account, waiting, true, []), null);
});

test('where nothing is linked there is nothing to look at, whatever was told', () => {
  const { account } = new Story({ seats: 10, account: { marks: 1 } });
  assert.equal(lookDueAt(account), 0);
  assert.equal(lookDueAt({ ...account, link: null }), null);
  assert.equal(lookDueAt({ ...account, status: 'ended' }), null);
});

test('invoices count as soon as one of several changes is not a decrease of the period`s end', () => {
  const terms = { increase: { prorationBehavior: 'always_invoice', paymentBehavior: 'allow_incomplete' } } as const;
  const story = new Story({ seats: 10, terms });
  const invoices = Array.from({ length: policy.quotas.invoicesPerDay }, () => story.now);
  const account = { ...story.account, quotaUsed: { updates: [], invoices } };
  const dated = change({ waitsUntil: periodEnd, setSeats: 6 });
  assert.equal(quotaFreeAt(account, [dated, dated]), 0);
  assert.equal(quotaFreeAt(account, [dated, change({})]), story.now + 24 * hour);
  assert.equal(quotaFreeAt(account, []), story.now + 24 * hour);
});

// What takes the place of a push that waits for its payment

/** Ten seats, and two more that nobody has paid for yet. A decrease whose date has come waits behind them. */
function unpaid(): { account: Account; carried: SeatChange; dated: SeatChange } {
  const story = new Story({ seats: 10 });
  story.ask({ type: 'set', seats: 12 });
  story.answer(paymentPending(10));
  const [first] = story.state.waiting;
  assert.ok(first);
  const dated = change({ id: 'dated', number: 1, setSeats: 6, waitsUntil: periodEnd });
  return { account: story.account, carried: { ...first, number: 2 }, dated };
}
const asked: SeatRequest = {
  type: 'add',
  quantity: 1,
  changeId: 'approved',
  idempotencyKey: null,
  actor: 'olga',
  reason: null,
};

const behind: readonly [what: string, more: Partial<SeatChange>, takesItsPlace: boolean][] = [
  ['a later change', { number: 3 }, true],
  ['an earlier one that is tried alone after it', { number: 1, alone: true }, false],
  ['a later one that is tried alone after it', { number: 3, alone: true }, false],
  ['an earlier one that an owner approved since', { number: 1, asked }, true],
  ['an approved one that is tried alone after it', { number: 1, asked, alone: true }, false],
  ['a later decrease whose date has come', { number: 3, setSeats: 6, waitsUntil: periodEnd }, false],
  ['a later one that hangs on another and asks nothing of Stripe', { number: 3, delta: 0, hangsOn: 'x' }, false],
];

for (const [what, more, takesItsPlace] of behind) {
  test(`${what} ${takesItsPlace ? 'takes the place of' : 'waits behind'} a push that nobody has paid for`, () => {
    const { account, carried, dated } = unpaid();
    const at = supersedesAt(account, [dated, carried, change({ id: 'behind', ...more })]);
    assert.equal(at, takesItsPlace ? 0 : null);
  });
}

test('what an owner approved does not take its own place', () => {
  const { account, carried, dated } = unpaid();
  assert.equal(supersedesAt(account, [dated, { ...carried, asked }]), null);
});

test('where there is nothing to void, or it is being voided, what comes later waits', () => {
  const { account, carried } = unpaid();
  const { push } = account;
  assert.ok(push);
  const waiting = [carried, change({ id: 'later', number: 3 })];
  assert.equal(supersedesAt(account, waiting), 0);
  const withdrawal = { generation: 1, attempt: 1, next: 'look', dropped: [] } as const;
  for (const more of [{ payment: null }, { payment: { invoice: null, url: null, expiresAt: null } }, { withdrawal }]) {
    assert.equal(supersedesAt({ ...account, push: { ...push, ...more } }, waiting), null);
  }
});

test('what settles behind an unpaid push is due when it has settled, and not at all while held or paused', () => {
  const { account, carried } = unpaid();
  const { push } = account;
  assert.ok(push);
  const waiting = [carried, change({ id: 'later', number: 3, requestedAt: early })];
  const settled = early + 10 * second;
  const slow = { ...account, ...calm, push: { ...push, nextAt: early + hour } };
  assert.equal(dueAt(slow, waiting, false, []), settled);
  assert.equal(dueAt(slow, waiting, true, []), early + hour, 'reading goes on');
  assert.equal(dueAt({ ...slow, pausedReason: 'migration' }, waiting, false, []), early + hour);
  assert.equal(dueAt({ ...slow, hold: held, nextLookAt: early + 2 * hour }, waiting, false, []), early + 2 * hour);
});
