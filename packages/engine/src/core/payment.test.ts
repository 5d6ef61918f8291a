/** A push that waits for its payment: what decides it, and how a later change takes its place. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stateOfPayment } from './payment.ts';
import { policy } from './policy.ts';
import { available } from './step.ts';
import { pushOfKey, voidKey, voidRequest } from './stripe-request.ts';
import {
  badKey,
  busy,
  failure,
  hour,
  invalid,
  minute,
  noAnswer,
  observation,
  ok,
  paymentPending,
  Story,
  second,
  somePendingUpdate,
} from './testing.ts';
import type { Answer, Decision, LookResult, OpenPush, SeatChange } from './types.ts';

type Invoice = 'open' | 'paid' | 'void';

/** Ten seats, and five more that nobody has paid for yet. */
function waiting(): { story: Story; change: SeatChange } {
  const story = new Story({ seats: 10 });
  const change = story.ask({ type: 'set', seats: 15 });
  story.answer(paymentPending(10));
  return { story, change };
}

function read(story: Story, invoice: Invoice | null, quantity: number, pending = invoice === 'open'): Decision {
  return story.look({
    kind: 'seen',
    observation: observation(quantity, { pendingUpdate: pending ? somePendingUpdate : null }),
    invoice: invoice && { id: 'in_1', status: invoice, url: null },
    requestId: 'req_look',
  });
}

function keyOf({ push }: Story): string {
  assert.ok(push.withdrawal);
  return voidKey(push, push.withdrawal);
}

const withdrawn = (story: Story, refused = false) =>
  story.tell({
    type: 'withdrawn',
    push: story.push.id,
    attempt: story.push.withdrawal?.attempt ?? 0,
    refused,
  });

test('paid decides: the change is applied although the quantity shows a moment later', () => {
  const { story, change } = waiting();
  read(story, 'paid', 10);
  assert.equal(story.present(change).status, 'awaiting_payment');
  assert.equal(story.push.nextAt, story.now + 1 * second);
  story.pass(second);
  assert.equal(story.wake().effect.type, 'look');
  read(story, 'paid', 15);
  assert.equal(story.present(change).status, 'applied');
});

test('paid, and the quantity never shows: a person is asked, and nobody loses what was paid for', () => {
  const { story, change } = waiting();
  for (const delay of policy.paidLookDelaysMs) {
    read(story, 'paid', 10);
    assert.equal(story.push.nextAt - story.now, delay, 'it is read less and less often');
  }
  read(story, 'paid', 10);
  assert.equal(story.account.hold?.code, 'unsettled_push');
  assert.match(story.account.hold?.message ?? '', /payment for quantity 15 was made/);
  assert.equal(story.present(change).status, 'awaiting_payment');
  read(story, 'paid', 15);
  assert.equal(story.present(change).status, 'applied');
  assert.equal(story.account.status, 'active');
});

test('void decides: the change is rolled back', () => {
  const { story, change } = waiting();
  read(story, 'void', 10);
  assert.equal(story.present(change).code, 'payment_not_made');
  assert.equal(story.present(change).payment, true);
  assert.equal(story.account.push, null);
});

test('void, and the quantity shows anyway: somebody else set it, which is not taken for a payment', () => {
  const { story, change } = waiting();
  read(story, 'void', 15);
  assert.equal(story.account.hold?.code, 'unsettled_push');
  assert.match(story.account.hold?.message ?? '', /void/);
  assert.equal(story.present(change).status, 'awaiting_payment');
});

test('who buys in the portal what nobody paid for here keeps it: nothing of ours can be late any more', () => {
  const { story } = waiting();
  read(story, 'void', 10);
  assert.deepEqual(story.account.tails, []);
});

test('where an invoice is not known to be void, or another send may have made another one, it is watched for', () => {
  const { story: unread } = waiting();
  unread.account = { ...unread.account, push: { ...unread.push, payment: null } };
  unread.pass(hour).sees(10);
  const { story: sentAgain } = waiting();
  sentAgain.account = { ...sentAgain.account, push: { ...sentAgain.push, unproven: 2 } };
  read(sentAgain, 'void', 10);
  const { story: secondKey } = waiting();
  secondKey.account = { ...secondKey.account, push: { ...secondKey.push, generation: 2 } };
  read(secondKey, 'void', 10);
  for (const { account } of [unread, sentAgain, secondKey]) {
    assert.deepEqual([account.push, account.tails.map(({ targetQuantity }) => targetQuantity)], [null, [15]]);
  }
});

