/** Reading Stripe: drift, our own late writes, holds and how they end, and the end of a subscription. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policy } from './policy.ts';
import { seatsFor } from './quantity-for.ts';
import { isOverCapacity } from './step.ts';
import {
  badKey,
  busy,
  declined,
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
import type { LookResult, QuantitiesSeen } from './types.ts';

const failed: LookResult = { kind: 'failed', message: 'connect ECONNREFUSED' };
const gone: LookResult = { kind: 'gone', requestId: 'req_gone' };

/** 10 seats; a purchase of 12 was in doubt, was refused on a retry and is rolled back. Its first sender may still be alive. */
function rolledBack(): Story {
  const story = new Story({ seats: 10, used: 7 });
  story.ask({ type: 'set', seats: 12 });
  story.pass(policy.leaseMs).wake();
  story.answer(declined);
  assert.equal(story.account.push, null);
  return story;
}

test('a look that shows what is settled is the end of it', () => {
  const story = new Story({ seats: 10 });
  story.account = { ...story.account, marks: 3 };
  assert.equal(story.wake().effect.type, 'look');
  story.sees(10);
  assert.deepEqual([story.account.marksSeen, story.account.lookedAt], [3, story.now]);
  assert.equal(story.account.dueAt, null);
  assert.equal(story.wake().effect.type, 'none');
});

test('a look that failed is tried again later, however many reasons there are to look', () => {
  const story = rolledBack();
  story.account = { ...story.account, marks: 1 };
  assert.equal(story.wake().effect.type, 'look');
  for (const delay of policy.lookDelaysMs) {
    story.look(failed);
    assert.equal(story.account.dueAt, story.now + delay);
    assert.equal(story.wake().effect.type, 'none');
    story.pass(delay);
    assert.equal(story.wake().effect.type, 'look');
  }
  story.sees(10);
  assert.equal(story.account.lookTries, 0);
});

test('a look for a push that failed waits too, and nothing is decided by it', () => {
  const story = new Story({ seats: 10 });
  story.ask({ type: 'set', seats: 12 });
  story.answer(failure(500, { replayed: true }));
  story.wake();
  story.look(failed);
  assert.equal(story.push.nextAt, story.now + second);
  assert.equal(story.push.lookFor, 'spent_key');
  assert.equal(story.account.nextLookAt, null);
  story.pass(5 * minute).look(failed);
  assert.deepEqual(story.openIncidents(), ['in_doubt'], 'a Stripe that cannot be read keeps the change in doubt');
});

test('after looks that failed for a push, the reasons to look at the account count again', () => {
  const story = new Story({ seats: 10 });
  story.ask({ type: 'set', seats: 12 });
  story.answer(failure(500, { replayed: true }));
  story.look(failed);
  story.answer(ok(12));
  assert.equal(story.account.push, null);
  story.account = { ...story.account, marks: 1 };
  assert.equal(story.wake().effect.type, 'look');
});

test('what shows while a request may be under way decides nothing', () => {
  const story = new Story({ seats: 10 });
  story.ask({ type: 'set', seats: 12 });
  for (const look of [10, 12, 15]) assert.equal(story.sees(look).changed, false);
  assert.equal(story.look(gone).changed, false);
});

test('a mark that arrived after the look began is answered by the next look', () => {
  const story = new Story({ seats: 10 });
  story.account = { ...story.account, marks: 1 };
  const began = { at: story.now, marks: story.account.marks };
  story.account = { ...story.account, marks: 2 };
  const look: LookResult = {
    kind: 'seen',
    observation: observation(10),
    requestId: null,
  };
  story.pass(second).tell({ type: 'looked', look, pushId: story.id(), began });
  assert.deepEqual([story.account.marksSeen, story.account.lookedAt], [1, began.at]);
  assert.equal(story.wake().effect.type, 'look');
});

test('a look counts from when it began: one that slept does not prove that `from` stood for a request lifetime', () => {
  const story = new Story({ seats: 10 });
  story.ask({ type: 'set', seats: 12 });
  story.pass(policy.leaseMs).wake();
  const sentAt = story.now;
  story.answer(invalid);
  const began = { at: story.now, marks: 0 };
  const look: LookResult = {
    kind: 'seen',
    observation: observation(10),
    requestId: null,
  };
  story.pass(hour).tell({ type: 'looked', look, pushId: story.id(), began });
  assert.equal(story.push.nextAt, sentAt + policy.requestLifetimeMs);
});

// Drift

test('a change made elsewhere is found, held, and never overwritten', () => {
  const story = new Story({ seats: 10, used: 7 });
  story.sees(15);
  assert.equal(story.account.status, 'held');
  assert.deepEqual(
    [story.account.hold?.code, story.account.hold?.observedQuantity, story.account.hold?.since],
    ['drift', 15, story.now],
  );
  assert.deepEqual(story.openIncidents(), ['drift']);
  assert.equal(story.account.settledSeats, 10);
  assert.equal(story.account.dueAt, story.now + policy.heldLookMs);
  assert.equal(story.refusal({ type: 'set', seats: 16 }), 'drift_unresolved');
  story.pass(policy.heldLookMs).wake();
  story.sees(15);
  assert.equal(story.allIncidents().length, 1, 'the same difference is the same incident');
  const since = story.account.hold?.since;
  story.sees(16);
  assert.equal(story.account.hold?.observedQuantity, 16);
  assert.equal(story.account.hold?.since, since);
});

