import assert from 'node:assert/strict';
import { test } from 'node:test';
import { causeOf, causeWords } from './causes.ts';
import { answerOf } from './drift.ts';
import { policy } from './policy.ts';
import { busy, declined, failure, hour, noAnswer, observation, ok, Story } from './testing.ts';
import type { Cause, Decision, MarkReason, Observation, Terms } from './types.ts';

/** What an event tells; by default that a person changed our item from 10 to 15 with no program in between. */
function told(more: Partial<MarkReason> = {}): MarkReason {
  return {
    mark: 1,
    eventType: 'customer.subscription.updated',
    quantityBefore: 10,
    quantityAfter: 15,
    requestId: null,
    key: null,
    push: null,
    portalSession: false,
    ...more,
  };
}

function sees(
  story: Story,
  quantity: number | null,
  reasons: readonly MarkReason[],
  more: Partial<Observation> = {},
): Decision {
  const look = { kind: 'seen', observation: observation(quantity, more), requestId: 'req_look' } as const;
  return story.tell({ type: 'looked', look, pushId: story.id(), reasons });
}

function storyWith(onForeignChange: Terms['onForeignChange'], terms: Partial<Terms> = {}): Story {
  return new Story({ seats: 10, used: 7, terms: { ...terms, onForeignChange } });
}

/** The incidents of this kind, in the order in which they were opened. */
function incidents(story: Story, kind: string): { cause: Cause | null; closed: boolean }[] {
  return [...story.incidents.values()]
    .filter((incident) => incident.kind === kind)
    .map(({ cause, closedAt }) => ({ cause, closed: closedAt !== null }));
}

// Causes

const item = observation(10).item;
assert.ok(item);
const own = { id: 'push', fromQuantity: 10, outcome: 'rolled_back' } as const;
const extra = { id: 'si_2', price: 'price_2', quantity: 5 };
const metered = { id: 'si_3', price: 'price_3', quantity: null };

const evidence: readonly {
  readonly what: string;
  readonly before?: Observation | null;
  readonly seen?: Partial<Observation>;
  readonly reasons?: readonly MarkReason[];
  readonly cause: Cause;
}[] = [
  { what: 'nothing was told', cause: 'unknown' },
  { what: 'only another change was told', reasons: [told({ quantityAfter: 20 })], cause: 'unknown' },
  { what: 'an event that tells no old quantity', reasons: [told({ quantityBefore: null })], cause: 'unknown' },
  { what: 'a person, without a portal session', reasons: [told()], cause: 'dashboard' },
  { what: 'a person, after the portal was opened', reasons: [told({ portalSession: true })], cause: 'portal' },
  { what: 'a request with a key that is not ours', reasons: [told({ key: 'theirs' })], cause: 'other_program' },
  { what: 'a request without a key', reasons: [told({ requestId: 'req_1' })], cause: 'other_program' },
  {
    what: 'a request without a key, after the portal was opened',
    reasons: [told({ requestId: 'req_1', portalSession: true })],
    cause: 'portal',
  },
  {
    what: 'a key that is not ours, after the portal was opened',
    reasons: [told({ requestId: 'req_1', key: 'theirs', portalSession: true })],
    cause: 'other_program',
  },
  { what: 'a key of ours', reasons: [told({ key: 'seatbelt', push: own })], cause: 'lost_write' },
  { what: 'the last of several', reasons: [told({ key: 'theirs' }), told()], cause: 'dashboard' },
  { what: 'the item is gone', seen: { item: null }, reasons: [told()], cause: 'item_missing' },
  {
    what: 'the price is another one, and the quantity went to 1 with it',
    seen: { item: { ...item, price: 'price_other', quantity: 1 } },
    reasons: [told({ quantityAfter: 1 })],
    cause: 'price_replaced',
  },
  { what: 'a price that is not known now', seen: { item: { ...item, price: null, quantity: 15 } }, cause: 'unknown' },
  { what: 'an item was added', seen: { otherItems: [extra] }, cause: 'extra_item' },
  { what: 'a metered item was added', seen: { otherItems: [metered] }, reasons: [told()], cause: 'dashboard' },
  {
    what: 'an item that was there before',
    before: observation(10, { otherItems: [extra] }),
    seen: { otherItems: [extra] },
    reasons: [told()],
    cause: 'dashboard',
  },
  { what: 'never seen before', before: null, seen: { otherItems: [extra] }, cause: 'unknown' },
  {
    what: 'a pending update was applied',
    reasons: [told(), told({ eventType: 'customer.subscription.pending_update_applied', quantityBefore: null })],
    cause: 'pending_update',
  },
  {
    what: 'its schedule says that something happened to it',
    seen: { schedule: 'sub_sched_1' },
    reasons: [told(), told({ eventType: 'subscription_schedule.updated', quantityBefore: null })],
    cause: 'schedule_phase',
  },
  {
    what: 'a schedule let go of it together with a new period',
    before: observation(10, { schedule: 'sub_sched_1' }),
    seen: { item: { ...item, quantity: 15, currentPeriodStart: 1_801_592_000_000 } },
    cause: 'schedule_phase',
  },
  {
    what: 'a person, while a schedule stands by',
    before: observation(10, { schedule: 'sub_sched_1' }),
    seen: { schedule: 'sub_sched_1' },
    reasons: [told()],
    cause: 'dashboard',
  },
  {
    what: 'a program, while a schedule stands by',
    before: null,
    seen: { schedule: 'sub_sched_1' },
    reasons: [told({ key: 'theirs' })],
    cause: 'other_program',
  },
  {
    what: 'a schedule that was never seen without it',
    before: null,
    seen: { schedule: 'sub_sched_1' },
    cause: 'unknown',
  },
];