test('void, and the quantity shows: where another key of the same push may have made another invoice, that one was paid', () => {
  const { story, change } = waiting();
  story.account = { ...story.account, push: { ...story.push, generation: 2 } };
  read(story, 'void', 15);
  assert.equal(story.present(change).status, 'applied');
  assert.equal(story.account.settledSeats, 15);
  assert.ok(story.account.tails.length > 0, 'which request brought it is not known, so later looks watch');
});

test('an invoice that could be paid for nothing is read again, and then voided', () => {
  const { story, change } = waiting();
  for (let look = 0; look < policy.orphanLooks; look += 1) {
    assert.equal(read(story, 'open', 10, false).effect.type, 'none');
  }
  assert.equal(read(story, 'open', 10, false).effect.type, 'withdraw');
  withdrawn(story);
  for (let look = 0; look <= policy.orphanLooks; look += 1) read(story, 'open', 10, false);
  assert.equal(story.push.withdrawal?.next, 'send', 'it is voided again');
  read(story, 'void', 10);
  assert.deepEqual([story.present(change).code, story.present(change).payment], ['payment_not_made', true]);
  assert.match(story.present(change).message ?? '', /Stripe had dropped/, 'nobody here has canceled anything');
});

/** The subscription is over, and its invoice stands like that. */
function ends(story: Story, invoice: Invoice, pending = false, quantity = 10): Decision {
  return story.look({
    kind: 'seen',
    observation: observation(quantity, { status: 'canceled', pendingUpdate: pending ? somePendingUpdate : null }),
    invoice: { id: 'in_1', status: invoice, url: null },
    requestId: 'req_look',
  });
}

test('an ended subscription leaves no invoice that somebody could pay for nothing', () => {
  const { story, change } = waiting();
  const behind = story.request({ type: 'add', quantity: 16 });
  // Whether Stripe still shows the pending update makes no difference.
  for (let look = 0; look < policy.orphanLooks; look += 1) ends(story, 'open', look === 0);
  assert.equal(ends(story, 'open').effect.type, 'withdraw');
  assert.deepEqual([story.account.status, available(story.account)], ['ended', 0]);
  assert.deepEqual(
    [story.present(change).status, story.present(behind).code],
    ['awaiting_payment', 'subscription_ended'],
  );
  withdrawn(story);
  ends(story, 'void');
  assert.deepEqual([story.account.push, story.present(change).code], [null, 'subscription_ended']);
  assert.deepEqual([story.account.seatCount, story.openIncidents(), story.account.dueAt], [10, [], null]);
});

test('until that invoice is void no other subscription is linked, and nobody waits for a number of seats', () => {
  const { story } = waiting();
  ends(story, 'open');
  const link = { customer: 'cus_1', subscription: 'sub_2', item: 'si_2' };
  const relink = { type: 'relink', link, actor: 'ops', reason: null } as const;
  assert.throws(() => story.tell(relink), { code: 'too_many_pending', message: /Link again/ });
  assert.equal(story.refusal({ type: 'set', seats: 15 }), 'subscription_not_changeable');
  ends(story, 'void');
  story.tell(relink);
  assert.deepEqual([story.account.link, story.account.status], [link, 'active']);
});

test('so does one that somebody else had changed before it ended', () => {
  const { story } = waiting();
  for (let look = 0; look < policy.orphanLooks; look += 1) ends(story, 'open', false, 3);
  assert.equal(ends(story, 'open', false, 3).effect.type, 'withdraw');
});

test('where it was paid all the same, a person is asked to give the money back', () => {
  const { story, change } = waiting();
  for (const _ of policy.paidLookDelaysMs) ends(story, 'paid');
  ends(story, 'paid');
  assert.deepEqual([story.account.push, story.present(change).code], [null, 'subscription_ended']);
  assert.deepEqual(story.openIncidents(), ['paid_for_nothing']);
  const [incident] = story.incidents.values();
  assert.equal(incident?.action, 'act');
  assert.match(incident?.message ?? '', /Invoice in_1 was paid, and its subscription has ended/);
  const link = { customer: 'cus_1', subscription: 'sub_2', item: 'si_2' };
  story.tell({ type: 'relink', link, actor: 'ops', reason: 'they came back, and it is refunded' });
  assert.deepEqual(story.openIncidents(), []);
});

