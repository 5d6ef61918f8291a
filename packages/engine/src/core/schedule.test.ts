/** Decreases at the end of the period that meet something else: a renewal that comes first, fewer seats by then. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policy } from './policy.ts';
import { busy, failure, hour, minute, noAnswer, observation, ok, paymentPending, Story } from './testing.ts';
import type { Observation, SeatChange, Terms } from './types.ts';

const periodEnd = 1_801_592_000_000;
const dated: Partial<Terms> = {
  decrease: { prorationBehavior: 'create_prorations', paymentBehavior: 'allow_incomplete', when: 'period_end' },
  onForeignChange: { unknown: 'adopt' },
};
const prorationOf = (story: Story) => new URLSearchParams(story.push.request.body).get('proration_behavior');

/** Ten seats and a decrease to six, two minutes before the period ends: Stripe has just been told. */
function toldLate(): { story: Story; change: SeatChange } {
  const story = new Story({ seats: 10, used: 4, terms: dated });
  story.sees(10);
  const change = story.ask({ type: 'set', seats: 6 });
  story.now = periodEnd - 2 * minute;
  story.wake();
  story.sees(10);
  assert.equal(prorationOf(story), 'none');
  return { story, change };
}

test('a request that never ran before the renewal is made anew with credit, and that is said', () => {
  const { story, change } = toldLate();
  const first = story.push.id;
  story.answer(busy);
  story.now = periodEnd + minute;
  assert.equal(story.wake().effect.type, 'send');
  assert.notEqual(story.push.id, first, 'the old key is never used for another body');
  assert.equal(prorationOf(story), 'create_prorations');
  assert.deepEqual(story.openIncidents(), ['schedule_missed']);
  assert.equal(story.ended.at(-1)?.outcome, 'superseded');
  story.answer(ok(6));
  assert.deepEqual(
    [story.present(change).status, story.account.settledSeats, story.openIncidents()],
    ['applied', 6, []],
  );
});

test('in doubt over the renewal it is replayed as it is, and a person hears that the renewal may need a credit', () => {
  const { story, change } = toldLate();
  const first = story.push.id;
  story.answer(noAnswer());
  story.now = periodEnd + minute;
  story.wake();
  assert.deepEqual([story.push.id, prorationOf(story)], [first, 'none'], 'it may have run, so it is sent verbatim');
  story.answer(ok(6));
  assert.equal(story.present(change).status, 'applied');
  assert.deepEqual(story.openIncidents(), ['schedule_missed']);
  story.sees(6);
  assert.deepEqual(story.openIncidents(), ['schedule_missed'], 'not over with the look that follows at once');
  story.pass(policy.heldLookMs);
  assert.equal(story.wake().effect.type, 'look');
  story.sees(6);
  assert.deepEqual(story.openIncidents(), []);
});

test('that is told for a while although our own webhook has Stripe read at once, and it is over then', () => {
  const { story } = toldLate();
  story.now = periodEnd + minute;
  story.answer(ok(6));
  const until = story.now + policy.heldLookMs;
  story.sees(6);
  assert.deepEqual([story.openIncidents(), story.account.dueAt], [['schedule_missed'], until]);
  // Nor does a hold in between end it, or keep it open for ever.
  story.account = { ...story.account, terms: { ...story.account.terms, onForeignChange: {} } };
  story.sees(7);
  story.tell({ type: 'resolve', by: 'database', pushId: story.id(), actor: 'ops', reason: 'a mistake' });
  story.answer(ok(6));
  assert.deepEqual([story.openIncidents(), story.account.dueAt], [['schedule_missed'], until]);
  story.now = until;
  assert.equal(story.wake().effect.type, 'look');
  story.sees(6);
  assert.deepEqual([story.openIncidents(), story.account.dueAt], [[], null]);
});