test('a foreign decrease below what is used: nobody is thrown out, nothing grows, the account is over capacity', () => {
  const story = new Story({ seats: 10, used: 8 });
  story.sees(6);
  assert.deepEqual(story.openIncidents(), ['drift', 'over_capacity']);
  assert.equal(isOverCapacity(story.account, story.state.waiting), true);
  assert.equal(story.used, 8);
  assert.equal(story.refusal({ type: 'add', quantity: 1 }), 'over_capacity');
  story.sees(10);
  assert.deepEqual(story.openIncidents(), []);
  assert.equal(story.account.status, 'active');
});

test('a mark on a held account is looked at at once, and a difference that went away releases what waited', () => {
  const story = new Story({ seats: 10 });
  story.sees(15);
  const waits = story.ask({ type: 'set', seats: 9 });
  story.account = { ...story.account, marks: 1 };
  assert.equal(story.wake().effect.type, 'look');
  story.sees(10);
  assert.equal(story.account.status, 'active');
  assert.deepEqual(story.push.changes, [waits.id]);
  assert.ok(story.audit.some((entry) => entry.kind === 'hold_released'));
});

test('an item that is gone is held, and cannot be resolved by agreeing with it', () => {
  const story = new Story({ seats: 10 });
  story.sees(null);
  assert.equal(story.account.hold?.code, 'item_missing');
  assert.deepEqual(story.openIncidents(), ['held']);
  for (const by of ['stripe', 'database'] as const) {
    assert.throws(
      () => story.tell({ type: 'resolve', by, actor: 'ops', reason: 'x', pushId: story.id() }),
      /no subscription item/,
    );
  }
});

// Our own late writes

test('the target of a rolled-back push showing up is our own late write: reversed, audited, never adopted', () => {
  for (const after of policy.tailLooksMs) {
    const story = rolledBack();
    story.pass(after);
    assert.equal(story.wake().effect.type, 'look');
    story.sees(12);
    assert.equal(story.push.origin, 'late_write');
    assert.deepEqual([story.push.from.quantity, story.push.target.quantity], [12, 10]);
    assert.equal(new URLSearchParams(story.push.request.body).get('payment_behavior'), 'allow_incomplete');
    assert.deepEqual(story.openIncidents(), ['late_write']);
    assert.ok(story.audit.some((entry) => entry.kind === 'late_write_found'));
    assert.equal(story.account.settledSeats, 10);
    story.answer(ok(10));
    assert.deepEqual(story.openIncidents(), []);
    assert.equal(story.account.push, null);
  }
});

test('a late write is billed back as it was billed, whatever the terms say of the other direction', () => {
  const prorationOf = (story: Story) => new URLSearchParams(story.push.request.body).get('proration_behavior');
  const behavior = { paymentBehavior: 'allow_incomplete' } as const;
  const cases = [
    // Two seats are charged and taken away again: without credit they would stay charged.
    { increase: 'create_prorations', decrease: 'none', asked: 12, back: 'create_prorations' },
    { increase: 'always_invoice', decrease: 'none', asked: 12, back: 'always_invoice' },
    { increase: 'always_invoice', decrease: 'create_prorations', asked: 12, back: 'always_invoice' },
    // Two seats were never credited, so putting them back must not charge them a second time.
    { increase: 'create_prorations', decrease: 'none', asked: 8, back: 'none' },
    { increase: 'none', decrease: 'create_prorations', asked: 8, back: 'create_prorations' },
    // It may have been renewed since, which was charged.
    { increase: 'none', decrease: 'create_prorations', asked: 12, back: 'create_prorations' },
    { increase: 'none', decrease: 'none', asked: 12, back: 'none' },
  ] as const;
  for (const { increase, decrease, asked, back } of cases) {
    for (const told of [false, true]) {
      const story = new Story({
        seats: 10,
        terms: {
          increase: { prorationBehavior: increase, ...behavior },
          decrease: { prorationBehavior: decrease, when: 'now', ...behavior },
        },
      });
      story.ask({ type: 'set', seats: asked });
      const late = story.push.id;
      story.answer(noAnswer());
      story.pass(policy.keyLifetimeMs).wake();
      story.sees(10);
      const push = { id: late, fromQuantity: 10, outcome: 'rolled_back' } as const;
      const event = { mark: 1, eventType: 'customer.subscription.updated', quantityBefore: 10, quantityAfter: asked };
      // Where the event alone tells it, nothing is known of its request, and the terms of its direction speak for it.
      if (told) story.account = { ...story.account, tails: [] };
      const reasons = told ? [{ ...event, requestId: null, key: 'seatbelt', push, portalSession: false }] : [];
      const look = { kind: 'seen', observation: observation(asked), requestId: 'req_look' } as const;
      story.tell({ type: 'looked', look, pushId: story.id(), reasons });
      assert.equal(story.push.origin, 'late_write');
      assert.equal(prorationOf(story), back, `${increase} up, ${decrease} down, ${asked} asked, told ${told}`);
    }
  }
});

test('any other quantity is somebody else`s, also while a rolled-back push is watched', () => {
  const story = rolledBack();
  story.pass(minute).wake();
  story.sees(13);
  assert.equal(story.account.hold?.code, 'drift');
});