test('a purchase that links itself does not say that the money was given back', () => {
  const { story } = waiting();
  for (const _ of [...policy.paidLookDelaysMs, 'once more']) ends(story, 'paid');
  const link = { customer: 'cus_1', subscription: 'sub_2', item: 'si_2' };
  story.tell({ type: 'relink', link, actor: 'seatbelt', reason: 'first purchase' });
  assert.deepEqual(story.openIncidents(), ['paid_for_nothing']);
});

test('who links elsewhere because the item is gone is told of the invoice that may be paid', () => {
  const { story, change } = waiting();
  story.look({
    kind: 'seen',
    observation: observation(null, {}),
    invoice: { id: 'in_1', status: 'paid', url: null },
    requestId: 'req_look',
  });
  for (let look = 0; story.account.hold === null && look < 20; look += 1) {
    story.look({
      kind: 'seen',
      observation: observation(null, {}),
      invoice: { id: 'in_1', status: 'paid', url: null },
      requestId: 'req_look',
    });
  }
  assert.equal(story.account.hold?.code, 'unsettled_push');
  const link = { customer: 'cus_1', subscription: 'sub_1', item: 'si_2' };
  story.tell({ type: 'relink', link, actor: 'ops', reason: null });
  assert.deepEqual([story.present(change).code, story.openIncidents()], ['resolved', ['paid_for_nothing']]);
  const [incident] = [...story.incidents.values()].filter(({ kind }) => kind === 'paid_for_nothing');
  assert.match(incident?.message ?? '', /Invoice in_1 .* refund it if it was paid/);
});

test('an ended subscription whose unpaid invoice nobody knows ends at once', () => {
  const { story, change } = waiting();
  story.account = { ...story.account, push: { ...story.push, payment: null } };
  story.look({
    kind: 'seen',
    observation: observation(10, { status: 'canceled', pendingUpdate: somePendingUpdate }),
    invoice: null,
    requestId: 'req_look',
  });
  assert.deepEqual([story.account.push, story.present(change).code], [null, 'subscription_ended']);
});

test('paid between the two readings: the quantity is there before the invoice says so, which stays paid', () => {
  const { story, change } = waiting();
  for (let look = 0; look < policy.orphanLooks; look += 1) read(story, 'open', 15, false);
  read(story, 'paid', 15);
  assert.equal(story.present(change).status, 'applied');
});

for (const quantity of [15, 3]) {
  test(`an invoice is not left open because somebody else has set the quantity to ${quantity}`, () => {
    const { story, change } = waiting();
    for (let look = 0; look < policy.orphanLooks; look += 1) read(story, 'open', quantity, false);
    assert.equal(read(story, 'open', quantity, false).effect.type, 'withdraw');
    withdrawn(story);
    read(story, 'void', quantity);
    // Nobody paid for it here, so whose it is is a person's to say.
    assert.deepEqual([story.account.hold?.code, story.present(change).status], ['unsettled_push', 'awaiting_payment']);
  });
}

test('a hold is over when Stripe shows the payment that is waited for, and somebody comes for it again', () => {
  for (const [invoice, quantity, pending] of [
    ['open', 10, true],
    ['open', 10, false],
    ['paid', 10, false],
  ] as const) {
    const { story } = waiting();
    // The key of another Stripe account was in use for a while.
    story.look({ kind: 'gone', requestId: null });
    assert.equal(story.account.hold?.code, 'unsettled_push');
    read(story, invoice, quantity, pending);
    assert.deepEqual([story.account.hold, story.openIncidents()], [null, []]);
    assert.ok(story.account.dueAt !== null && story.account.dueAt <= story.now + 15 * second);
  }
});

for (const [what, late] of [
  ['nothing', noAnswer()],
  ['a no that may be about itself alone', invalid],
  ['that Stripe is busy', busy],
  ['an error of Stripe`s', failure(500)],
  ['that our key is not accepted', badKey],
] as const) {
  test(`a second sender who hears ${what} takes no payment back that is waited for`, () => {
    const story = new Story({ seats: 10 });
    const change = story.ask({ type: 'set', seats: 15 });
    const { id, generation } = story.push;
    const tell = (attempt: number, answer: Answer) =>
      story.tell({ type: 'answer', push: id, generation, attempt, answer, pushId: story.id() });
    // The first one was only slow, and hears of the payment before the second one hears anything.
    story.pass(policy.leaseMs).wake();
    tell(1, paymentPending(10));
    const { push } = story;
    tell(2, late);
    assert.deepEqual(story.push, push);
    // What it says of our key is for a person all the same.
    assert.equal(story.allIncidents().includes('stripe_key_refused'), late === badKey);
    assert.equal(story.present(change).status, 'awaiting_payment');
    story.pass(2 * minute);
    read(story, 'open', 10);
    assert.equal(story.account.push?.state, 'awaiting_payment', 'its invoice can still be paid');
  });
}