for (const { what, before, seen, reasons, cause } of evidence) {
  test(`the cause is ${cause} where the evidence is: ${what}`, () => {
    const last = before === undefined ? observation(10) : before;
    assert.equal(causeOf(last, observation(15, seen), reasons ?? []), cause);
    assert.match(causeWords[cause], /^[A-Z].{20,}[^.]$/);
  });
}

// Hold

test('without an answer in the terms a foreign change is held, with its cause on hold and incident', () => {
  const story = storyWith({});
  sees(story, 15, [told({ key: 'theirs' })]);
  assert.deepEqual([story.account.status, story.account.hold?.cause], ['held', 'other_program']);
  assert.deepEqual(incidents(story, 'drift'), [{ cause: 'other_program', closed: false }]);
  assert.match(story.account.hold?.message ?? '', /another program .* quantity 15, but 10 was agreed on/);
});

test('what is learnt of a held difference later names the cause, and the answer to it counts', () => {
  const story = storyWith({ portal: 'adopt' });
  sees(story, 15, []);
  assert.equal(story.account.hold?.cause, 'unknown');
  sees(story, 15, [told({ portalSession: true })]);
  assert.deepEqual([story.account.status, story.account.settledSeats], ['active', 15]);
});

test('the open incident says the number that the hold says, and stays the same incident', () => {
  const story = storyWith({});
  sees(story, 14, []);
  const [first] = story.state.incidents;
  assert.match(first?.message ?? '', /quantity 14/);
  sees(story, 15, []);
  const [now, ...more] = story.state.incidents;
  assert.deepEqual([now?.id, now?.openedAt, more], [first?.id, first?.openedAt, []]);
  assert.equal(now?.message, story.account.hold?.message);
  assert.match(now?.message ?? '', /quantity 15/);
  sees(story, 15, []);
  assert.deepEqual(story.last?.records.incidents, [], 'what says the same already is not written');
});

test('a better known cause that is held as well is said in another incident; what was known is not unlearnt', () => {
  const story = storyWith({});
  sees(story, 15, []);
  sees(story, 15, [told()]);
  assert.equal(story.account.hold?.cause, 'dashboard');
  assert.deepEqual(incidents(story, 'drift'), [
    { cause: 'unknown', closed: true },
    { cause: 'dashboard', closed: false },
  ]);
  sees(story, 15, []);
  assert.equal(story.account.hold?.cause, 'dashboard');
});