test('a later generation that was not sent yet is not dropped: an earlier key may still be used', () => {
  const { story } = toldLate();
  const first = story.push.id;
  for (let failed = 0; failed < policy.spentAfterServerErrors; failed += 1) {
    story.answer(failure(500));
    story.pass(policy.spentAfterMs);
    story.wake();
  }
  story.sees(10);
  assert.equal(story.push.generation, 2);
  story.now = periodEnd + hour;
  story.wake();
  assert.equal(story.push.id, first);
});

test('fewer seats are paid for by then: a decrease never buys the difference back', () => {
  const story = new Story({ seats: 10, used: 2, terms: dated });
  story.sees(10);
  const change = story.ask({ type: 'set', seats: 8 });
  story.sees(5);
  assert.equal(story.account.settledSeats, 5, 'adopted');
  story.now = periodEnd - hour;
  story.wake();
  story.sees(5);
  assert.deepEqual([story.present(change).status, story.present(change).code], ['rolled_back', 'overtaken']);
  assert.deepEqual([story.account.push, story.account.seatCount, story.account.dueAt], [null, 5, null]);
});

test('the same, found out after its date came and before it could be made', () => {
  const { story, change } = toldLate();
  story.answer(busy);
  story.tell({ type: 'pause', reason: 'maintenance', actor: 'ops' });
  story.account = { ...story.account, settledSeats: 5, seatCount: 6 };
  story.audit.length = 0;
  story.tell({ type: 'resume', actor: 'ops', reason: null });
  story.now = periodEnd + minute;
  story.wake();
  assert.deepEqual([story.present(change).code, story.account.push, story.account.seatCount], ['overtaken', null, 5]);
});

test('an only answer that comes after the renewal is told as well, and Stripe is read again later', () => {
  const { story, change } = toldLate();
  story.now = periodEnd + minute;
  story.answer(ok(6));
  assert.equal(story.present(change).status, 'applied');
  assert.deepEqual(story.openIncidents(), ['schedule_missed']);
  assert.equal(story.account.nextLookAt, story.now + policy.heldLookMs);
});

test('a decrease of a period`s end that arrives after its rollback gave no credit, so putting it back charges nothing', () => {
  const { story, change } = toldLate();
  story.answer(noAnswer());
  story.pass(policy.keyLifetimeMs).wake();
  story.sees(10);
  assert.equal(story.present(change).status, 'rolled_back');
  story.sees(6);
  assert.deepEqual([story.push.origin, story.push.target.quantity], ['late_write', 10]);
  assert.equal(prorationOf(story), 'none', 'the renewal was billed for ten already');
});

test('a day full of invoices does not keep a decrease from the period that is about to be billed: it makes none', () => {
  const terms: Partial<Terms> = {
    ...dated,
    increase: { prorationBehavior: 'always_invoice', paymentBehavior: 'allow_incomplete' },
  };
  const story = new Story({ seats: 40, used: 4, terms });
  story.sees(40);
  story.now = periodEnd - 10 * hour;
  for (let bought = 0; bought < policy.quotas.invoicesPerDay; bought += 1) {
    story.ask({ type: 'set', seats: story.account.seatCount + 1 });
    story.answer(ok(story.push.target.quantity));
    story.pass(2 * minute);
  }
  const change = story.ask({ type: 'set', seats: 6 });
  story.now = periodEnd - hour;
  story.wake();
  story.sees(40 + policy.quotas.invoicesPerDay);
  assert.deepEqual([story.push.target.quantity, prorationOf(story)], [6, 'none']);
  story.answer(ok(6));
  assert.equal(story.present(change).status, 'applied');
});

const guarded: Partial<Terms> = { ...dated, guard: { seatsPerDay: 3, amountPerDay: null } };
const { item } = observation(10);
const period = (start: number | null, end: number | null): Partial<Observation> => ({
  item: item && { ...item, currentPeriodStart: start, currentPeriodEnd: end },
});