test('how often a payment is asked for follows its age, and nobody waits past its end', () => {
  const { story } = waiting();
  const waits: number[] = [];
  for (const age of [0, 10 * minute - 1, 10 * minute, 2 * hour - 1, 2 * hour]) {
    story.now = story.push.intendedAt + age;
    story.account = {
      ...story.account,
      push: { ...story.push, payment: { invoice: 'in_1', url: null, expiresAt: null } },
    };
    read(story, 'open', 10);
    waits.push(story.push.nextAt - story.now);
  }
  assert.deepEqual(waits, [15 * second, 15 * second, minute, minute, 10 * minute]);
  story.account = {
    ...story.account,
    push: { ...story.push, payment: { invoice: 'in_1', url: null, expiresAt: story.now + minute } },
  };
  read(story, 'open', 10);
  assert.equal(story.push.nextAt - story.now, minute);
});

test('a webhook about the account makes it due at once, and a look that failed waits all the same', () => {
  const { story } = waiting();
  assert.ok((story.account.dueAt ?? 0) > story.now);
  story.account = { ...story.account, marks: 1 };
  assert.equal(story.wake().effect.type, 'look');
  story.look({ kind: 'failed', message: 'away' });
  assert.equal(story.wake().effect.type, 'none');
});

test('without the invoice the pending update and the quantity decide', () => {
  const { story, change } = waiting();
  read(story, null, 10, true);
  assert.equal(story.present(change).status, 'awaiting_payment');
  read(story, null, 10, false);
  assert.equal(story.present(change).code, 'payment_not_made');
  assert.equal(story.present(change).payment, true);
});

test('a later change voids the invoice under a key of its own, and both are asked for as one', () => {
  const { story, change } = waiting();
  const first = story.push;
  const later = story.request({ type: 'add', quantity: 17 });
  const { effect } = story.fold();
  const key = () => keyOf(story);
  assert.equal(effect.type, 'withdraw');
  assert.deepEqual(voidRequest(story.push, 'in_1'), {
    path: '/v1/invoices/in_1/void',
    body: '',
    apiVersion: story.push.request.apiVersion,
  });
  assert.equal(key(), `seatbelt:${first.id}:void:1`);
  assert.deepEqual(pushOfKey(key()), { push: first.id, generation: 1 });
  withdrawn(story);
  assert.equal(story.wake().effect.type, 'look', 'whatever was answered, reading decides');
  read(story, 'void', 10);
  assert.deepEqual(
    story.ended.map(({ outcome, code }) => [outcome, code]),
    [['superseded', 'superseded']],
  );
  assert.deepEqual(story.push.changes, [change.id, later.id]);
  assert.equal(story.push.target.quantity, 17);
  story.answer(ok(17));
  assert.deepEqual([story.present(change).status, story.present(later).status], ['applied', 'applied']);
});

test('who pays in that moment is settled first, and the later change follows', () => {
  const { story, change } = waiting();
  story.ask({ type: 'add', quantity: 17 });
  withdrawn(story, true);
  const key = () => keyOf(story);
  assert.equal(story.push.withdrawal?.generation, 2, 'an error is stored under its key');
  assert.equal(key(), `seatbelt:${story.push.id}:void:2`);
  read(story, 'paid', 15);
  assert.equal(story.present(change).status, 'applied');
  assert.deepEqual([story.push.from.quantity, story.push.target.quantity], [15, 17]);
});

test('a sender that died is followed by another, after reading', () => {
  const { story } = waiting();
  story.ask({ type: 'add', quantity: 17 });
  const { attempt } = story.push.withdrawal ?? { attempt: 0 };
  story.pass(policy.leaseMs);
  assert.equal(story.wake().effect.type, 'look');
  read(story, 'open', 10);
  story.pass(policy.replayDelaysMs[0] ?? 0);
  assert.equal(story.wake().effect.type, 'withdraw');
  assert.equal(story.push.withdrawal?.attempt, attempt + 1);
  const before = story.account;
  story.tell({ type: 'withdrawn', push: story.push.id, attempt, refused: true });
  assert.deepEqual(story.account, before, 'the first one, who slept, decides nothing');
});

