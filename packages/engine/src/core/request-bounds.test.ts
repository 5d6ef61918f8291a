/** Conditions of the doors that stand alone here: mutation testing found that other tests only met them together. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policy } from './policy.ts';
import { quotedState } from './quote.ts';
import { fingerprintOf } from './request.ts';
import { observation, ok, Story, second } from './testing.ts';
import type { MarkReason } from './types.ts';

const quote = { id: 'quote', valid: true, prorationDate: 1_800_000_000 };

test('a quote is refused for another seat count alone, and for another settled count alone', () => {
  const rest = new Story({ seats: 10, used: 5 });
  const { account } = rest;
  const counted = quotedState({ ...account, seatCount: 9 }, []);
  const settled = quotedState({ ...account, settledSeats: 9 }, []);
  assert.equal(rest.refusal({ type: 'set', seats: 12, quote: { ...quote, state: counted } }), 'quote_stale');
  assert.equal(rest.refusal({ type: 'set', seats: 12, quote: { ...quote, state: settled } }), 'quote_stale');
  assert.equal(
    rest.ask({ type: 'set', seats: 12, quote: { ...quote, state: quotedState(account, []) } }).status,
    'requested',
  );
});

test('a quote that fits the counts is refused while a push is open', () => {
  const open = new Story({ seats: 8, used: 5 });
  open.ask({ type: 'set', seats: 10 });
  const fits = { ...quote, state: quotedState(open.account, []) };
  assert.equal(open.refusal({ type: 'set', seats: 12, quote: fits }), 'quote_stale');
});

test('asking for the count that an open change leads to is a wish of its own, not applied already', () => {
  const open = new Story({ seats: 10, used: 5 });
  open.ask({ type: 'set', seats: 12 });
  assert.equal(open.account.seatCount, 12);
  assert.equal(open.ask({ type: 'set', seats: 12 }).status, 'requested');
});

test('an anonymous remove of exactly what is in use without a name is accepted', () => {
  const story = new Story({ seats: 10, used: 3 });
  assert.equal(story.ask({ type: 'remove', quantity: 3 }).status, 'applied');
  assert.equal(story.used, 0);
});

test('exactly the maximum is allowed', () => {
  const story = new Story({ seats: 10, used: 3, terms: { maximumSeats: 12 } });
  assert.equal(story.ask({ type: 'set', seats: 12 }).status, 'requested');
});

/** Ten seats, and a push of our own that takes back a late write: it carries no change of anybody. */
function reversing(): Story {
  const story = new Story({ seats: 10, used: 5 });
  const reason: MarkReason = {
    mark: 1,
    eventType: 'customer.subscription.updated',
    quantityBefore: 10,
    quantityAfter: 12,
    requestId: null,
    key: 'seatbelt',
    push: { id: 'late', fromQuantity: 10, outcome: 'rolled_back' },
    portalSession: false,
  };
  const look = { kind: 'seen', observation: observation(12), requestId: null } as const;
  story.tell({ type: 'looked', look, pushId: story.id(), reasons: [reason] });
  assert.deepEqual([story.push.origin, story.state.waiting], ['late_write', []]);
  return story;
}
const settle = { settleMs: 10 * second, maxWaitMs: 10 * second };

test('a price is not valid while a write of our own is on its way, nor while anything waits to be told', () => {
  const story = reversing();
  const state = quotedState(story.account, []);
  assert.equal(story.refusal({ type: 'set', seats: 12, quote: { ...quote, state } }), 'quote_stale');
  const burst = new Story({ seats: 10, used: 10, terms: settle });
  burst.ask({ type: 'add', quantity: 1 });
  assert.equal(burst.account.push, null);
  const counted = quotedState(burst.account, []);
  assert.equal(burst.refusal({ type: 'set', seats: 12, quote: { ...quote, state: counted } }), 'quote_stale');
});