test('a purchase that waits for an owner is no schedule: no end of a period moves it, and no date makes it', () => {
  const story = new Story({ seats: 10, used: 4, terms: guarded });
  const asked = story.ask({ type: 'set', seats: 20 });
  const { waitsUntil } = asked;
  assert.ok(waitsUntil !== null);
  story.sees(10, period(1_799_000_000_000, waitsUntil - hour));
  assert.deepEqual(story.present(asked), asked, 'it lapses when it said that it would');
  story.now = waitsUntil - minute;
  story.sees(10);
  assert.deepEqual([story.present(asked).status, story.account.push], ['awaiting_approval', null]);
});

test('a date moves only to an end that is known, of a period whose beginning is known', () => {
  const story = new Story({ seats: 10, used: 4, terms: dated });
  story.sees(10);
  const change = story.ask({ type: 'set', seats: 6 });
  story.sees(10, period(null, periodEnd + hour));
  assert.equal(story.present(change).waitsUntil, periodEnd);
});

test('nothing is scheduled for an item that is gone: when its period ends is not known', () => {
  const story = new Story({ seats: 10, used: 4, terms: dated });
  story.sees(null);
  assert.equal(story.refusal({ type: 'set', seats: 6 }), 'subscription_not_changeable');
});

test('a date that has not come brings nobody, whoever comes by', () => {
  const story = new Story({ seats: 10, used: 4, terms: dated });
  story.sees(10);
  story.ask({ type: 'set', seats: 6 });
  const decision = story.wake();
  assert.deepEqual([decision.effect.type, decision.changed], ['none', false]);
});

test('a date that comes while writing is paused is waited for, not begun', () => {
  for (const whole of [true, false]) {
    const story = new Story({ seats: 10, used: 4, terms: dated });
    story.sees(10);
    const change = story.ask({ type: 'set', seats: 6 });
    if (whole) story.installationPaused = 'a copy';
    else story.tell({ type: 'pause', reason: 'maintenance', actor: 'ops' });
    story.now = periodEnd - hour;
    story.sees(10);
    assert.equal(story.present(change).status, 'scheduled');
    assert.equal(story.account.seatCount, 10, 'its seats can still be used');
  }
});

test('an invoice that is overdue keeps no decrease from its date: a smaller bill needs nobody`s money', () => {
  const story = new Story({ seats: 10, used: 4, terms: dated });
  story.sees(10);
  const change = story.ask({ type: 'set', seats: 6 });
  story.now = periodEnd - hour;
  story.sees(10, { status: 'past_due' });
  assert.equal(story.push.target.quantity, 6);
  story.answer(ok(6));
  assert.equal(story.present(change).status, 'applied');
});

test('exactly as many seats are paid for by then: the decrease is done, and Stripe is told nothing', () => {
  const story = new Story({ seats: 10, used: 4, terms: dated });
  story.sees(10);
  const change = story.ask({ type: 'set', seats: 6 });
  story.sees(6);
  story.now = periodEnd - hour;
  story.sees(6);
  assert.deepEqual([story.present(change).status, story.account.push], ['applied', null]);
});

test('a period that Stripe has renewed is over, whatever our clock says: the decrease is made with credit', () => {
  const story = new Story({ seats: 10, used: 4, terms: dated });
  story.sees(10);
  story.ask({ type: 'set', seats: 6 });
  story.now = periodEnd - minute;
  story.sees(10, period(periodEnd, periodEnd + 720 * hour));
  assert.equal(prorationOf(story), 'create_prorations');
  assert.deepEqual(story.openIncidents(), ['schedule_missed']);
});

test('what asks for no credit by its terms is no decrease that came too late', () => {
  const increase = { prorationBehavior: 'none', paymentBehavior: 'allow_incomplete' } as const;
  const story = new Story({ seats: 10, used: 4, terms: { increase } });
  story.ask({ type: 'set', seats: 12 });
  story.answer(busy);
  const { id } = story.push;
  story.pass(minute).wake();
  assert.equal(story.push.id, id, 'it is sent again as it is');
  story.answer(ok(12));
  assert.deepEqual(story.allIncidents(), []);
});