test('the target of a confirmed push is not a late write: its key is used up, so somebody else went back to it', () => {
  const story = new Story({ seats: 10 });
  story.ask({ type: 'set', seats: 12 });
  story.pass(policy.leaseMs).wake();
  story.answer(ok(12));
  story.ask({ type: 'set', seats: 15 });
  story.answer(ok(15));
  story.pass(minute).wake();
  story.sees(12);
  assert.equal(story.account.hold?.code, 'drift');
});

test('a push that was confirmed by reading may still be written by its late sender, and that is reversed', () => {
  const story = new Story({ seats: 10 });
  story.ask({ type: 'set', seats: 12 });
  story.pass(policy.leaseMs).wake();
  story.answer(invalid);
  story.sees(12);
  assert.equal(story.account.settledSeats, 12);
  story.ask({ type: 'set', seats: 15 });
  story.answer(ok(15));
  story.pass(minute).wake();
  story.sees(12);
  assert.equal(story.push.origin, 'late_write');
  assert.equal(story.push.target.quantity, 15);
});

test('a late write while another push is in doubt is not taken for somebody else`s change', () => {
  const story = rolledBack();
  const next = story.ask({ type: 'set', seats: 14 });
  story.answer(noAnswer());
  story.pass(23 * hour + minute).wake();
  story.sees(12);
  assert.equal(story.account.status, 'active');
  assert.equal(story.present(next).status, 'rolled_back');
  assert.equal(story.push.origin, 'late_write', 'and it is reversed in the same commit');
  assert.equal(story.push.target.quantity, 10);
});

test('a late write found during a pause is told and reversed when writing is allowed again', () => {
  const story = rolledBack();
  story.tell({ type: 'pause', reason: 'migration', actor: 'ops' });
  story.pass(minute).wake();
  story.sees(12);
  assert.equal(story.account.push, null);
  assert.deepEqual(story.openIncidents(), ['late_write']);
  for (let hours = 0; hours < 30; hours += 1) {
    story.pass(policy.heldLookMs);
    assert.equal(story.wake().effect.type, 'look');
    story.sees(12);
  }
  assert.equal(story.account.status, 'active', 'a pause longer than the tail looks does not make it somebody else`s');
  assert.equal(story.account.dueAt, story.now + policy.heldLookMs, 'it is read every hour, and not all the time');
  story.tell({ type: 'resume', actor: 'ops', reason: null });
  assert.equal(story.wake().effect.type, 'look');
  story.sees(12);
  assert.equal(story.push.origin, 'late_write');

  const installation = rolledBack();
  installation.installationPaused = 'a copy';
  installation.pass(minute).wake();
  installation.sees(12);
  assert.equal(installation.account.push, null);
});

test('a reversal that Stripe refuses is held and tried again, for nobody is to stay charged', () => {
  const story = rolledBack();
  story.pass(minute).wake();
  story.sees(12);
  story.answer(badKey);
  assert.equal(story.account.hold?.code, 'drift');
  assert.deepEqual(story.openIncidents(), ['drift', 'late_write', 'stripe_key_refused']);
  assert.equal(story.account.settledSeats, 10);
  story.pass(policy.heldLookMs).wake();
  story.sees(12);
  assert.equal(story.account.status, 'active');
  assert.equal(story.push.origin, 'late_write');
  story.answer(ok(10));
  assert.deepEqual(story.openIncidents(), []);
});

test('a late write that a person has had reversed is over as well', () => {
  const story = rolledBack();
  story.pass(minute).wake();
  story.sees(12);
  story.answer(badKey);
  story.tell({ type: 'resolve', by: 'database', pushId: story.id(), actor: 'ops', reason: 'the key is right again' });
  story.answer(ok(10));
  assert.deepEqual(story.openIncidents(), []);
});

test('a reversal that is refused after the last look of the day is still tried again', () => {
  const story = rolledBack();
  story.pass(25 * hour).wake();
  story.sees(12);
  story.answer(invalid);
  story.sees(12);
  assert.equal(story.push.origin, 'late_write');
  story.answer(ok(10));
  assert.deepEqual(story.openIncidents(), []);
  assert.equal(story.account.status, 'active');
});

test('a late write under an account that is held for another reason stays ours as well', () => {
  const story = rolledBack();
  story.pass(hour + second).sees(10);
  story.ask({ type: 'set', seats: 14 });
  for (let generation = 1; generation <= policy.generations; generation += 1) {
    story.answer(failure(500, { replayed: true }));
    story.wake();
    story.sees(10);
    story.wake();
  }
  assert.equal(story.account.hold?.code, 'generations_used');
  for (let hours = 0; hours < 30; hours += 1) story.pass(hour).sees(12);
  assert.equal(story.account.hold?.code, 'generations_used');
  story.tell({ type: 'resolve', by: 'database', actor: 'ops', reason: 'x', pushId: story.id() });
  story.answer(ok(10));
  story.answer(ok(14));
  assert.equal(story.account.settledSeats, 14);
});

test('the end of a late write that went away by itself is seen by a look', () => {
  const story = rolledBack();
  story.tell({ type: 'pause', reason: 'migration', actor: 'ops' });
  story.pass(minute).wake();
  story.sees(12);
  story.sees(10);
  assert.deepEqual(story.openIncidents(), []);
});