test('a person who was asked is asked once: the same difference is not answered behind their back', () => {
  const story = storyWith({});
  sees(story, 15, [told()]);
  story.account = { ...story.account, terms: { ...story.account.terms, onForeignChange: { dashboard: 'adopt' } } };
  sees(story, 15, [told()]);
  assert.equal(story.account.status, 'held');
  sees(story, 16, [told({ quantityAfter: 16 })]);
  assert.deepEqual([story.account.status, story.account.settledSeats], ['active', 16]);
});

test('a push in doubt next to a foreign quantity is held with the cause', () => {
  const story = storyWith({ dashboard: 'adopt' });
  story.ask({ type: 'set', seats: 12 });
  story.answer(failure(400, { type: 'idempotency_error' }));
  sees(story, 15, [told()]);
  assert.deepEqual([story.account.hold?.code, story.account.hold?.cause], ['unsettled_push', 'dashboard']);
});

// Adopt

test('what is adopted counts on both sides, is audited and leaves a closed incident', () => {
  const story = storyWith({ dashboard: 'adopt' });
  sees(story, 15, [told()]);
  assert.deepEqual(
    [story.account.status, story.account.settledSeats, story.account.seatCount, story.account.push],
    ['active', 15, 15, null],
  );
  assert.deepEqual(incidents(story, 'drift'), [{ cause: 'dashboard', closed: true }]);
  const entry = story.audit.find(({ kind }) => kind === 'foreign_change_adopted');
  assert.deepEqual([entry?.settledBefore, entry?.settledAfter, entry?.requestId], [10, 15, 'req_look']);
});

test('adopting fewer seats than are in use throws nobody out: nothing grows, and a person hears how many to free', () => {
  const story = storyWith({ portal: 'adopt' });
  sees(story, 5, [told({ quantityAfter: 5, portalSession: true })]);
  assert.deepEqual([story.account.settledSeats, story.used], [5, 7]);
  assert.deepEqual(story.openIncidents(), ['over_capacity']);
  assert.equal(story.refusal({ type: 'assign', quantity: 1 }), 'over_capacity');
});

test('what waits is folded on top of what was adopted', () => {
  const story = storyWith({ dashboard: 'adopt' });
  story.request({ type: 'add', quantity: 9 });
  sees(story, 15, [told()]);
  assert.equal(story.push.target.seats, 16, 'as many as are in use then: five of them are paid for by now');
  assert.equal(story.last?.effect.type, 'send', 'in the same commit');
});

test('what waits while writing is paused is counted on top of what was adopted', () => {
  const story = storyWith({ dashboard: 'adopt' });
  const change = story.request({ type: 'add', quantity: 5 });
  story.tell({ type: 'pause', reason: 'maintenance', actor: 'olga' });
  sees(story, 15, [told()]);
  assert.deepEqual([story.account.settledSeats, story.account.seatCount], [15, 15 + change.delta]);
});

for (const { what, terms, quantity, why } of [
  { what: 'less than the terms bill', terms: { minimumQuantity: 8 }, quantity: 5, why: /bill at least 8/ },
  { what: 'more than the terms allow', terms: { maximumSeats: 12 }, quantity: 15, why: /allow 12 seats/ },
  { what: 'fewer than the terms ask for', terms: { minimumSeats: 8 }, quantity: 5, why: /ask for 8 seats/ },
  { what: 'more than any account has', terms: {}, quantity: 1_000_001, why: /more than 1000000 seats/ },
] as const) {
  test(`a quantity that is ${what} is not adopted but held`, () => {
    const story = storyWith({ dashboard: 'adopt' }, terms);
    sees(story, quantity, [told({ quantityAfter: quantity })]);
    assert.deepEqual([story.account.status, story.account.settledSeats], ['held', 10]);
    assert.match(story.account.hold?.message ?? '', why);
  });
}

// Revert