test('a word that agrees with the count is a wish of its own while something may still change it', () => {
  const reversal = reversing();
  const during = reversal.ask({ type: 'set', seats: 10 });
  assert.equal(during.status, 'requested');
  reversal.answer(ok(10));
  assert.equal(reversal.present(during).status, 'applied');
  const burst = new Story({ seats: 10, used: 10, terms: settle });
  burst.ask({ type: 'add', quantity: 1 });
  assert.equal(burst.request({ type: 'set', seats: 11 }).status, 'requested');
});

test('a word that agrees with the count needs no Stripe, so nothing keeps it', () => {
  const story = new Story({ seats: 10, used: 5 });
  story.tell({ type: 'pause', reason: 'migration', actor: 'ops' });
  assert.equal(story.ask({ type: 'set', seats: 10 }).status, 'applied');
});

test('fewer seats can be asked for while an invoice is overdue', () => {
  for (const status of ['past_due', 'unpaid']) {
    const story = new Story({ seats: 10, used: 5 });
    story.sees(10, { status });
    assert.equal(story.ask({ type: 'set', seats: 9 }).status, 'requested');
  }
});

test('what is parked counts among what waits', () => {
  const story = new Story({ seats: 10, used: 5, terms: { guard: { seatsPerDay: 1, amountPerDay: null } } });
  const parked = story.ask({ type: 'set', seats: 20 });
  assert.equal(parked.status, 'awaiting_approval');
  const row = story.request({ type: 'set', seats: 9 });
  for (let number = 3; number <= policy.waitingLimit; number += 1) {
    story.changes.set(`w${number}`, { ...row, id: `w${number}`, number });
  }
  assert.throws(() => story.request({ type: 'set', seats: 8 }), {
    code: 'too_many_pending',
    message: /^5000 changes are waiting already/,
  });
});

test('the largest number of seats is allowed, and one more is not', () => {
  const story = new Story({ seats: 10 });
  assert.equal(story.refusal({ type: 'set', seats: policy.seatsLimit + 1 }), 'above_maximum');
  assert.equal(story.ask({ type: 'set', seats: policy.seatsLimit }).status, 'requested');
});

test('who is seated already takes no second seat, also over capacity', () => {
  const holders = [{ holder: 'anna', state: 'assigned', change: null }] as const;
  const story = new Story({ seats: 2, used: 3, holders });
  assert.equal(story.refusal({ type: 'add', quantity: 1, holders: ['ben'] }), 'over_capacity');
  assert.equal(story.ask({ type: 'add', quantity: 1, holders: ['anna'] }).status, 'applied');
});

test('who asked for no purchase hears that no seat is free, not that one could not be bought', () => {
  const story = new Story({ seats: 10, used: 10 });
  story.sees(10, { status: 'past_due' });
  assert.equal(story.refusal({ type: 'add', quantity: 1, expand: false }), 'no_seat_available');
  assert.equal(story.refusal({ type: 'add', quantity: 1 }), 'payment_overdue');
  const ended = new Story({ seats: 10, used: 3, account: { status: 'ended' } });
  assert.equal(ended.refusal({ type: 'add', quantity: 9, expand: false }), 'subscription_not_changeable');
});

test('seats that a burst is going to buy are promised to who comes while it settles', () => {
  const story = new Story({ seats: 10, used: 8, terms: settle });
  story.ask({ type: 'add', quantity: 3 });
  story.request({ type: 'remove', quantity: 2 });
  const waits = story.request({ type: 'add', quantity: 2 });
  assert.deepEqual([waits.status, waits.delta, waits.takes], ['requested', 0, 2]);
});

test('a seat that hangs on a purchase is not told as ready before the purchase is made', () => {
  const story = new Story({ seats: 10, used: 7 });
  story.ask({ type: 'add', quantity: 4, holders: ['anna', 'ben', 'cleo', 'dora'] });
  story.request({ type: 'remove', quantity: 3 });
  const hanging = story.request({ type: 'add', quantity: 2, holders: ['anna', 'emil'] });
  const told = () => story.events.filter(({ type, change }) => type === 'seat.ready' && change === hanging.id).length;
  assert.deepEqual([hanging.takes, told()], [1, 0]);
  story.answer(ok(11));
  assert.equal(told(), 1);
  assert.equal(story.holders.get('emil')?.state, 'assigned');
});