// Held with an open push

test('an answer that ends the push of a held account brings a look soon, which releases it', () => {
  const story = new Story({ seats: 10 });
  story.ask({ type: 'set', seats: 12 });
  story.answer(ok(12, { expectedObject: false }));
  story.sees(15);
  assert.equal(story.account.hold?.code, 'unsettled_push');
  story.answer(ok(12));
  assert.equal(story.account.push, null);
  assert.equal(story.account.status, 'held');
  assert.equal(story.wake().effect.type, 'look');
  story.sees(12);
  assert.equal(story.account.status, 'active');
});

test('a held push whose `from` shows up again goes on where it was', () => {
  const story = new Story({ seats: 10 });
  story.ask({ type: 'set', seats: 12 });
  story.answer(failure(500, { replayed: true }));
  story.sees(15);
  assert.equal(story.account.status, 'held');
  story.look(failed);
  assert.equal(story.account.dueAt, story.now + second);
  story.pass(hour).sees(10);
  assert.equal(story.account.status, 'active');
  assert.equal(story.push.generation, 2);
});

// Resolved by a person

test('resolve in favour of Stripe: what it shows is what counts, and is looked at once more', () => {
  const story = new Story({ seats: 10, used: 7 });
  story.sees(15);
  story.tell({ type: 'resolve', by: 'stripe', actor: 'ops', reason: 'sold by phone', pushId: story.id() });
  assert.deepEqual([story.account.settledSeats, story.account.seatCount, story.account.status], [15, 15, 'active']);
  const entry = story.audit.find(({ kind }) => kind === 'hold_released');
  assert.deepEqual([entry?.settledBefore, entry?.settledAfter], [10, 15]);
  assert.deepEqual([entry?.actor, entry?.reason], ['ops', 'sold by phone']);
  assert.match(entry?.note ?? '', /in favour of stripe/);
  assert.equal(story.wake().effect.type, 'look');
  story.sees(15);
  assert.equal(story.account.dueAt, null);
});

test('resolve is about the numbers that were seen: where either has moved, nothing is done and both are named', () => {
  const resolve = (story: Story, seen: QuantitiesSeen) =>
    story.tell({ type: 'resolve', by: 'stripe', seen, actor: 'ops', reason: 'x', pushId: story.id() });
  const story = new Story({ seats: 10, used: 7 });
  story.sees(14);
  const moved = (seen: QuantitiesSeen, message: RegExp) => {
    const before = story.state;
    assert.throws(() => resolve(story, seen), { code: 'numbers_moved', message });
    assert.deepEqual(story.state, before);
  };
  moved({ observed: 14, expected: 9 }, /bills 14 by now and 10 was agreed on; it was 14 and 9 /);
  moved({ observed: null, expected: 10 }, /bills 14 by now .* it was nothing and 10 /);
  story.sees(15);
  moved({ observed: 14, expected: 10 }, /bills 15 by now .* it was 14 and 10 .* Nothing was done\.$/);
  story.sees(null);
  moved({ observed: 15, expected: 10 }, /bills nothing by now/);
  story.sees(15);
  resolve(story, { observed: 15, expected: 10 });
  assert.deepEqual([story.account.settledSeats, story.account.status], [15, 'active']);
  // Where nothing is held any more, that is what is said.
  assert.throws(() => resolve(story, { observed: 15, expected: 10 }), { code: 'nothing_to_resolve' });
});

test('resolve in favour of the database: Stripe is told what was agreed on, and then the change that waited', () => {
  const story = new Story({ seats: 10, used: 7 });
  story.sees(15);
  const waits = story.ask({ type: 'set', seats: 9 });
  story.tell({ type: 'resolve', by: 'database', actor: 'ops', reason: 'a mistake', pushId: story.id() });
  assert.equal(story.push.origin, 'resolve');
  assert.deepEqual([story.push.from.quantity, story.push.target.quantity, story.account.seatCount], [15, 10, 9]);
  story.answer(ok(10));
  assert.deepEqual([story.push.origin, story.push.changes, story.push.target.quantity], ['changes', [waits.id], 9]);
  story.answer(ok(9));
  assert.equal(story.present(waits).status, 'applied');
});

test('a purchase that waited is asked for as the terms say, not as what a person puts right is', () => {
  const increase = { prorationBehavior: 'always_invoice', paymentBehavior: 'pending_if_incomplete' } as const;
  const story = new Story({ seats: 10, used: 7, terms: { increase } });
  story.ask({ type: 'set', seats: 12 });
  story.answer(noAnswer());
  story.pass(23 * hour).wake();
  story.sees(15);
  story.tell({ type: 'resolve', by: 'database', actor: 'ops', reason: 'a mistake', pushId: story.id() });
  const asked = () => new URLSearchParams(story.push.request.body).get('payment_behavior');
  assert.deepEqual([story.push.target.quantity, asked()], [10, 'allow_incomplete']);
  story.answer(ok(10));
  assert.deepEqual([story.push.target.quantity, asked()], [12, 'pending_if_incomplete']);
});