test('what is put back is written again as it was agreed on, and its incident ends with the answer', () => {
  const story = storyWith({ other_program: 'revert' });
  sees(story, 15, [told({ key: 'theirs' })]);
  assert.deepEqual(
    [story.push.origin, story.push.from.quantity, story.push.target.quantity, story.last?.effect.type],
    ['revert', 15, 10, 'send'],
  );
  assert.deepEqual(incidents(story, 'drift'), [{ cause: 'other_program', closed: false }]);
  story.answer(ok(10));
  assert.deepEqual(incidents(story, 'drift'), [{ cause: 'other_program', closed: true }]);
  assert.equal(story.account.settledSeats, 10);
});

test('two reverts within a day, and the third difference is held; a day later it is put back again', () => {
  const story = storyWith({ dashboard: 'revert' });
  for (let time = 0; time < policy.revertsInWindow; time += 1) {
    sees(story, 15, [told()]);
    story.answer(ok(10));
    story.pass(hour);
  }
  sees(story, 15, [told()]);
  assert.deepEqual([story.account.status, story.account.push], ['held', null]);
  assert.match(story.account.hold?.message ?? '', /put back 2 times within a day/);
  story.pass(policy.revertWindowMs);
  sees(story, 15, [told()]);
  assert.equal(story.account.status, 'held', 'a person was asked about this one');
  sees(story, 16, [told({ quantityAfter: 16 })]);
  assert.deepEqual([story.push.origin, story.account.revertedAt], ['revert', [story.now]]);
});

test('a revert that Stripe refuses is held, with the cause of what it was to put back', () => {
  const story = storyWith({ dashboard: 'revert' });
  sees(story, 15, [told()]);
  story.answer(declined);
  assert.deepEqual([story.account.hold?.code, story.account.hold?.cause], ['drift', 'dashboard']);
  assert.deepEqual(incidents(story, 'drift'), [
    { cause: 'dashboard', closed: true },
    { cause: 'dashboard', closed: false },
  ]);
  assert.equal(story.state.incidents[0]?.action, 'act', 'it was to be watched, and now somebody has to do something');
  // The next look knows nothing new, so nothing is written again.
  sees(story, 15, []);
  assert.deepEqual([story.account.push, story.account.hold?.cause], [null, 'dashboard']);
});

test('while writing is paused nothing is put back: a person is asked', () => {
  for (const whole of [true, false]) {
    const story = storyWith({ dashboard: 'revert' });
    if (whole) story.installationPaused = 'another installation';
    else story.account = { ...story.account, pausedReason: 'maintenance' };
    sees(story, 15, [told()]);
    assert.deepEqual([story.account.status, story.account.push], ['held', null]);
    assert.match(story.account.hold?.message ?? '', /paused/);
  }
});

test('a revert whose outcome nobody knows is settled like any push, and the incident ends with it', () => {
  const story = storyWith({ dashboard: 'revert' });
  sees(story, 15, [told()]);
  story.answer(noAnswer());
  story.pass(hour).wake();
  story.answer(ok(10, { replayed: true }));
  assert.equal(story.account.push, null);
  sees(story, 10, []);
  assert.deepEqual(story.openIncidents(), []);
});

// Our own writes

test('a late write of ours that an event tells of is reversed although nothing watches for it any more', () => {
  const story = storyWith({ unknown: 'adopt', dashboard: 'adopt', other_program: 'adopt' });
  sees(story, 12, [told({ quantityAfter: 12, key: 'seatbelt', push: own })]);
  assert.deepEqual([story.push.origin, story.push.target.quantity], ['late_write', 10]);
  assert.deepEqual(incidents(story, 'late_write'), [{ cause: 'lost_write', closed: false }]);
  story.answer(declined);
  assert.deepEqual([story.account.hold?.code, story.account.hold?.cause], ['drift', 'lost_write']);
});