test('a later change that asks for the same quantity voids nothing', () => {
  const { story } = waiting();
  story.ask({ type: 'set', seats: 15 });
  assert.equal(story.push.withdrawal ?? null, null);
});

test('in a host transaction nobody sends; the worker does', () => {
  const { story } = waiting();
  story.request({ type: 'add', quantity: 17 });
  assert.equal(story.fold(false).effect.type, 'none');
  assert.equal(story.wake().effect.type, 'withdraw');
});

test('while writing is paused nothing is voided, and it is asked for less often than it could be', () => {
  const { story } = waiting();
  story.request({ type: 'add', quantity: 17 });
  story.fold(false);
  story.tell({ type: 'pause', reason: 'maintenance', actor: 'ops' });
  assert.equal(story.wake().effect.type, 'look');
  read(story, 'open', 10);
  assert.equal(story.push.nextAt - story.now, 15 * second);
});

test('after a doubtful first send a superseded push is watched for its late write', () => {
  const story = new Story({ seats: 10 });
  story.ask({ type: 'set', seats: 15 });
  story.pass(policy.leaseMs);
  story.wake();
  story.answer(paymentPending(10));
  story.ask({ type: 'set', seats: 12 });
  read(story, 'void', 10);
  assert.equal(story.account.tails.length, 1);
});

test('what nobody has paid for can be taken back; what is on its way or paused cannot', () => {
  const said = { type: 'cancel', actor: 'olga', reason: 'oops' } as const;
  const cancel = (story: Story, change: string) => story.tell({ ...said, change });
  const { story, change } = waiting();
  assert.throws(() => cancel(story, 'unknown'), { code: 'unknown_change' });
  assert.equal(cancel(story, change.id).effect.type, 'withdraw');
  assert.equal(cancel(story, change.id).changed, false, 'twice is once');
  read(story, 'void', 10);
  assert.deepEqual([story.present(change).code, story.account.seatCount], ['canceled', 10]);
  const sent = story.ask({ type: 'set', seats: 12 });
  assert.throws(() => cancel(story, sent.id), { code: 'not_cancellable' });
  const paused = waiting();
  paused.story.tell({ type: 'pause', reason: 'maintenance', actor: 'ops' });
  assert.throws(() => cancel(paused.story, paused.change.id), { code: 'paused' });
});

test('what settles behind an unpaid push takes its place when it has settled, however long the payment is not looked at', () => {
  const terms = { settleMs: 10 * second, maxWaitMs: minute } as const;
  const story = new Story({ seats: 10, used: 10, terms });
  story.ask({ type: 'set', seats: 12 });
  story.answer(paymentPending(10));
  // Nobody has paid for hours, so it is looked at seldom.
  story.pass(3 * hour);
  read(story, 'open', 10);
  assert.ok((story.account.dueAt ?? 0) > story.now + 10 * second);
  story.ask({ type: 'add', quantity: 3 });
  assert.deepEqual([story.account.dueAt, story.push.withdrawal ?? null], [story.now + 10 * second, null]);
  story.pass(10 * second);
  assert.equal(story.wake().effect.type, 'withdraw');
});

test('what asks for the very quantity that is waited for takes no place', () => {
  const terms = { settleMs: 10 * second, maxWaitMs: minute } as const;
  const story = new Story({ seats: 10, used: 10, terms });
  story.ask({ type: 'set', seats: 12 });
  story.answer(paymentPending(10));
  read(story, 'open', 10);
  const { dueAt } = story.account;
  story.ask({ type: 'add', quantity: 1 });
  assert.equal(story.account.dueAt, dueAt, 'nothing is due before the next look at the payment');
});

const invoiceOf = (id: string, status: string | null) => ({ id, status, url: null });
const seen = (pending: boolean, invoice?: ReturnType<typeof invoiceOf>): Extract<LookResult, { kind: 'seen' }> => ({
  kind: 'seen',
  observation: observation(10, { pendingUpdate: pending ? somePendingUpdate : null }),
  requestId: null,
  ...(invoice ? { invoice } : {}),
});