test('in favour of the database, and Stripe shows what was agreed on: nothing is to be told, and what waited goes on', () => {
  const story = new Story({ seats: 10 });
  const change = story.ask({ type: 'set', seats: 14 });
  for (let generation = 1; generation <= policy.generations; generation += 1) {
    story.answer(failure(500, { replayed: true }));
    story.wake();
    story.sees(10);
    story.wake();
  }
  assert.deepEqual([story.account.hold?.code, story.account.hold?.observedQuantity], ['generations_used', 10]);
  story.tell({ type: 'resolve', by: 'database', actor: 'ops', reason: 'x', pushId: story.id() });
  assert.deepEqual([story.push.origin, story.push.changes, story.account.status], ['changes', [change.id], 'active']);
  story.answer(ok(14));
  assert.equal(story.present(change).status, 'applied');
  assert.equal(story.wake().effect.type, 'look', 'the word given is checked by reading once more');
});

test('resolving a push that was in doubt: by Stripe it is rolled back, by the database it is asked for anew', () => {
  for (const by of ['stripe', 'database'] as const) {
    const story = new Story({ seats: 10, used: 7 });
    const change = story.ask({ type: 'set', seats: 12 });
    story.answer(noAnswer());
    story.pass(23 * hour).wake();
    story.sees(15);
    const old = story.push.id;
    assert.deepEqual(story.openIncidents(), ['held', 'in_doubt'].sort());
    story.tell({ type: 'resolve', by, actor: 'ops', reason: 'looked at it', pushId: story.id() });
    assert.equal(story.ended[0]?.outcome, 'held');
    assert.equal(story.account.tails[0]?.push, old, 'its late write would be ours');
    assert.equal(story.account.tails[0]?.rolledBack, true);
    assert.deepEqual(story.openIncidents(), []);
    if (by === 'stripe') {
      assert.equal(story.present(change).code, 'resolved');
      assert.equal(story.account.settledSeats, 15);
    } else {
      assert.deepEqual([story.push.from.quantity, story.push.target.quantity], [15, 10]);
      story.answer(ok(10));
      assert.deepEqual([story.push.changes, story.push.target.quantity], [[change.id], 12]);
      story.answer(ok(12));
      assert.equal(story.present(change).status, 'applied');
    }
  }
});

test('what cannot be resolved is refused: nothing held, a pause, a quantity the terms cannot bill', () => {
  const resolve = (story: Story, by: 'stripe' | 'database') =>
    story.tell({ type: 'resolve', by, actor: 'ops', reason: 'x', pushId: story.id() });
  assert.throws(() => resolve(new Story({ seats: 10 }), 'stripe'), /not held/);
  const paused = new Story({ seats: 10 });
  paused.sees(15);
  paused.tell({ type: 'pause', reason: 'migration', actor: 'ops' });
  assert.throws(() => resolve(paused, 'database'), { code: 'paused', message: /paused: migration/ });
  const copy = new Story({ seats: 10 });
  copy.sees(15);
  copy.installationPaused = 'a copy';
  assert.throws(() => resolve(copy, 'database'), /a copy/);
  resolve(paused, 'stripe');
  assert.equal(paused.account.settledSeats, 15, 'agreeing with Stripe writes nothing there');
  const minimum = new Story({ seats: 10, terms: { minimumQuantity: 5 } });
  minimum.sees(3);
  assert.throws(() => resolve(minimum, 'stripe'), /below what the terms bill/);
  const huge = new Story({ seats: 10 });
  huge.sees(policy.seatsLimit + 1);
  assert.throws(() => resolve(huge, 'stripe'), { code: 'nothing_to_resolve', message: /more than 1000000 seats/ });
  resolve(huge, 'database');
});

test('a word of a person that Stripe refuses leaves the account held', () => {
  const story = new Story({ seats: 10 });
  story.sees(15);
  story.tell({ type: 'resolve', by: 'database', actor: 'ops', reason: 'x', pushId: story.id() });
  story.answer(busy);
  story.pass(policy.backOffLimitMs).wake();
  story.answer(busy);
  assert.equal(story.account.hold?.observedQuantity, 15);
  assert.match(story.account.hold?.message ?? '', /refused quantity 10/);
});

test('an account whose subscription has not ended is linked nowhere else, by whoever was slower', () => {
  const link = { customer: 'cus_1', subscription: 'sub_2', item: 'si_2' };
  const other = { customer: 'cus_1', subscription: 'sub_3', item: 'si_3' };
  const busy = new Story({ seats: 10 });
  busy.ask({ type: 'set', seats: 12 });
  assert.equal(busy.tell({ type: 'relink', link, actor: 'ops', reason: null }).changed, false);
  const ended = new Story({ seats: 10 });
  ended.sees(10, { status: 'canceled' });
  assert.equal(ended.tell({ type: 'relink', link, actor: 'ops', reason: null }).changed, true);
  assert.equal(ended.tell({ type: 'relink', link: other, actor: 'ops', reason: null }).changed, false);
  assert.deepEqual(ended.account.link, link);
});