test('what somebody else sets to a number that we had asked for is theirs, where an event says so', () => {
  const byHand = told({ quantityAfter: 12 });
  const eventType = 'customer.subscription.pending_update_applied';
  const pendingUpdateApplied = told({ eventType, quantityBefore: null, quantityAfter: null });
  for (const [confirmed, reasons, isOurs] of [
    [true, [byHand], false],
    // It began at another number, so it may be the event of what was confirmed then, which comes late.
    [true, [told({ quantityBefore: 8, quantityAfter: 12 })], true],
    // Nobody says whose it is: it may be ours, which was never heard of.
    [true, [], true],
    // What was rolled back has not been there yet, so an event that names nobody may be about our own late write.
    [false, [byHand], true],
    [false, [told({ quantityAfter: 12, key: 'theirs' })], false],
    [false, [told({ quantityAfter: 12, requestId: 'req_1' })], false],
    [false, [told({ quantityAfter: 12, portalSession: true })], false],
    [false, [told({ quantityBefore: 8, quantityAfter: 12, portalSession: true })], true],
    // A pending update of ours that was paid late is nobody's request.
    [false, [told({ quantityAfter: 12, portalSession: true }), pendingUpdateApplied], true],
    [true, [byHand, told({ quantityAfter: 12, key: 'seatbelt', push: own })], true],
  ] as const) {
    const story = storyWith({ dashboard: 'adopt', portal: 'adopt', other_program: 'adopt' });
    const tail = { push: story.id(), targetQuantity: 12, rolledBack: true, dueAt: [story.now + hour] };
    story.account = { ...story.account, tails: [confirmed ? { ...tail, confirmed } : tail] };
    sees(story, 12, reasons);
    assert.equal(story.account.push?.origin, isOurs ? 'late_write' : undefined);
    assert.equal(story.account.settledSeats, isOurs ? 10 : 12);
  }
});

test('a look that confirms a push says so to those who watch for its late write', () => {
  const story = new Story({ seats: 10 });
  story.ask({ type: 'set', seats: 12 });
  story.answer(failure(500, { replayed: true }));
  story.wake();
  sees(story, 12, []);
  assert.deepEqual(
    story.account.tails.map(({ rolledBack, confirmed }) => [rolledBack, confirmed]),
    [[true, true]],
  );
});

test('late writes of ours are reversed so many times a day, and then a person is asked; another day counts anew', () => {
  const story = storyWith({});
  const late = () => sees(story, 12, [told({ quantityAfter: 12, key: 'seatbelt', push: own })]);
  for (let time = 1; time <= policy.reversalsInWindow; time += 1) {
    late();
    assert.equal(story.push.origin, 'late_write', `reversal ${time}`);
    story.answer(ok(10));
    sees(story, 10, []);
  }
  late();
  assert.deepEqual([story.account.push, story.account.hold?.cause], [null, 'lost_write']);
  assert.deepEqual(story.openIncidents(), ['drift'], 'one thing is told once');
  assert.equal(
    story.account.hold?.message,
    'Changed by a request of our own that came late or ran twice: Stripe shows quantity 12, but 10 was agreed on. ' +
      'It was reversed 6 times within a day already, so something repeats requests of ours.',
  );
  late();
  assert.equal(story.account.push, null, 'the next look does not go on with it either');
  story.pass(policy.revertWindowMs);
  late();
  assert.deepEqual([story.push.origin, story.account.reversedAt], ['late_write', [story.now]]);
});

test('a late write next to a hold that is about something else waits for a person', () => {
  const story = storyWith({});
  sees(story, null, []);
  sees(story, 12, [told({ quantityAfter: 12, key: 'seatbelt', push: own })]);
  assert.deepEqual([story.account.push, story.account.hold?.cause], [null, 'lost_write']);
});

test('what our absolute write overwrote is reported once, and the report ends with the next look', () => {
  const story = storyWith({});
  story.ask({ type: 'set', seats: 12 });
  const { id } = story.push;
  story.answer(ok(12));
  const overwrote = told({
    quantityBefore: 11,
    quantityAfter: 12,
    key: 'seatbelt',
    push: { id, fromQuantity: 10, outcome: 'confirmed' },
  });
  sees(story, 12, [overwrote]);
  assert.deepEqual(story.openIncidents(), ['overwritten_foreign_change']);
  assert.match([...story.incidents.values()].at(-1)?.message ?? '', /showed quantity 11 .* started from 10/);
  assert.equal(story.account.nextLookAt, story.now + policy.heldLookMs);
  sees(story, 12, []);
  assert.deepEqual(story.openIncidents(), []);
});