test('a renewal that was missed is told until the decrease is made or taken back, however often Stripe is read', () => {
  const story = new Story({ seats: 10, used: 4, terms: dated });
  story.sees(10);
  story.ask({ type: 'set', seats: 6 });
  story.now = periodEnd + hour;
  story.sees(10, period(periodEnd, periodEnd + 720 * hour));
  story.answer(failure(500, { replayed: true }));
  story.pass(2 * policy.heldLookMs).sees(10, period(periodEnd, periodEnd + 720 * hour));
  assert.equal(story.push.generation, 2);
  assert.ok(story.openIncidents().includes('schedule_missed'));
  story.wake();
  story.answer(ok(6));
  assert.equal(story.openIncidents().includes('schedule_missed'), false);
});

test('what is rolled back beside a missed renewal leaves it told', () => {
  const story = new Story({ seats: 10, used: 4, terms: dated });
  story.sees(10);
  story.ask({ type: 'set', seats: 6 });
  const more = story.request({ type: 'add', quantity: 9 });
  story.tell({ type: 'change_terms', terms: { maximumSeats: 10 }, actor: 'ops', reason: null });
  story.now = periodEnd + hour;
  story.sees(10, period(periodEnd, periodEnd + 720 * hour));
  assert.equal(story.present(more).code, 'above_maximum');
  assert.deepEqual([story.push.target.seats, story.openIncidents()], [6, ['schedule_missed']]);
});

test('other things that are told stay told, although they are an hour old and Stripe is read again', () => {
  const overdue = new Story({ seats: 10 });
  overdue.sees(10, { status: 'past_due' });
  overdue.pass(policy.heldLookMs).sees(10, { status: 'past_due' });
  assert.deepEqual(overdue.allIncidents(), ['payment_overdue'], 'once');
  const unsettled = new Story({ seats: 10 });
  unsettled.ask({ type: 'set', seats: 12 });
  unsettled.answer(failure(400, { type: 'idempotency_error' }));
  unsettled.sees(15);
  unsettled.pass(policy.heldLookMs).sees(15);
  assert.deepEqual(unsettled.openIncidents(), ['held', 'idempotency_broken', 'in_doubt']);
  assert.equal(unsettled.allIncidents().length, 3, 'each once');
});

test('where invoices are sent, a decrease at the end of a period says nothing of paying in the call', () => {
  const story = new Story({ seats: 10, used: 4, terms: dated });
  story.sees(10, { collectionMethod: 'send_invoice' });
  story.ask({ type: 'set', seats: 6 });
  story.now = periodEnd - hour;
  story.sees(10, { collectionMethod: 'send_invoice' });
  assert.equal(prorationOf(story), 'none');
  assert.equal(new URLSearchParams(story.push.request.body).has('payment_behavior'), false);
});

test('a decrease whose date has come waits behind an older purchase: it neither takes its place nor gives way to it', () => {
  const increase = { prorationBehavior: 'always_invoice', paymentBehavior: 'pending_if_incomplete' } as const;
  const story = new Story({ seats: 10, used: 4, terms: { ...dated, increase } });
  story.sees(10);
  const bought = story.request({ type: 'set', seats: 12 });
  const change = story.request({ type: 'set', seats: 8 });
  story.now = periodEnd - hour;
  story.sees(10);
  assert.deepEqual([story.push.changes, story.present(change).status], [[bought.id], 'requested']);
  story.answer(paymentPending(10));
  assert.deepEqual([story.push.state, story.push.withdrawal ?? null], ['awaiting_payment', null]);
  const paid = { kind: 'seen', observation: observation(12), requestId: null } as const;
  story.look({ ...paid, invoice: { id: 'in_1', status: 'paid', url: null } });
  assert.deepEqual([story.present(bought).status, story.push.target.seats], ['applied', 8]);
});

test('the end of the subscription takes what was told of its renewals with it', () => {
  const { story } = toldLate();
  story.answer(noAnswer());
  story.now = periodEnd + minute;
  story.wake();
  story.answer(ok(6));
  assert.deepEqual(story.openIncidents(), ['schedule_missed']);
  story.sees(6, { status: 'canceled' });
  assert.deepEqual(story.openIncidents(), []);
});