test('where the item of a push in doubt is gone, another link is the way out, and its changes end', () => {
  const story = new Story({ seats: 10, used: 10, terms: { settleMs: 30 * second, maxWaitMs: hour } });
  const bought = story.ask({ type: 'add', quantity: 2 });
  story.pass(30 * second).wake();
  const behind = story.request({ type: 'set', seats: 14 });
  story.answer(failure(400, { type: 'idempotency_error' }));
  story.sees(null);
  const { id } = story.push;
  assert.deepEqual([story.account.hold?.code, story.account.hold?.observedQuantity], ['unsettled_push', null]);
  const link = { customer: 'cus_1', subscription: 'sub_1', item: 'si_2' };
  story.tell({ type: 'relink', link, actor: 'ops', reason: null });
  assert.deepEqual([story.account.push, story.account.hold, story.account.link], [null, null, link]);
  assert.deepEqual([story.ended.at(-1)?.push.id, story.ended.at(-1)?.outcome], [id, 'held']);
  assert.deepEqual([story.present(bought).code, story.present(behind).status], ['resolved', 'requested']);
  assert.deepEqual([story.account.seatCount, story.used, story.openIncidents()], [14, 10, []]);
  assert.equal(story.wake().effect.type, 'look', 'nobody knows yet what the new one bills');
  story.sees(10);
  assert.equal(story.last?.effect.type, 'send', 'what waited behind it is told to the new one');
});

test('linked again, nothing is told to the other subscription before it was read, whoever asks for it', () => {
  const waiting = () => {
    const story = new Story({ seats: 10, used: 4 });
    story.sees(10);
    story.sees(null);
    const fewer = story.ask({ type: 'set', seats: 8 });
    assert.equal(story.account.hold?.code, 'item_missing');
    story.tell({
      type: 'relink',
      link: { customer: 'cus_1', subscription: 'sub_1', item: 'si_2' },
      actor: 'ops',
      reason: null,
    });
    return { story, fewer };
  };
  const { story, fewer } = waiting();
  assert.equal(story.account.dueAt, story.now);
  const more = story.ask({ type: 'set', seats: 12 });
  assert.deepEqual(
    [more.status, story.account.push, story.tell({ type: 'flush', pushId: story.id() }).effect.type],
    ['requested', null, 'none'],
  );
  assert.equal(story.wake().effect.type, 'look');
  story.look(failed);
  assert.ok((story.account.dueAt ?? 0) > story.now, 'nobody comes for what waits before it may be read again');
  story.pass(hour).sees(20);
  assert.deepEqual([story.account.hold?.observedQuantity, story.account.push], [20, null]);
  assert.equal(story.present(fewer).status, 'requested');

  const counted = waiting().story;
  const terms = { type: 'change_terms', terms: { includedSeats: 2 }, actor: 'ops', reason: null } as const;
  assert.throws(() => counted.tell({ ...terms, pushId: counted.id() }), {
    code: 'too_many_pending',
    message: /being read/,
  });
  counted.tell({ ...terms, terms: { maximumSeats: 50 }, pushId: counted.id() });

  const agreed = waiting().story;
  agreed.sees(10);
  assert.equal(agreed.push.target.seats, 8);
});

test('an account of before there was anything to observe is asked to be read by nobody, and waits for nobody', () => {
  const story = new Story({ seats: 10 });
  story.account = { ...story.account, lookedAt: story.now, nextLookAt: null, observed: null };
  assert.equal(story.ask({ type: 'set', seats: 12 }).status, 'requested');
  assert.equal(story.push.target.seats, 12);
});

test('where a look has no request id, what Stripe said before is what is named', () => {
  for (const quantity of [12, 10]) {
    const story = new Story({ seats: 10 });
    story.ask({ type: 'set', seats: 12 });
    story.answer(failure(400, { type: 'idempotency_error' }));
    story.pass(hour).look({
      kind: 'seen',
      observation: observation(quantity),
      requestId: null,
    });
    assert.equal(story.ended[0]?.requestId, 'req_failed');
  }
});

test('several seat counts have one quantity: agreeing keeps the present one where it is one of them', () => {
  const story = new Story({ seats: 4, terms: { includedSeats: 5 } });
  story.sees(2);
  story.tell({ type: 'resolve', by: 'stripe', actor: 'ops', reason: 'x', pushId: story.id() });
  assert.equal(story.account.settledSeats, 7);
  const terms = { ...story.account.terms, minimumQuantity: 3 };
  assert.equal(seatsFor(3, terms, 6), 6);
  assert.equal(seatsFor(3, terms, 9), 8);
});

// The end of a subscription

test('a cancelled subscription: what waits rolls back, the account is ended, nothing is available, nobody is needed', () => {
  for (const status of ['canceled', 'incomplete_expired'] as const) {
    const story = new Story({ seats: 10, used: 12 });
    story.tell({ type: 'pause', reason: 'x', actor: 'ops' });
    assert.deepEqual(story.openIncidents(), ['over_capacity']);
    const waits = story.ask({ type: 'remove', quantity: 1 });
    assert.equal(waits.status, 'applied');
    story.sees(10, { status });
    assert.equal(story.account.status, 'ended');
    assert.deepEqual(story.openIncidents(), []);
    assert.equal(story.account.dueAt, null);
    assert.ok(story.events.some((event) => event.type === 'account.ended'));
  }
});