test('an account that ends takes the report of an overwritten change with it', () => {
  const story = storyWith({});
  const push = { id: story.id(), fromQuantity: 9, outcome: 'confirmed' } as const;
  sees(story, 10, [told({ quantityBefore: 8, quantityAfter: 10, push })]);
  assert.deepEqual(story.openIncidents(), ['overwritten_foreign_change']);
  sees(story, 10, [told({ quantityBefore: 8, push })], { status: 'canceled' });
  assert.deepEqual(story.openIncidents(), []);
});

test('a number of our own before our write is nobody’s work: an earlier late write, or what is agreed on', () => {
  const story = storyWith({});
  story.account = {
    ...story.account,
    tails: [{ push: story.id(), targetQuantity: 14, rolledBack: true, dueAt: [story.now + hour] }],
  };
  const push = { id: story.id(), fromQuantity: 9, outcome: 'confirmed' } as const;
  for (const quantityBefore of [14, 10, 9, null]) sees(story, 10, [told({ quantityBefore, quantityAfter: 10, push })]);
  assert.deepEqual(story.allIncidents(), []);
});

test('what the terms say of others never answers for a write of our own, for an item that is gone, or for a second subscription', () => {
  const { terms } = storyWith({}).account;
  for (const cause of ['lost_write', 'item_missing', 'duplicate_subscription'] as const) {
    // Terms are stored as JSON, so they may say what their type does not.
    const onForeignChange = { [cause]: 'adopt' } as Terms['onForeignChange'];
    assert.equal(answerOf({ ...terms, onForeignChange }, cause), 'hold');
    assert.match(causeWords[cause], /^[A-Z].{20,}[^.]$/);
  }
});

test('what is known of a quantity next to a push in doubt stays known, and is not said of another quantity', () => {
  const story = storyWith({});
  story.ask({ type: 'set', seats: 12 });
  story.answer(failure(400, { type: 'idempotency_error' }));
  sees(story, 15, [told()]);
  sees(story, 15, []);
  assert.deepEqual([story.account.hold?.code, story.account.hold?.cause], ['unsettled_push', 'dashboard']);
  sees(story, 16, []);
  assert.equal(story.account.hold?.cause, 'unknown');
  sees(story, null, []);
  assert.equal(story.account.hold?.cause, 'item_missing');
});

test('a person who was asked, for whatever reason, is not answered for by the terms', () => {
  const story = storyWith({ unknown: 'hold' });
  sees(story, 15, []);
  story.tell({ type: 'resolve', by: 'database', actor: 'ops', reason: 'a mistake', pushId: story.id() });
  story.answer(busy);
  story.pass(policy.backOffLimitMs).wake();
  story.answer(busy);
  assert.deepEqual([story.account.hold?.code, story.account.hold?.cause], ['drift', null]);
  story.tell({ type: 'change_terms', terms: { onForeignChange: { unknown: 'adopt' } }, actor: 'ops', reason: null });
  sees(story, 15, []);
  assert.deepEqual([story.account.status, story.account.settledSeats], ['held', 10]);
});

test('as many seats as any account may have can be adopted', () => {
  const story = storyWith({ dashboard: 'adopt' });
  sees(story, policy.seatsLimit, [told({ quantityAfter: policy.seatsLimit })]);
  assert.equal(story.account.settledSeats, policy.seatsLimit);
});

test('what was put back exactly a day ago is not counted any more', () => {
  const story = storyWith({ dashboard: 'revert' });
  const at = story.now - policy.revertWindowMs;
  story.account = { ...story.account, revertedAt: [at, at] };
  sees(story, 15, [told()]);
  assert.deepEqual([story.push.origin, story.account.revertedAt], ['revert', [story.now]]);
});