for (const [what, look, state, more] of [
  ['its invoice is paid', seen(false, invoiceOf('in_1', 'paid')), 'paid'],
  ['its invoice is void', seen(true, invoiceOf('in_1', 'void')), 'not_paid'],
  ['its invoice is open and its pending update is there', seen(true, invoiceOf('in_1', 'open')), 'open'],
  ['its invoice is open and its pending update is gone', seen(false, invoiceOf('in_1', 'open')), 'orphaned'],
  ['another invoice is paid, and a pending update is there', seen(true, invoiceOf('in_2', 'paid')), 'open'],
  ['another invoice is void, and no pending update is there', seen(false, invoiceOf('in_2', 'void')), 'unknown'],
  ['an invoice is paid, and none is known of it', seen(false, invoiceOf('in_1', 'paid')), 'unknown', { payment: null }],
  ['no invoice was read, and a pending update is there', seen(true), 'open'],
  ['neither invoice nor pending update is there', seen(false), 'unknown'],
  ['it waits for no payment, and a pending update of somebody is there', seen(true), 'unknown', { state: 'in_doubt' }],
] as const satisfies readonly [string, unknown, string, Partial<OpenPush>?][]) {
  test(`a payment is ${state} where ${what}`, () => {
    assert.equal(stateOfPayment({ ...waiting().story.push, ...more }, look), state);
  });
}

test('a pending update of somebody else`s does not keep a push in doubt open', () => {
  const story = new Story({ seats: 10 });
  const change = story.ask({ type: 'set', seats: 12 });
  story.answer(failure(400, { type: 'idempotency_error' }));
  story.pass(minute).sees(10, { pendingUpdate: somePendingUpdate });
  assert.equal(story.present(change).code, 'refused_by_stripe');
});

test('what is said of a voiding that is over, of another push, or of none decides nothing', () => {
  const { story } = waiting();
  const command = { type: 'withdrawn', push: story.push.id, attempt: 1, refused: true } as const;
  assert.equal(story.tell(command).changed, false, 'nothing is being voided');
  story.ask({ type: 'set', seats: 17 });
  assert.equal(
    story.tell({ ...command, push: 'another' }).changed,
    false,
    'the attempts of two pushes have the same numbers',
  );
  assert.equal(story.tell({ ...command, attempt: 2 }).changed, false);
  read(story, 'void', 10);
  story.answer(ok(17));
  assert.equal(story.tell(command).changed, false, 'nothing is open any more');
});

test('an invoice whose id nobody knows is waited for: nothing is voided for a later change, nor when it is canceled', () => {
  const story = new Story({ seats: 10 });
  const change = story.ask({ type: 'set', seats: 15 });
  const pending = { invoice: null, url: null, expiresAt: null };
  story.answer({ ...paymentPending(10), pendingUpdate: pending } as never);
  assert.equal(story.push.state, 'awaiting_payment');
  story.ask({ type: 'set', seats: 17 });
  assert.equal(story.push.withdrawal ?? null, null);
  const cancel = { type: 'cancel', change: change.id, actor: 'olga', reason: null } as const;
  assert.throws(() => story.tell(cancel), { code: 'not_cancellable', message: /ends in a moment/ });
});

test('only what the unpaid push carries can be canceled with it, and not what is being taken over already', () => {
  const { story, change } = waiting();
  const cancel = (id: string) => story.tell({ type: 'cancel', change: id, actor: 'olga', reason: null });
  const later = story.request({ type: 'set', seats: 17 });
  assert.throws(() => cancel(later.id), { code: 'not_cancellable' });
  story.fold();
  assert.throws(() => cancel(change.id), { code: 'not_cancellable' }, 'its invoice is being voided for the later one');
  const none = new Story({ seats: 10, account: { pausedReason: 'migration' } });
  const waits = none.request({ type: 'set', seats: 9 });
  assert.throws(
    () => none.tell({ type: 'cancel', change: waits.id, actor: 'olga', reason: null }),
    { code: 'not_cancellable' },
    'no push is open',
  );
});

test('canceling while writing is paused says why it cannot be done', () => {
  const { story, change } = waiting();
  story.tell({ type: 'pause', reason: 'maintenance', actor: 'ops' });
  const cancel = { type: 'cancel', change: change.id, actor: 'olga', reason: null } as const;
  assert.throws(() => story.tell(cancel), { message: 'Changes at Stripe are paused: maintenance' });
});