test('anonymous seats that cannot be freed are counted for who asked, the reserved ones among them', () => {
  const story = new Story({ seats: 10, used: 2 });
  story.request({ type: 'add', quantity: 3, reserve: true });
  assert.throws(() => story.request({ type: 'remove', quantity: 6 }), { message: /^5 seats without a named holder/ });
});

test('what needs more seats by the time it is approved says both numbers', () => {
  const story = new Story({ seats: 10, used: 7, terms: { guard: { seatsPerDay: 1, amountPerDay: null } } });
  const add = story.ask({ type: 'add', quantity: 5 });
  story.ask({ type: 'add', quantity: 3 });
  story.tell({ type: 'approve', change: add.id, actor: 'olga', reason: null, holders: [], pushId: story.id() });
  assert.match(story.present(add).message ?? '', /^2 seats were to be bought when it was asked for, and 5 by now\./);
});

test('the price of a quote is for now: what waits for an owner is approved without it', () => {
  const story = new Story({ seats: 10, used: 5, terms: { guard: { seatsPerDay: 1, amountPerDay: null } } });
  const state = quotedState(story.account, []);
  const big = story.ask({ type: 'set', seats: 20, quote: { ...quote, state } });
  assert.equal(big.status, 'awaiting_approval');
  story.ask({ type: 'set', seats: 11 });
  story.answer(ok(11));
  story.tell({ type: 'approve', change: big.id, actor: 'olga', reason: null, holders: [], pushId: story.id() });
  assert.deepEqual([story.present(big).status, story.push.target.seats], ['requested', 20]);
});

test('a canceled schedule says that it never took effect', () => {
  const decrease = { prorationBehavior: 'none', paymentBehavior: 'allow_incomplete', when: 'period_end' } as const;
  const story = new Story({ seats: 10, used: 4, terms: { decrease } });
  story.sees(10);
  const change = story.ask({ type: 'set', seats: 6 });
  story.tell({ type: 'cancel', change: change.id, actor: 'olga', reason: null });
  assert.equal(story.present(change).message, 'It was canceled before it took effect.');
});

test('the text of a request is the same in every version, for it is compared with what earlier ones have stored', () => {
  const base = { changeId: 'c', idempotencyKey: 'k', actor: 'olga', reason: 'growth' };
  const set = { ...base, type: 'set', seats: 12 } as const;
  const quoted = { ...quote, state: 'as it was' };
  for (const [request, text] of [
    [set, '[["seats",12],["type","set"]]'],
    [{ ...set, quote: undefined } as never, '[["seats",12],["type","set"]]'],
    [{ ...set, price: null }, '[["seats",12],["type","set"]]'],
    [{ ...set, quote: quoted }, '[["quote","quote"],["seats",12],["type","set"]]'],
    [{ ...set, quote: { ...quoted, valid: false } }, '[["quote","quote"],["seats",12],["type","set"]]'],
    [
      { ...base, type: 'add', reserve: true, quantity: 1, holders: ['anna'] },
      '[["holders",["anna"]],["quantity",1],["reserve",true],["type","add"]]',
    ],
  ] as const) {
    assert.equal(fingerprintOf(request), text);
  }
});

test('what is applied together names what took its place only where it set the number itself', () => {
  const story = new Story({ seats: 10, used: 11 - 1 });
  story.ask({ type: 'set', seats: 11 });
  const add = story.request({ type: 'add', quantity: 3 });
  const first = story.request({ type: 'set', seats: 14 });
  const last = story.request({ type: 'set', seats: 15 });
  story.answer(ok(11));
  const push = story.push.id;
  story.answer(ok(15));
  assert.deepEqual(
    [add, first, last].map((change) => story.present(change).supersededBy),
    [null, last.id, null],
  );
  assert.equal(story.present(add).push, push);
});