test('a cancelled subscription settles its open push first, by what it shows, and then rolls back what waits', () => {
  for (const [quantity, seats, status] of [
    [12, 12, 'applied'],
    [10, 10, 'rolled_back'],
  ] as const) {
    const story = new Story({ seats: 10, used: 10 });
    const change = story.ask({ type: 'set', seats: 12 });
    story.answer(failure(500, { replayed: true }));
    const waits = story.request({ type: 'add', quantity: 3, holders: ['a', 'b', 'c'] });
    const hangs = story.request({ type: 'add', quantity: 1, holders: ['a'] });
    assert.equal(hangs.status, 'requested');
    story.sees(quantity, { status: 'canceled' });
    assert.equal(story.present(change).status, status);
    assert.equal(story.account.settledSeats, seats);
    for (const other of [waits, hangs]) assert.equal(story.present(other).code, 'subscription_ended');
    assert.equal(story.account.push, null);
    assert.equal(story.holders.size, 0);
    assert.equal(story.account.dueAt, null);
    for (const other of [waits, hangs]) {
      const ends = story.events.filter(({ type, change }) => type === 'change.rolled_back' && change === other.id);
      assert.equal(ends.length, 1, 'each hears its end once');
    }
  }
});

test('a subscription that Stripe does not know ends nothing: the account is held, and an incident asks about the key', () => {
  const story = new Story({ seats: 10, used: 4 });
  story.look(gone);
  assert.equal(story.account.status, 'held');
  assert.equal(story.account.hold?.code, 'subscription_missing');
  assert.deepEqual(story.openIncidents(), ['held']);
  story.sees(10);
  assert.equal(story.account.status, 'active');
  assert.deepEqual(story.openIncidents(), []);
});

test('a push in doubt whose subscription Stripe does not know is held, and settles when it is known again', () => {
  const story = new Story({ seats: 10 });
  const change = story.ask({ type: 'set', seats: 12 });
  story.answer(failure(500, { replayed: true }));
  story.look(gone);
  assert.equal(story.account.hold?.code, 'unsettled_push');
  assert.match(story.account.hold?.message ?? '', /quantity none/);
  assert.equal(story.present(change).endedAt, null, 'nobody guesses');
  story.sees(12);
  assert.equal(story.present(change).status, 'applied');
  assert.equal(story.account.status, 'active');
});

test('the end is told once, and a hold ends with it', () => {
  const story = new Story({ seats: 10 });
  story.sees(15);
  story.sees(10, { status: 'canceled' });
  assert.equal(story.account.hold, null);
  story.sees(10, { status: 'canceled' });
  assert.equal(story.audit.filter((entry) => entry.kind === 'subscription_ended').length, 1);
});

test('a reversal whose subscription ends is over, and holds nothing', () => {
  for (const shown of [10, 12]) {
    const story = rolledBack();
    story.pass(minute).wake();
    story.sees(12);
    story.answer(failure(500, { replayed: true }));
    story.sees(shown, { status: 'canceled' });
    assert.equal(story.account.status, 'ended');
    assert.equal(story.account.hold, null);
    assert.deepEqual(story.openIncidents(), []);
  }
});

test('another subscription bills from now on: the first look says what the numbers mean there', () => {
  const story = new Story({ seats: 10, used: 4 });
  story.sees(10, { status: 'canceled' });
  const link = { customer: 'cus_1', subscription: 'sub_2', item: 'si_2' };
  story.tell({ type: 'relink', link, actor: 'ops', reason: null });
  assert.equal(story.account.status, 'active');
  assert.equal(story.wake().effect.type, 'look');
  story.sees(10);
  assert.equal(story.account.dueAt, null);
  assert.equal(story.audit.at(-1)?.kind, 'linked');
});

// What was observed

test('a look keeps what it showed on the account, with the moment that it began', () => {
  const story = new Story({ seats: 10 });
  const began = { at: story.now, marks: 0 };
  const seen = observation(10, { collectionMethod: 'send_invoice', schedule: 'sub_sched_1' });
  story.pass(second).tell({
    type: 'looked',
    look: { kind: 'seen', observation: seen, requestId: null },
    pushId: story.id(),
    began,
  });
  assert.deepEqual(story.account.observed, { ...seen, at: began.at });
});

test('an older look does not take the place of a newer observation', () => {
  const story = new Story({ seats: 10 });
  story.sees(10, { schedule: 'sub_sched_new' });
  const late: LookResult = { kind: 'seen', observation: observation(10), requestId: null };
  story.tell({ type: 'looked', look: late, pushId: story.id(), began: { at: story.now - 1, marks: 0 } });
  assert.equal(story.account.observed?.schedule, 'sub_sched_new');
});

test('a fresh answer is an observation, not older than its key; a replayed one is not', () => {
  for (const replayed of [false, true]) {
    const story = new Story({ seats: 10 });
    story.ask({ type: 'set', seats: 12 });
    const sentAt = story.now;
    story.pass(second).answer(ok(12, { replayed }));
    const expected = replayed ? null : { ...observation(12), at: sentAt };
    assert.deepEqual(story.account.observed, expected);
  }
});

test('another link begins without an observation', () => {
  const story = new Story({ seats: 10 });
  story.sees(10, { status: 'canceled' });
  const link = { customer: 'cus_1', subscription: 'sub_2', item: 'si_2' };
  story.tell({ type: 'relink', link, actor: 'olga', reason: null });
  assert.equal(story.account.observed, null);
});

