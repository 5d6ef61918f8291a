/** What the doors accept and refuse (design 2, 3 and 6), each sentence a test. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policy } from './policy.ts';
import { quotedState } from './quote.ts';
import { InvariantBroken } from './refusals.ts';
import { declined, hour, ok, Story, second } from './testing.ts';
import type { Hold, HolderRow } from './types.ts';

const seated = (holder: string, state: HolderRow['state'] = 'assigned'): HolderRow => ({ holder, state, change: null });
const held = (observedQuantity: number | null): { status: 'held'; hold: Hold } => ({
  status: 'held',
  hold: { since: 0, code: 'drift', observedQuantity, cause: 'unknown', message: 'Somebody else changed it.' },
});

// PUT: the owner's door

test('an owner raises seats from 10 to 12: the count leads, what is confirmed follows Stripe', () => {
  const story = new Story({ seats: 10, used: 7 });
  const change = story.ask({ type: 'set', seats: 12 });
  assert.equal(change.status, 'requested');
  assert.equal(story.account.seatCount, 12);
  assert.equal(story.account.settledSeats, 10);
  assert.equal(story.push.request.path, '/v1/subscriptions/sub_1');
  assert.equal(new URLSearchParams(story.push.request.body).get('items[0][quantity]'), '12');
  story.answer(ok(12));
  assert.equal(story.present(change).status, 'applied');
  assert.deepEqual([story.account.seatCount, story.account.settledSeats], [12, 12]);
  assert.equal(story.account.push, null);
  assert.equal(story.account.dueAt, null, 'at rest nobody is needed');
});

test('the happy path is one send and two commits', () => {
  const story = new Story({ seats: 10 });
  const version = story.account.version;
  // The request and the push that carries it are decided together and committed once by the engine; here they are two.
  story.ask({ type: 'set', seats: 12 });
  assert.equal(story.last?.effect.type, 'send');
  story.answer(ok(12));
  assert.equal(story.last?.effect.type, 'none');
  assert.equal(story.account.version, version + 3);
});

test('setting what is already so is applied at once and asks nothing of Stripe', () => {
  const story = new Story({ seats: 10 });
  const change = story.ask({ type: 'set', seats: 10 });
  assert.equal(change.status, 'applied');
  assert.equal(story.account.push, null);
});

test('setting the count that an open change leads to waits for that change', () => {
  const story = new Story({ seats: 10 });
  story.ask({ type: 'set', seats: 12 });
  const same = story.request({ type: 'set', seats: 12 });
  assert.equal(same.status, 'requested');
  story.answer(declined);
  assert.equal(story.push.target.seats, 12, 'the second set is asked for by itself');
  story.answer(ok(12));
  assert.equal(story.present(same).status, 'applied');
});

test('expectedSeats guards against a stale screen', () => {
  const story = new Story({ seats: 10 });
  assert.equal(story.refusal({ type: 'set', seats: 12, expectedSeats: 11 }), 'seats_changed');
  assert.equal(story.request({ type: 'set', seats: 12, expectedSeats: 10 }).status, 'requested');
});

test('a repeated key with a quote that has expired meanwhile gets its change, not quote_stale', () => {
  const story = new Story({ seats: 10 });
  const quote = { id: 'quote', valid: true, state: quotedState(story.account, []), prorationDate: 1_800_000_000 };
  const first = story.ask({ type: 'set', seats: 12, quote }, { idempotencyKey: 'k' });
  const again = story.ask({ type: 'set', seats: 12, quote: { ...quote, valid: false } }, { idempotencyKey: 'k' });
  assert.equal(again.id, first.id);
});

test('a quote is good only while the state stands that it was calculated for', () => {
  const still = new Story({ seats: 10 });
  const quote = { id: 'quote', valid: true, state: quotedState(still.account, []), prorationDate: 1_800_000_000 };
  still.ask({ type: 'set', seats: 12, quote });
  assert.match(still.push.request.body, /proration_date=1800000000/);
  const moved = new Story({ seats: 8 });
  assert.equal(moved.refusal({ type: 'set', seats: 12, quote }), 'quote_stale');
  const terms = new Story({ seats: 10, terms: { includedSeats: 1 } });
  assert.equal(terms.refusal({ type: 'set', seats: 12, quote }), 'quote_stale');
  const open = new Story({ seats: 10 });
  open.ask({ type: 'set', seats: 11 });
  const now = { ...quote, state: quotedState(open.account, []) };
  assert.equal(open.refusal({ type: 'set', seats: 12, quote: now }), 'quote_stale', 'a push is open');
  assert.equal(
    new Story({ seats: 10 }).refusal({ type: 'set', seats: 12, quote: { ...quote, valid: false } }),
    'quote_stale',
  );
});

test('a change with a quote rides alone, so that what is charged is what was shown', () => {
  const story = new Story({ seats: 10 });
  const quote = { id: 'quote', valid: true, state: quotedState(story.account, []), prorationDate: 1_800_000_000 };
  const quoted = story.request({ type: 'set', seats: 12, quote });
  story.request({ type: 'set', seats: 14 });
  story.fold();
  assert.deepEqual(story.push.changes, [quoted.id]);
  assert.equal(story.push.target.quantity, 12);
  story.answer(ok(12));
  assert.equal(story.push.target.quantity, 14);
});

test('set refuses below what is used, below the minimum and above the maximum', () => {
  const story = new Story({ seats: 10, used: 7, terms: { minimumSeats: 5, maximumSeats: 20 } });
  assert.equal(story.refusal({ type: 'set', seats: 6 }), 'below_used');
  assert.equal(story.refusal({ type: 'set', seats: 21 }), 'above_maximum');
  const empty = new Story({ seats: 10, terms: { minimumSeats: 5 } });
  assert.equal(empty.refusal({ type: 'set', seats: 4 }), 'below_minimum');
  assert.equal(empty.refusal({ type: 'set', seats: policy.seatsLimit + 1 }), 'above_maximum');
  assert.equal(empty.request({ type: 'set', seats: 5 }).status, 'requested');
});

test('an organization above the maximum keeps what it has, may shrink, and cannot grow', () => {
  const story = new Story({ seats: 12, terms: { maximumSeats: 10 } });
  assert.equal(story.refusal({ type: 'set', seats: 13 }), 'above_maximum');
  assert.equal(story.request({ type: 'set', seats: 12 }).status, 'applied');
  assert.equal(story.ask({ type: 'set', seats: 11 }).status, 'requested');
  story.answer(ok(11));
  assert.equal(story.account.settledSeats, 11);
  assert.equal(story.refusal({ type: 'set', seats: 12 }), 'above_maximum');
});

test('an organization above the maximum can use what it has, and buys nothing more', () => {
  const story = new Story({ seats: 12, used: 11, terms: { maximumSeats: 10 } });
  assert.equal(story.request({ type: 'add', quantity: 1 }).status, 'applied');
  assert.equal(story.refusal({ type: 'add', quantity: 1 }), 'above_maximum');
});

test('without a subscription nothing is bought and nothing is given back', () => {
  const story = new Story({ seats: 10, account: { link: null } });
  assert.equal(story.refusal({ type: 'set', seats: 12 }), 'no_subscription');
  assert.equal(story.refusal({ type: 'set', seats: 8 }), 'no_subscription');
  assert.equal(story.refusal({ type: 'add', quantity: 11 }), 'no_subscription');
  assert.equal(story.refusal({ type: 'assign', quantity: 11 }), 'no_seat_available');
  assert.equal(story.request({ type: 'add', quantity: 10 }).status, 'applied', 'the seats that are there are used');
  assert.equal(story.account.dueAt, null);
});

test('an ended account has nothing available and nothing to change', () => {
  const story = new Story({ seats: 10, used: 3, account: { status: 'ended' } });
  assert.equal(story.refusal({ type: 'set', seats: 12 }), 'subscription_not_changeable');
  assert.equal(story.refusal({ type: 'set', seats: 5 }), 'subscription_not_changeable');
  assert.equal(story.refusal({ type: 'add', quantity: 1 }), 'subscription_not_changeable');
  assert.equal(story.refusal({ type: 'assign', quantity: 1 }), 'subscription_not_changeable');
  assert.equal(story.request({ type: 'remove', quantity: 1 }).status, 'applied', 'people can still leave');
});

test('a held account refuses to grow and takes decreases, which wait', () => {
  const story = new Story({ seats: 10, used: 8, account: held(15) });
  assert.equal(story.refusal({ type: 'set', seats: 12 }), 'drift_unresolved');
  assert.equal(story.refusal({ type: 'add', quantity: 3 }), 'drift_unresolved');
  const decrease = story.ask({ type: 'set', seats: 9 });
  assert.equal(decrease.status, 'requested');
  assert.equal(story.account.push, null, 'nothing is sent while held');
  assert.equal(story.request({ type: 'add', quantity: 1 }).status, 'applied', 'confirmed seats are still given out');
});

test('a paused account refuses to grow, takes decreases, and folds them when it is resumed', () => {
  const story = new Story({ seats: 10, used: 5 });
  story.tell({ type: 'pause', reason: 'migration', actor: 'ops' });
  assert.equal(story.refusal({ type: 'set', seats: 12 }), 'paused');
  const decrease = story.ask({ type: 'set', seats: 8 });
  assert.equal(story.account.push, null);
  assert.equal(story.account.dueAt, null);
  story.tell({ type: 'resume', actor: 'ops', reason: null });
  assert.equal(story.account.dueAt, story.now, 'due at once');
  story.wake();
  assert.equal(story.push.target.seats, 8);
  story.answer(ok(8));
  assert.equal(story.present(decrease).status, 'applied');
});

test('an installation that is not the one of this database writes nothing to Stripe', () => {
  const story = new Story({ seats: 10, used: 5 });
  story.installationPaused = 'This database is a copy.';
  assert.equal(story.refusal({ type: 'set', seats: 12 }), 'paused');
  story.ask({ type: 'set', seats: 8 });
  assert.equal(story.account.push, null);
  story.wake();
  assert.equal(story.account.push, null);
});

test('resuming what is not paused changes nothing; pausing and resuming are in the trail with who and why', () => {
  const story = new Story({ seats: 10 });
  assert.equal(story.tell({ type: 'resume', actor: 'ops', reason: null }).changed, false);
  story.tell({ type: 'pause', reason: 'audit of the books', actor: 'ops' });
  story.tell({ type: 'resume', actor: 'ops', reason: 'done' });
  assert.deepEqual(
    story.audit.map(({ kind, actor, reason }) => [kind, actor, reason]),
    [
      ['paused', 'ops', 'audit of the books'],
      ['resumed', 'ops', 'done'],
    ],
  );
});

test('more than the limit of waiting changes is refused, and nothing of the refused one is written', () => {
  const story = new Story({ seats: 10 });
  story.ask({ type: 'set', seats: 12 });
  const state = story.state;
  const [one] = state.waiting;
  assert.ok(one);
  for (let number = 2; number <= policy.waitingLimit; number += 1) {
    story.changes.set(`w${number}`, { ...one, id: `w${number}`, number, push: null, setSeats: 12 });
  }
  assert.equal(story.state.waiting.length, policy.waitingLimit);
  assert.equal(story.refusal({ type: 'set', seats: 13 }), 'too_many_pending');
});

// Idempotency keys

test('the same key gets the same change in its present state, whatever happened since', () => {
  const story = new Story({ seats: 10 });
  const first = story.ask({ type: 'set', seats: 12 }, { idempotencyKey: 'k' });
  const before = story.state;
  const again = story.request({ type: 'set', seats: 12 }, { idempotencyKey: 'k' });
  assert.equal(again.id, first.id);
  assert.equal(story.last?.changed, false);
  assert.deepEqual(story.state, before);
  story.answer(ok(12));
  const later = story.request({ type: 'set', seats: 12 }, { idempotencyKey: 'k' });
  assert.equal(later.id, first.id);
  assert.equal(later.status, 'applied');
});

test('the same key is the same change for every kind of command, also when it was applied at once or rolled back', () => {
  const story = new Story({ seats: 10, used: 5, holders: [seated('invite', 'reserved')] });
  const asked = [
    { type: 'add', quantity: 1, holders: ['anna'] },
    { type: 'assign', quantity: 1 },
    { type: 'remove', quantity: 1 },
    { type: 'transfer', quantity: 1, holders: [{ from: 'invite', to: 'ines' }] },
  ] as const;
  asked.forEach((request, index) => {
    const first = story.request(request, { idempotencyKey: `k${index}` });
    const used = story.used;
    assert.equal(story.request(request, { idempotencyKey: `k${index}` }).id, first.id);
    assert.equal(story.used, used, 'it was done once');
  });
  const declinedOne = story.ask({ type: 'set', seats: 20 }, { idempotencyKey: 'declined' });
  story.answer(declined);
  const again = story.request({ type: 'set', seats: 20 }, { idempotencyKey: 'declined' });
  assert.equal(again.id, declinedOne.id);
  assert.equal(again.status, 'rolled_back');
});

test('the same key with another request is refused', () => {
  const story = new Story({ seats: 10 });
  story.ask({ type: 'set', seats: 12 }, { idempotencyKey: 'k' });
  assert.equal(story.refusal({ type: 'set', seats: 13 }, { idempotencyKey: 'k' }), 'idempotency_key_reused');
  assert.equal(story.refusal({ type: 'add', quantity: 12 }, { idempotencyKey: 'k' }), 'idempotency_key_reused');
});

test('who asks and why are not part of what is asked; an option left out is the same as one that is undefined', () => {
  const story = new Story({ seats: 10 });
  const first = story.request({ type: 'add', quantity: 1, expand: undefined } as never, {
    idempotencyKey: 'k',
    actor: 'olga',
    reason: 'growth',
  });
  const again = story.request({ quantity: 1, type: 'add' }, { idempotencyKey: 'k', actor: 'otto', reason: null });
  assert.equal(again.id, first.id);
});

test('a refusal consumes no key', () => {
  const story = new Story({ seats: 10, used: 7 });
  assert.equal(story.refusal({ type: 'set', seats: 6 }, { idempotencyKey: 'k' }), 'below_used');
  assert.equal(story.request({ type: 'set', seats: 8 }, { idempotencyKey: 'k' }).status, 'requested');
});

// POST add and assign

test('add within what is available is applied at once and bills nothing', () => {
  const story = new Story({ seats: 10, used: 7 });
  const change = story.ask({ type: 'add', quantity: 2, holders: ['anna', 'ben'] });
  assert.equal(change.status, 'applied');
  assert.equal(story.account.assigned, 9);
  assert.equal(story.account.anonymousAssigned, 7);
  assert.deepEqual(story.holders.get('anna'), seated('anna'));
  assert.equal(story.account.push, null);
  assert.deepEqual(
    story.events.map((event) => event.type),
    ['change.applied', 'seat.ready'],
  );
  const entry = story.audit.find(({ kind }) => kind === 'change_requested');
  assert.deepEqual([entry?.usedBefore, entry?.usedAfter], [7, 9]);
});

test('add past what is purchased buys exactly what is missing, and the seats wait for it', () => {
  const story = new Story({ seats: 10, used: 9 });
  const change = story.ask({ type: 'add', quantity: 3, holders: ['anna', 'ben', 'cleo'] });
  assert.equal(change.delta, 2);
  assert.equal(story.account.seatCount, 12);
  assert.equal(story.account.assigned, 9);
  assert.equal(story.account.reserved, 3);
  assert.deepEqual(story.holders.get('anna'), { holder: 'anna', state: 'reserved', change: change.id });
  story.answer(ok(12));
  assert.equal(story.account.assigned, 12);
  assert.equal(story.account.reserved, 0);
  assert.deepEqual(story.holders.get('anna'), seated('anna'));
  assert.ok(story.events.some((event) => event.type === 'seat.ready' && event.change === change.id));
});

test('a refused add drops its reservations in the same commit', () => {
  const story = new Story({ seats: 10, used: 9, holders: [seated('old', 'reserved')] });
  const change = story.ask({ type: 'add', quantity: 2, holders: ['anna', 'old'], reserve: true });
  assert.equal(change.takes, 1);
  assert.equal(story.account.reserved, 2);
  story.answer(declined);
  assert.equal(story.present(change).status, 'rolled_back');
  assert.equal(story.present(change).code, 'insufficient_funds');
  assert.equal(story.account.seatCount, 10);
  assert.equal(story.account.reserved, 1);
  assert.equal(story.holders.has('anna'), false);
  assert.deepEqual(story.holders.get('old'), seated('old', 'reserved'), 'who sat there before still does');
  assert.ok(story.events.some((event) => event.type === 'seat.released' && event.change === change.id));
});

test('anonymous seats wait and are confirmed like named ones; reserved ones end reserved', () => {
  const story = new Story({ seats: 10, used: 9 });
  story.ask({ type: 'add', quantity: 3, reserve: true });
  assert.deepEqual([story.account.reserved, story.account.anonymousReserved], [3, 0]);
  story.answer(ok(12));
  assert.deepEqual([story.account.reserved, story.account.anonymousReserved], [3, 3]);
  assert.equal(story.account.assigned, 9);
});

test('expand: false, and assign, refuse rather than buy', () => {
  const story = new Story({ seats: 10, used: 9 });
  assert.equal(story.refusal({ type: 'add', quantity: 2, expand: false }), 'no_seat_available');
  assert.equal(story.refusal({ type: 'assign', quantity: 2 }), 'no_seat_available');
  assert.equal(story.request({ type: 'assign', quantity: 1 }).status, 'applied');
});

test('buyAtMost: no more seats are bought than were agreed to, and nothing is written instead', () => {
  const story = new Story({ seats: 10, used: 9 });
  assert.equal(story.refusal({ type: 'add', quantity: 3, buyAtMost: 1 }), 'seats_changed');
  assert.deepEqual(story.request({ type: 'add', quantity: 3, buyAtMost: 2 }).delta, 2);
  // Behind it nothing is free, so the same words would buy three.
  assert.equal(story.refusal({ type: 'add', quantity: 3, buyAtMost: 2 }), 'seats_changed');
  assert.equal(story.refusal({ type: 'add', quantity: 3, buyAtMost: 3, expand: false }), 'no_seat_available');
});

test('one already seated changes nothing and takes no second seat', () => {
  const story = new Story({ seats: 10, used: 9, holders: [seated('anna')] });
  const change = story.ask({ type: 'add', quantity: 1, holders: ['anna'] });
  assert.equal(change.status, 'applied');
  assert.equal(story.used, 10);
  assert.equal(story.account.push, null);
  assert.equal(story.events.filter((event) => event.type === 'seat.ready').length, 0);
});

test('one who holds an invite sits down by being added or assigned, and stays invited by being reserved again', () => {
  const story = new Story({ seats: 10, holders: [seated('ines', 'reserved'), seated('ivo', 'reserved')] });
  story.request({ type: 'add', quantity: 1, holders: ['ines'], reserve: true });
  assert.equal(story.holders.get('ines')?.state, 'reserved');
  story.request({ type: 'add', quantity: 1, holders: ['ines'] });
  assert.equal(story.holders.get('ines')?.state, 'assigned');
  story.request({ type: 'assign', quantity: 1, holders: ['ivo'] });
  assert.equal(story.holders.get('ivo')?.state, 'assigned');
  assert.deepEqual([story.account.assigned, story.account.reserved], [2, 0]);
});

test('one who holds an invite sits down although the others of the same change wait for seats that are bought', () => {
  for (const answer of [ok(11), declined]) {
    const story = new Story({ seats: 10, used: 9, holders: [seated('ines', 'reserved')] });
    const both = story.ask({ type: 'add', quantity: 2, holders: ['ines', 'ben'] });
    assert.deepEqual([both.takes, both.delta], [1, 1]);
    story.answer(answer);
    assert.equal(story.holders.get('ines')?.state, 'assigned', 'her seat was there already');
    assert.equal(story.holders.get('ben')?.state, answer.kind === 'success' ? 'assigned' : undefined);
  }
});

test('who waits for a seat as an invited one is not seated by being added until it is there', () => {
  const story = new Story({ seats: 10, used: 10 });
  story.ask({ type: 'add', quantity: 1, holders: ['ines'], reserve: true });
  assert.equal(story.refusal({ type: 'add', quantity: 1, holders: ['ines'] }), 'no_seat_available');
  story.request({ type: 'add', quantity: 1, holders: ['ines'], reserve: true });
  story.answer(ok(11));
  story.request({ type: 'add', quantity: 1, holders: ['ines'] });
  assert.equal(story.holders.get('ines')?.state, 'assigned');
});

test('one whose seat is still being bought is not assigned, and adding them again ends as that purchase ends', () => {
  for (const answer of [ok(11), declined]) {
    const story = new Story({ seats: 10, used: 10 });
    const buying = story.ask({ type: 'add', quantity: 1, holders: ['anna'] });
    assert.equal(story.refusal({ type: 'assign', quantity: 1, holders: ['anna'] }), 'no_seat_available');
    const again = story.request({ type: 'add', quantity: 1, holders: ['anna'] });
    assert.equal(again.hangsOn, buying.id);
    assert.equal(again.takes, 0);
    story.answer(answer);
    assert.equal(story.present(again).status, story.present(buying).status);
    assert.equal(story.holders.has('anna'), answer.kind === 'success');
  }
});

test('one whose seat is still being bought is not added together with one whose seat would have to be bought as well', () => {
  const story = new Story({ seats: 10, used: 10 });
  const buying = story.ask({ type: 'add', quantity: 1, holders: ['anna'] });
  // If that purchase fails, Anna has no seat, and a change that named her must not end as applied.
  assert.equal(story.refusal({ type: 'add', quantity: 2, holders: ['anna', 'ben'] }), 'no_seat_available');
  story.answer(ok(11));
  assert.equal(story.present(buying).status, 'applied');
  const both = story.ask({ type: 'add', quantity: 2, holders: ['anna', 'ben'] });
  assert.deepEqual([both.takes, both.seatsAfter], [1, 12]);
});

test('a change hangs on one other: people who wait for two purchases are not added again together', () => {
  const story = new Story({ seats: 10, used: 10 });
  story.ask({ type: 'add', quantity: 1, holders: ['anna'] });
  story.ask({ type: 'add', quantity: 1, holders: ['ben'] });
  assert.equal(story.refusal({ type: 'add', quantity: 2, holders: ['anna', 'ben'] }), 'no_seat_available');
});

test('what hangs on a purchase holds its own free seats and loses them with it', () => {
  const story = new Story({ seats: 10, used: 9 });
  story.request({ type: 'add', quantity: 2, holders: ['anna', 'ben'] });
  const buying = story.present([...story.changes.values()][0] as never);
  story.fold();
  story.tell({
    type: 'request',
    request: { type: 'remove', quantity: 4, changeId: story.id(), idempotencyKey: null, actor: 'olga', reason: null },
  });
  const again = story.request({ type: 'add', quantity: 2, holders: ['anna', 'cleo'] });
  assert.equal(again.hangsOn, buying.id);
  assert.equal(again.takes, 1);
  const hanger = story.request({ type: 'add', quantity: 1, holders: ['cleo'] });
  assert.equal(hanger.hangsOn, buying.id, 'what hangs on one that hangs itself ends with the same one');
  story.answer(declined);
  assert.deepEqual(
    [again, hanger].map((change) => story.present(change).status),
    ['rolled_back', 'rolled_back'],
  );
  assert.deepEqual(
    [again, hanger].map((change) => story.present(change).payment),
    [true, true],
    'what goes down with a refused payment says so too',
  );
  assert.equal(story.account.reserved, 0);
  assert.equal(story.holders.size, 0);
});

test('seats that are bought and not yet confirmed are promised, never given out', () => {
  const story = new Story({ seats: 10, used: 10 });
  story.ask({ type: 'set', seats: 12 });
  const waits = story.ask({ type: 'add', quantity: 1, holders: ['anna'] });
  assert.equal(waits.status, 'requested');
  assert.equal(waits.delta, 0);
  assert.equal(story.holders.get('anna')?.change, waits.id);
  const assigned = story.request({ type: 'assign', quantity: 1, holders: ['ben'] });
  assert.equal(assigned.status, 'requested');
  story.answer(ok(12));
  assert.deepEqual(
    [waits, assigned].map((change) => story.present(change).status),
    ['applied', 'applied'],
  );
  assert.equal(story.account.assigned, 12);
});

test('while a decrease is under way its seats are not given out, although something behind it raises the count again', () => {
  const story = new Story({ seats: 9, used: 7 });
  story.ask({ type: 'set', seats: 7 });
  story.request({ type: 'set', seats: 11 });
  assert.equal(story.account.seatCount, 11);
  assert.equal(story.request({ type: 'assign', quantity: 1 }).status, 'requested');
  story.answer(ok(7));
  assert.deepEqual(story.openIncidents(), []);
  story.answer(ok(11));
  assert.equal(story.account.assigned, 8);
});

test('where a purchase fails, reservations that counted on it vanish newest first until what is left fits', () => {
  const story = new Story({ seats: 10, used: 9 });
  story.ask({ type: 'set', seats: 13 });
  const first = story.request({ type: 'add', quantity: 2, holders: ['a', 'b'] });
  const second = story.request({ type: 'add', quantity: 2, holders: ['c', 'd'] });
  assert.deepEqual([first.delta, second.delta], [0, 0]);
  story.request({ type: 'remove', quantity: 1 });
  story.answer(declined);
  assert.equal(story.present(first).status, 'applied', 'two seats are free after all: the older reservation has them');
  assert.equal(story.present(second).status, 'rolled_back');
  assert.equal(story.present(second).code, 'no_seat_available');
  assert.equal(story.used, 10);
  assert.deepEqual([...story.holders.keys()], ['a', 'b']);
});

test('nothing is promised where nothing is being bought', () => {
  const story = new Story({ seats: 10, used: 5, account: held(6) });
  assert.equal(story.refusal({ type: 'add', quantity: 2 }), 'no_seat_available', 'Stripe may bill 6 seats only');
  assert.equal(story.request({ type: 'add', quantity: 1 }).status, 'applied');
});

test('over capacity nothing grows, nobody is thrown out, and the sentence says how many to free or buy', () => {
  const story = new Story({ seats: 10, used: 12 });
  assert.equal(story.refusal({ type: 'add', quantity: 1 }), 'over_capacity');
  assert.equal(story.refusal({ type: 'assign', quantity: 1 }), 'over_capacity');
  assert.throws(() => story.request({ type: 'add', quantity: 1 }), /2 more seats are in use/);
  story.request({ type: 'remove', quantity: 1 });
  assert.equal(story.used, 11);
  assert.deepEqual(story.openIncidents(), ['over_capacity']);
  assert.match([...story.incidents.values()][0]?.message ?? '', /Free or buy 1\./);
  story.ask({ type: 'set', seats: 12 });
  assert.deepEqual(story.openIncidents(), ['over_capacity'], 'asked for is not bought');
  story.answer(ok(12));
  assert.deepEqual(story.openIncidents(), []);
});

test('seats that wait on a purchase are not counted as over capacity', () => {
  const story = new Story({ seats: 10, used: 10 });
  story.ask({ type: 'add', quantity: 2 });
  assert.deepEqual(story.openIncidents(), []);
  assert.equal(story.ask({ type: 'add', quantity: 1 }).status, 'requested');
});

test('an add is not refused for a minimum that the organization does not reach yet', () => {
  const story = new Story({ seats: 0, terms: { mode: 'follow', minimumSeats: 5 } });
  const change = story.ask({ type: 'add', quantity: 1 });
  assert.equal(change.status, 'requested');
  assert.equal(story.push.target.seats, 1);
});

// POST remove

test('prepaid: removing frees a seat and never shrinks billing', () => {
  const story = new Story({ seats: 10, used: 3, holders: [seated('anna'), seated('ines', 'reserved')] });
  assert.equal(story.ask({ type: 'remove', quantity: 2, holders: ['anna', 'ines'] }).status, 'applied');
  story.ask({ type: 'remove', quantity: 2 });
  assert.deepEqual([story.used, story.account.seatCount], [1, 10]);
  assert.equal(story.account.push, null);
  assert.equal(story.events.filter((event) => event.type === 'seat.released').length, 2);
});

test('remove without names takes anonymous seats only, assigned ones first', () => {
  const story = new Story({ seats: 10, used: 2, holders: [seated('anna')] });
  story.request({ type: 'add', quantity: 2, reserve: true });
  assert.equal(story.refusal({ type: 'remove', quantity: 5 }), 'not_in_use');
  story.request({ type: 'remove', quantity: 3 });
  assert.deepEqual([story.account.anonymousAssigned, story.account.anonymousReserved], [0, 1]);
  assert.ok(story.holders.has('anna'));
});

test('remove refuses a holder that nobody knows', () => {
  const story = new Story({ seats: 10, holders: [seated('anna')] });
  assert.equal(story.refusal({ type: 'remove', quantity: 2, holders: ['anna', 'nobody'] }), 'unknown_holder');
  assert.ok(story.holders.has('anna'));
});

test('one who leaves while their seat is being bought is not seated when it is', () => {
  const story = new Story({ seats: 10, used: 10 });
  const buying = story.ask({ type: 'add', quantity: 2, holders: ['anna', 'ben'] });
  story.request({ type: 'remove', quantity: 1, holders: ['anna'] });
  assert.deepEqual([story.account.reserved, story.present(buying).takes], [1, 1]);
  story.answer(ok(12));
  assert.deepEqual([...story.holders.keys()], ['ben']);
  assert.equal(story.account.assigned, 11);
});

test('follow: billing follows use both ways, never below the minimum', () => {
  const story = new Story({ seats: 5, used: 5, terms: { mode: 'follow', minimumSeats: 4 } });
  assert.equal(story.refusal({ type: 'set', seats: 7 }), 'follows_use');
  story.ask({ type: 'add', quantity: 2 });
  story.answer(ok(7));
  assert.equal(story.account.settledSeats, 7);
  const removed = story.ask({ type: 'remove', quantity: 5 });
  assert.equal(removed.delta, -3);
  assert.equal(story.push.target.seats, 4);
  story.answer(ok(4));
  assert.deepEqual([story.account.settledSeats, story.used], [4, 2]);
  assert.equal(story.ask({ type: 'remove', quantity: 1 }).status, 'applied', 'at the minimum nothing shrinks');
});

test('follow: a decrease that new use has overtaken ends without shrinking', () => {
  const story = new Story({ seats: 10, used: 10, terms: { mode: 'follow' } });
  story.ask({ type: 'add', quantity: 2 });
  const removed = story.request({ type: 'remove', quantity: 3 });
  assert.equal(removed.delta, -3);
  const added = story.request({ type: 'add', quantity: 3 });
  assert.equal(added.delta, 3);
  story.answer(declined);
  assert.equal(story.account.settledSeats, 10);
  assert.equal(story.present(removed).status, 'applied');
  assert.equal(story.present(added).status, 'applied');
  assert.equal(story.used, 10);
});

test('follow: who leaves before their purchase is refused has left, and nothing is there to shrink', () => {
  const story = new Story({ seats: 10, used: 10, terms: { mode: 'follow' } });
  story.ask({ type: 'add', quantity: 1, holders: ['anna'] });
  const removed = story.request({ type: 'remove', quantity: 1, holders: ['anna'] });
  assert.equal(removed.delta, -1);
  story.answer(declined);
  assert.deepEqual([story.present(removed).status, story.present(removed).delta], ['applied', 0]);
  assert.deepEqual([story.account.settledSeats, story.used, story.account.push], [10, 10, null]);
});

test('follow: without a live subscription there is nothing that could shrink', () => {
  for (const account of [{ link: null }, { status: 'ended' as const }]) {
    const story = new Story({ seats: 5, used: 5, terms: { mode: 'follow' }, account });
    assert.equal(story.request({ type: 'remove', quantity: 2 }).status, 'applied');
    assert.equal(story.account.seatCount, 5);
  }
});

// POST transfer

test('transfer: an invite becomes a user and used does not change', () => {
  const story = new Story({ seats: 10, used: 1, holders: [seated('invite-7', 'reserved'), seated('anna')] });
  const used = story.used;
  story.ask({
    type: 'transfer',
    quantity: 2,
    holders: [
      { from: 'invite-7', to: 'ines' },
      { from: 'anna', to: 'anna-2' },
    ],
  });
  assert.equal(story.used, used);
  assert.deepEqual([...story.holders.values()], [seated('ines'), seated('anna-2')]);
  assert.deepEqual([story.account.assigned, story.account.reserved], [3, 0]);
});

test('transfer: the same id where only the state changes, and anonymous seats by their number', () => {
  const story = new Story({ seats: 10, holders: [seated('ines', 'reserved')] });
  story.request({ type: 'add', quantity: 2, reserve: true });
  story.request({ type: 'transfer', quantity: 1, holders: [{ from: 'ines', to: 'ines' }] });
  assert.equal(story.holders.get('ines')?.state, 'assigned');
  story.request({ type: 'transfer', quantity: 2 });
  assert.deepEqual([story.account.anonymousAssigned, story.account.anonymousReserved], [2, 0]);
  assert.equal(story.refusal({ type: 'transfer', quantity: 1 }), 'not_in_use');
});

test('transfer refuses unknown holders, taken ids and seats that are not confirmed', () => {
  const story = new Story({ seats: 10, used: 9, holders: [seated('ines', 'reserved')] });
  const transfer = (from: string, to: string) =>
    story.refusal({ type: 'transfer', quantity: 1, holders: [{ from, to }] });
  story.ask({ type: 'add', quantity: 1, holders: ['anna'] });
  assert.equal(transfer('nobody', 'x'), 'unknown_holder');
  assert.equal(transfer('anna', 'x'), 'no_seat_available');
  assert.equal(transfer('ines', 'anna'), 'holder_exists');
});

test('names that repeat, or are not as many as the quantity, are a bug of the edge and stop there', () => {
  const story = new Story({ seats: 10 });
  for (const holders of [['anna', 'anna'], ['anna']]) {
    assert.throws(() => story.request({ type: 'add', quantity: 2, holders }), InvariantBroken);
  }
  assert.throws(
    () =>
      story.request({
        type: 'transfer',
        quantity: 2,
        holders: [
          { from: 'a', to: 'b' },
          { from: 'a', to: 'c' },
        ],
      }),
    InvariantBroken,
  );
});

// Terms

test('the only way from seats to quantity: included seats cost nothing, the contract minimum is billed anyway', () => {
  const story = new Story({ seats: 10, terms: { includedSeats: 3, minimumQuantity: 5 } });
  story.ask({ type: 'set', seats: 12 });
  assert.deepEqual([story.push.from.quantity, story.push.target.quantity], [7, 9]);
  story.answer(ok(9));
  const low = story.ask({ type: 'set', seats: 8 });
  story.answer(ok(5));
  assert.equal(story.present(low).status, 'applied');
  const free = story.ask({ type: 'set', seats: 6 });
  assert.equal(free.status, 'applied', 'the same quantity: both sides agree without a call');
  assert.equal(story.account.settledSeats, 6);
  assert.equal(story.opened.length, 2);
});

test('increases and decreases carry the behavior of the terms, frozen on the push', () => {
  const terms = {
    increase: { prorationBehavior: 'always_invoice', paymentBehavior: 'pending_if_incomplete' },
    decrease: { prorationBehavior: 'none', paymentBehavior: 'allow_incomplete', when: 'now' },
  } as const;
  const story = new Story({ seats: 10, terms });
  story.ask({ type: 'set', seats: 12 });
  const up = new URLSearchParams(story.push.request.body);
  story.tell({ type: 'change_terms', terms: { increase: terms.decrease }, actor: 'ops', reason: null });
  assert.equal(new URLSearchParams(story.push.request.body).toString(), up.toString(), 'what was stored is sent');
  story.answer(ok(12));
  story.ask({ type: 'set', seats: 9 });
  const down = new URLSearchParams(story.push.request.body);
  const of = (body: URLSearchParams) => [
    body.get('proration_behavior'),
    body.get('payment_behavior'),
    body.get('expand[0]'),
  ];
  assert.deepEqual(of(up), ['always_invoice', 'pending_if_incomplete', 'latest_invoice']);
  assert.deepEqual(of(down), ['none', 'allow_incomplete', null]);
});

test('a proration date goes along only where something is prorated', () => {
  const increase = { prorationBehavior: 'none', paymentBehavior: 'allow_incomplete' } as const;
  const story = new Story({ seats: 10, terms: { increase } });
  story.ask({
    type: 'set',
    seats: 12,
    quote: { id: 'quote', valid: true, state: quotedState(story.account, []), prorationDate: 1_800_000_000 },
  });
  assert.equal(new URLSearchParams(story.push.request.body).get('proration_date'), null);
});

test('terms that bill the same seats as another quantity are told to Stripe like any other change', () => {
  const story = new Story({ seats: 10 });
  story.tell({ type: 'change_terms', terms: { includedSeats: 2 }, actor: 'ops', reason: 'deal', pushId: story.id() });
  assert.deepEqual([story.push.from.quantity, story.push.target.quantity], [10, 8]);
  story.answer(ok(8));
  assert.equal(story.account.settledSeats, 10);
  story.sees(8);
  assert.deepEqual(story.openIncidents(), []);
});

test('terms do not change what an open push means', () => {
  const story = new Story({ seats: 10 });
  story.ask({ type: 'set', seats: 3 });
  const change = (terms: { minimumQuantity?: number; includedSeats?: number; maximumSeats?: number }) =>
    story.tell({ type: 'change_terms', terms, actor: 'ops', reason: null, pushId: story.id() });
  assert.throws(
    () => change({ minimumQuantity: 5 }),
    /once it is through/,
    'only the target would be billed differently',
  );
  assert.throws(() => change({ includedSeats: 1 }), { code: 'too_many_pending', message: /once it is through/ });
  change({ maximumSeats: 20 });
  assert.equal(story.account.terms.maximumSeats, 20);
});

test('terms that need Stripe are refused while it cannot be told, and are a bug without an id for the push', () => {
  const command = { type: 'change_terms', terms: { includedSeats: 2 }, actor: 'ops', reason: null } as const;
  const paused = new Story({ seats: 10, account: { pausedReason: 'migration' } });
  assert.throws(() => paused.tell({ ...command, pushId: paused.id() }), /paused/);
  const differs = new Story({ seats: 10, account: held(11) });
  assert.throws(() => differs.tell({ ...command, pushId: differs.id() }), /differ/);
  const ended = new Story({ seats: 10, account: { status: 'ended' } });
  ended.tell(command);
  assert.deepEqual([ended.account.terms.includedSeats, ended.account.push], [2, null], 'nothing bills it any more');
  const without = new Story({ seats: 10 });
  assert.throws(() => without.tell(command), InvariantBroken);
  const unlinked = new Story({ seats: 10, account: { link: null } });
  unlinked.tell(command);
  assert.equal(unlinked.account.terms.includedSeats, 2);
});

test('everything a request moves is told once, with who asked and why', () => {
  const story = new Story({ seats: 10 });
  const change = story.request({ type: 'set', seats: 12 }, { actor: 'olga', reason: 'new team' });
  const [entry] = story.audit;
  assert.equal(entry?.kind, 'change_requested');
  assert.deepEqual([entry?.change, entry?.actor, entry?.reason], [change.id, 'olga', 'new team']);
  assert.deepEqual([entry?.seatCountBefore, entry?.seatCountAfter, entry?.settledAfter], [10, 12, 10]);
  story.pass(hour + second);
  assert.equal(change.requestedAt, story.now - hour - second);
});
