/** Decreases at the end of the period that meet something else: a renewal that comes first, fewer seats by then. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policy } from './policy.ts';
import { busy, failure, hour, minute, noAnswer, ok, Story } from './testing.ts';
import type { SeatChange, Terms } from './types.ts';

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