test('a late write is watched for no longer than its looks, where what it would write is agreed on, or something else shows', () => {
  const agreed = rolledBack();
  agreed.ask({ type: 'set', seats: 12 });
  agreed.answer(ok(12));
  agreed.pass(25 * hour).wake();
  agreed.sees(12);
  assert.deepEqual([agreed.account.tails, agreed.account.dueAt], [[], null]);

  const asked = rolledBack();
  asked.pass(2 * hour).sees(10);
  asked.ask({ type: 'set', seats: 12 });
  asked.answer(noAnswer());
  const { id } = asked.push;
  asked.pass(23 * hour + minute).wake();
  asked.sees(12);
  assert.deepEqual(
    asked.account.tails.map(({ push }) => push),
    [id],
    'only the newer one is watched',
  );

  const foreign = rolledBack();
  foreign.pass(25 * hour).wake();
  foreign.sees(15);
  assert.deepEqual(foreign.account.tails, []);
});

test('a payment whose subscription Stripe does not know is held, and one whose subscription ended is over', () => {
  const waiting = () => {
    const story = new Story({ seats: 10 });
    const change = story.ask({ type: 'set', seats: 12 });
    story.answer(paymentPending(10));
    return { story, change };
  };
  const unknown = waiting();
  unknown.story.look(gone);
  assert.equal(unknown.story.account.hold?.code, 'unsettled_push');
  assert.equal(unknown.story.present(unknown.change).status, 'awaiting_payment');
  const ended = waiting();
  ended.story.look({
    kind: 'seen',
    observation: observation(10, { status: 'canceled' }),
    invoice: { id: 'in_1', status: 'void', url: null },
    requestId: null,
  });
  assert.equal(ended.story.present(ended.change).code, 'subscription_ended');
  assert.equal(ended.story.account.push, null);
});

test('what came in while a payment was waited for takes its place with the next look, and with the answer itself', () => {
  const looked = new Story({ seats: 10 });
  looked.ask({ type: 'set', seats: 12 });
  looked.answer(paymentPending(10));
  looked.request({ type: 'set', seats: 15 });
  assert.equal(looked.sees(10, { pendingUpdate: somePendingUpdate }).effect.type, 'withdraw');
  const answered = new Story({ seats: 10 });
  answered.ask({ type: 'set', seats: 12 });
  answered.request({ type: 'set', seats: 15 });
  assert.equal(answered.answer(paymentPending(10)).effect.type, 'withdraw');
});

test('a look that failed on a held account leaves its push as it is', () => {
  const story = new Story({ seats: 10 });
  story.ask({ type: 'set', seats: 12 });
  story.answer(failure(500, { replayed: true }));
  story.sees(15);
  const { push } = story;
  story.look(failed);
  assert.deepEqual(story.push, push);
  assert.equal(story.account.dueAt, story.now + second);
});

test('a word of a person for Stripe sends what waited in the same commit', () => {
  const story = new Story({ seats: 10, used: 7 });
  story.sees(15);
  story.ask({ type: 'set', seats: 9 });
  story.tell({ type: 'resolve', by: 'stripe', actor: 'ops', reason: 'x', pushId: story.id() });
  assert.deepEqual([story.push.target.seats, story.last?.effect.type], [9, 'send']);
});

test('a late write that nobody has reversed yet is told until Stripe is read, whatever else is confirmed', () => {
  const story = rolledBack();
  story.tell({ type: 'pause', reason: 'migration', actor: 'ops' });
  story.pass(minute).wake();
  story.sees(12);
  story.tell({ type: 'resume', actor: 'ops', reason: null });
  story.ask({ type: 'set', seats: 14 });
  story.answer(ok(14));
  assert.deepEqual(story.openIncidents(), ['late_write']);
  story.sees(14);
  assert.deepEqual(story.openIncidents(), []);
});

test('the end of a subscription is the end of its late writes', () => {
  const story = rolledBack();
  story.tell({ type: 'pause', reason: 'migration', actor: 'ops' });
  story.sees(12);
  assert.deepEqual(story.openIncidents(), ['late_write']);
  story.sees(12, { status: 'canceled' });
  assert.deepEqual(story.openIncidents(), []);
});

test('a hold that ends says what Stripe shows by now', () => {
  for (const [shown, note] of [
    [12, 'Stripe shows the quantity that was asked for.'],
    [10, 'Stripe shows the quantity from before the change.'],
  ] as const) {
    const story = new Story({ seats: 10 });
    story.ask({ type: 'set', seats: 12 });
    story.answer(failure(500, { replayed: true }));
    story.sees(15);
    story.sees(shown);
    assert.equal(story.audit.find(({ kind }) => kind === 'hold_released')?.note, note);
  }
});

test('linking a held account elsewhere ends what it was held for, by whom and why', () => {
  const story = new Story({ seats: 10 });
  story.look(gone);
  const link = { customer: 'cus_1', subscription: 'sub_2', item: 'si_2' };
  story.tell({ type: 'relink', link, actor: 'ops', reason: 'moved by hand' });
  const released = story.audit.find(({ kind }) => kind === 'hold_released');
  assert.deepEqual(
    [released?.actor, released?.reason, released?.note],
    ['ops', 'moved by hand', 'Linked to another subscription.'],
  );
  assert.deepEqual([story.account.status, story.openIncidents()], ['active', []]);
});