test('a late write is billed back as it was billed, although the terms say something else by now', () => {
  const story = storyWith({});
  const lateWrite = (seats: number) => {
    story.ask({ type: 'set', seats });
    story.answer(noAnswer());
    story.pass(policy.keyLifetimeMs).wake();
    sees(story, 10, []);
  };
  lateWrite(12);
  const invoiced = { prorationBehavior: 'always_invoice', paymentBehavior: 'allow_incomplete' } as const;
  const terms = { increase: invoiced, decrease: { ...invoiced, when: 'now' } } as const;
  story.tell({ type: 'change_terms', terms, actor: 'ops', reason: null });
  lateWrite(14);
  const prorations: (string | null)[] = [];
  for (const shown of [14, 12]) {
    sees(story, shown, []);
    prorations.push(new URLSearchParams(story.push.request.body).get('proration_behavior'));
    story.answer(ok(10));
  }
  assert.deepEqual(prorations, ['always_invoice', 'create_prorations']);
});

test('a decrease of a period`s end that only an event tells of gave no credit, so putting it back charges nothing', () => {
  const decrease = {
    prorationBehavior: 'create_prorations',
    paymentBehavior: 'allow_incomplete',
    when: 'period_end',
  } as const;
  const story = storyWith({}, { decrease });
  sees(story, 8, [told({ quantityAfter: 8, key: 'seatbelt', push: own })]);
  assert.equal(new URLSearchParams(story.push.request.body).get('proration_behavior'), 'none');
});

test('where late writes are not reversed any more, nothing says that one is being reversed', () => {
  const story = storyWith({});
  const late = [told({ quantityAfter: 12, key: 'seatbelt', push: own })];
  story.tell({ type: 'pause', reason: 'maintenance', actor: 'ops' });
  sees(story, 12, late);
  assert.deepEqual(story.openIncidents(), ['late_write']);
  story.account = { ...story.account, reversedAt: Array.from({ length: policy.reversalsInWindow }, () => story.now) };
  story.tell({ type: 'resume', actor: 'ops', reason: null });
  sees(story, 12, late);
  assert.deepEqual(story.openIncidents(), ['drift']);
  assert.ok(story.audit.some(({ note }) => note === 'It is not reversed again without a person.'));
});

test('a late write that could not be reversed is over when what somebody has made of it since is adopted', () => {
  const story = storyWith({ dashboard: 'adopt' });
  story.tell({ type: 'pause', reason: 'maintenance', actor: 'ops' });
  sees(story, 12, [told({ quantityAfter: 12, key: 'seatbelt', push: own })]);
  assert.deepEqual(story.openIncidents(), ['late_write']);
  sees(story, 13, [told({ quantityBefore: 12, quantityAfter: 13 })]);
  assert.deepEqual([story.account.settledSeats, story.openIncidents()], [13, []]);
});

test('a revert that Stripe refuses names the cause of the difference, whatever else is told', () => {
  const story = storyWith({ dashboard: 'revert' });
  sees(story, 10, [], { status: 'past_due' });
  sees(story, 15, [told()], { status: 'past_due' });
  story.answer(declined);
  assert.equal(story.account.hold?.cause, 'dashboard');
});

test('a revert whose subscription ends is over, and so is what was told of it', () => {
  const story = storyWith({ dashboard: 'revert' });
  sees(story, 15, [told()]);
  story.answer(failure(500, { replayed: true }));
  sees(story, 15, [], { status: 'canceled' });
  assert.deepEqual([story.account.status, story.account.hold, story.openIncidents()], ['ended', null, []]);
});

test('an account that has ended hears of no more overwritten changes', () => {
  const story = storyWith({});
  sees(story, 10, [], { status: 'canceled' });
  const push = { id: story.id(), fromQuantity: 9, outcome: 'confirmed' } as const;
  sees(story, 10, [told({ quantityBefore: 8, quantityAfter: 10, push })], { status: 'canceled' });
  assert.deepEqual(story.allIncidents(), []);
});
