/** The life of one push: the sender that dies, the key that ages, the doubt that ends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { delayAfter, policy } from './policy.ts';
import { idempotencyKey, pushOfKey } from './stripe-request.ts';
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

const sent = (beginning: Partial<ConstructorParameters<typeof Story>[0]> = {}): Story => {
  const story = new Story({ seats: 10, used: 7, ...beginning });
  story.ask({ type: 'set', seats: 12 });
  return story;
};

const doubted = (): Story => {
  const story = sent();
  story.pass(second).answer(noAnswer());
  return story;
};

test('the intent is committed with everything its request consists of, before anything is sent', () => {
  const story = sent();
  const push = story.opened[0];
  assert.ok(push);
  assert.deepEqual(push, story.push);
  assert.deepEqual(push.link, story.account.link);
  assert.match(push.request.apiVersion, /^\d{4}-\d{2}-\d{2}\.[a-z]+$/, 'the version that it is written for');
  assert.equal(idempotencyKey(push), `seatbelt:${push.id}:1`);
  assert.deepEqual(pushOfKey(idempotencyKey(push)), { push: push.id, generation: 1 });
  assert.deepEqual([push.attempt, push.unproven, push.state], [1, 1, 'intended']);
  assert.equal(story.account.dueAt, story.now + policy.leaseMs, 'who dies now is taken over when the lease ends');
});

test('a key that is not ours names no push', () => {
  const own = idempotencyKey(sent().push);
  for (const key of [null, '', 'stripe-node-retry-1', 'seatbelt:x:1', `theirs:${own}`, `${own}:1`]) {
    assert.equal(pushOfKey(key), null);
  }
  const { id } = sent().push;
  assert.deepEqual(pushOfKey(idempotencyKey({ id, generation: 12 })), { push: id, generation: 12 });
});

test('nobody takes over before the lease ends; who does sends the same request under the same key as a retry', () => {
  const story = sent();
  const first = story.push;
  story.pass(policy.leaseMs - 1);
  assert.equal(story.wake().changed, false);
  story.pass(1).wake();
  assert.equal(story.last?.effect.type, 'send');
  assert.deepEqual(story.push.request, first.request);
  assert.equal(idempotencyKey(story.push), idempotencyKey(first));
  assert.deepEqual([story.push.attempt, story.push.unproven, story.push.state], [2, 2, 'in_doubt']);
  assert.equal(story.push.doubt?.reason, 'sender_lost');
});

test('an unknown outcome is replayed with growing delays and the same key until the answer is definite', () => {
  const story = sent();
  const key = idempotencyKey(story.push);
  for (const delay of [...policy.replayDelaysMs, policy.replayDelaysMs.at(-1) ?? 0]) {
    story.answer(noAnswer('connection'));
    assert.equal(story.account.dueAt, story.now + delay);
    story.pass(delay - 1);
    assert.equal(story.wake().effect.type, 'none');
    story.pass(1);
    assert.equal(story.wake().effect.type, 'send');
    assert.equal(idempotencyKey(story.push), key);
  }
  story.answer(ok(12, { replayed: true }));
  assert.equal(story.account.settledSeats, 12);
});

test('after an outage however long, the next try comes within half a minute', () => {
  const story = doubted();
  for (let tries = 0; tries < 120; tries += 1) {
    story.now = story.push.nextAt;
    story.wake();
    story.answer(noAnswer('connection'));
    assert.ok(story.push.nextAt - story.now <= 30 * second);
  }
  assert.ok(story.now - story.push.intendedAt > 55 * minute);
});

test('the target of a replay never changes, whatever is asked meanwhile', () => {
  const story = doubted();
  story.request({ type: 'set', seats: 9 });
  story.pass(minute).wake();
  assert.equal(new URLSearchParams(story.push.request.body).get('items[0][quantity]'), '12');
});

test('a change in doubt is told once, is neither applied nor rolled back, and is an incident after five minutes', () => {
  const story = doubted();
  assert.equal(story.events.filter((event) => event.type === 'change.in_doubt').length, 1);
  story.pass(minute).wake();
  story.answer(noAnswer());
  assert.equal(story.events.filter((event) => event.type === 'change.in_doubt').length, 1);
  assert.deepEqual(story.openIncidents(), []);
  assert.equal([...story.changes.values()][0]?.status, 'requested');
  story.pass(5 * minute).wake();
  assert.deepEqual(story.openIncidents(), ['in_doubt'], 'also where it is a sender that keeps dying');
  story.answer(ok(12));
  assert.deepEqual(story.openIncidents(), []);
});

test('after a replayed success: settle first, then look, and keep looking for a day', () => {
  const story = doubted();
  story.pass(second).wake();
  story.answer(ok(12, { replayed: true }));
  assert.equal(story.account.settledSeats, 12);
  assert.equal(story.wake().effect.type, 'look');
  story.sees(12);
  assert.equal(story.account.dueAt, story.now + minute);
  for (const after of policy.tailLooksMs) {
    story.now = (story.ended[0]?.endedAt ?? 0) + after;
    assert.equal(story.wake().effect.type, 'look');
    story.sees(12);
  }
  assert.equal(story.account.dueAt, null);
  assert.deepEqual(story.account.tails, []);
});

test('a clean first answer needs no looks', () => {
  const story = sent();
  story.answer(ok(12));
  assert.deepEqual(story.account.tails, []);
  assert.equal(story.account.nextLookAt, null);
});

test('the same answer counted again, after a commit in doubt, is not another error of Stripe`s and not another try', () => {
  const story = sent();
  const again = (attempt: number) =>
    story.tell({
      type: 'answer',
      push: story.push.id,
      generation: 1,
      attempt,
      answer: failure(500),
      pushId: story.id(),
    });
  story.answer(failure(500));
  const once = story.push;
  assert.equal(again(1).changed, false);
  assert.deepEqual(story.push, once);
  story.pass(2 * minute).wake();
  again(2);
  assert.equal(again(2).changed, false);
  assert.equal(again(1).changed, false);
  assert.deepEqual([story.push.serverErrors, story.push.next], [2, 'replay']);
});

test('a 429 that is counted again leaves the push as what it is: not run', () => {
  const story = sent();
  story.answer(busy);
  const attempt = story.push.attempt;
  const { changed } = story.tell({
    type: 'answer',
    push: story.push.id,
    generation: 1,
    attempt,
    answer: busy,
    pushId: story.id(),
  });
  assert.equal(changed, false);
  assert.deepEqual([story.push.state, story.push.unproven], ['intended', 0]);
});

test('an answer that proves something may come after a later one that proved nothing', () => {
  const story = sent();
  const first = story.push;
  story.pass(policy.leaseMs).wake();
  story.answer(noAnswer());
  story.tell({ type: 'answer', push: first.id, generation: 1, attempt: 1, answer: ok(12), pushId: story.id() });
  assert.equal(story.account.settledSeats, 12);
});

// 429

test('busy: backs off with the same key, and after ten minutes rolls back as nothing has run', () => {
  const story = sent();
  let answers = 0;
  while (story.account.push) {
    answers += 1;
    assert.ok(answers < 60, 'the back-off is bounded');
    const before = story.now;
    story.answer(busy);
    if (!story.account.push) break;
    assert.equal(story.push.nextAt - before, delayAfter(policy.backOffDelaysMs, answers));
    assert.equal(story.push.state, 'intended');
    story.now = story.push.nextAt;
    story.wake();
  }
  assert.ok(story.now - (story.ended[0]?.push.intendedAt ?? 0) >= policy.backOffLimitMs);
  assert.equal(story.ended[0]?.outcome, 'refused');
  assert.equal(story.ended[0]?.code, 'rate_limit');
  assert.equal(story.account.seatCount, 10);
  assert.deepEqual(story.account.tails, [], 'it never ran');
});

test('a quota of the subscription is waited for, visibly, until the key is a day old', () => {
  const quota = failure(429, { code: 'rate_limit', rateLimitedReason: 'resource-specific' });
  const story = sent();
  story.answer(quota);
  assert.equal(story.push.nextAt, story.now + policy.quotaDelayMs);
  assert.ok(story.audit.some((entry) => /quota/.test(entry.note)));
  story.pass(hour).wake();
  story.answer(quota);
  assert.ok(story.account.push, 'ten minutes do not end it');
  story.pass(22 * hour).wake();
  assert.equal(story.account.push, null);
  assert.equal(story.ended[0]?.code, 'expired');
  assert.deepEqual(story.account.tails, []);
});

test('busy on a retry says nothing about the earlier send, however long it goes on', () => {
  const story = doubted();
  story.pass(second).wake();
  for (let tries = 2; tries < 40; tries += 1) {
    const since = story.now;
    story.answer(busy);
    assert.equal(story.push.state, 'in_doubt');
    // A busy Stripe takes it in moments, so nobody waits the minutes that are for a Stripe that is down.
    assert.equal(story.push.nextAt - since, delayAfter(policy.backOffDelaysMs, tries));
    story.now = story.push.nextAt;
    story.wake();
  }
  assert.ok(story.now - story.push.intendedAt > policy.backOffLimitMs);
  story.answer(ok(12));
  assert.equal(story.account.settledSeats, 12);
});

test('a quota on a retry is asked more and more seldom', () => {
  const story = doubted();
  for (const delay of policy.quotaReplayDelaysMs.slice(1)) {
    story.now = story.push.nextAt;
    story.wake();
    story.answer(failure(429, { code: 'rate_limit', rateLimitedReason: 'resource-specific' }));
    assert.equal(story.push.nextAt - story.now, delay);
  }
});

// Unclear refusals

test('an unclear refusal is read; `from` must stand for a request lifetime after the last send, then it rolls back and is watched', () => {
  const story = doubted();
  story.pass(second).wake();
  const sentAt = story.now;
  story.pass(second).answer(invalid);
  assert.equal(story.wake().effect.type, 'look');
  story.sees(10);
  assert.equal(story.push.nextAt, sentAt + policy.requestLifetimeMs);
  assert.equal(story.account.seatCount, 12, 'not yet');
  story.now = story.push.nextAt - 1;
  assert.equal(story.wake().effect.type, 'none');
  story.pass(1).wake();
  story.sees(10);
  assert.equal(story.account.push, null);
  assert.equal(story.ended[0]?.outcome, 'rolled_back');
  assert.equal(story.ended[0]?.code, 'refused_by_stripe');
  assert.equal(story.account.seatCount, 10);
  assert.deepEqual(story.account.tails[0]?.rolledBack, true);
});

test('an unclear refusal whose target is shown is settled', () => {
  const story = doubted();
  story.pass(second).wake();
  story.answer(invalid);
  story.wake();
  story.sees(12);
  assert.equal(story.account.settledSeats, 12);
  assert.equal(story.ended[0]?.outcome, 'confirmed');
});

test('a broken invariant of keys is an incident, is read, and closes with the outcome', () => {
  for (const [quantity, seats] of [
    [12, 12],
    [10, 10],
  ] as const) {
    const story = sent();
    story.answer(failure(400, { type: 'idempotency_error' }));
    assert.deepEqual(story.openIncidents(), ['idempotency_broken']);
    story.pass(policy.requestLifetimeMs).wake();
    story.sees(quantity);
    assert.equal(story.account.settledSeats, seats);
    assert.deepEqual(story.openIncidents(), []);
  }
});

// Keys

test('a key refused by Stripe is nobody`s card; the incident closes when our key is accepted again', () => {
  const story = sent();
  story.answer(badKey);
  assert.equal(story.account.seatCount, 10);
  assert.deepEqual(story.openIncidents(), ['stripe_key_refused']);
  story.ask({ type: 'set', seats: 12 });
  story.answer(badKey);
  assert.equal(story.allIncidents().length, 1, 'one incident while it lasts');
  story.ask({ type: 'set', seats: 12 });
  story.answer(ok(12));
  assert.deepEqual(story.openIncidents(), []);
});

test('a refused key is looked after without anybody buying, and a look that shows something ends its incident', () => {
  const story = sent();
  story.answer(badKey);
  assert.equal(story.account.dueAt, story.now + policy.refusedKeyLookMs);
  story.pass(policy.refusedKeyLookMs).wake();
  story.look({ kind: 'failed', message: 'Invalid API key.' });
  assert.deepEqual(story.openIncidents(), ['stripe_key_refused']);
  assert.equal(story.account.dueAt, story.now + policy.refusedKeyLookMs);
  story.pass(policy.refusedKeyLookMs).wake();
  story.sees(10);
  assert.deepEqual(story.openIncidents(), []);
});

test('whatever Stripe says to a write of ours, it says it to a key that it accepts', () => {
  for (const said of [declined, invalid, paymentPending(10), ok(12)]) {
    const story = sent();
    story.answer(badKey);
    story.ask({ type: 'set', seats: 12 });
    story.answer(said);
    assert.deepEqual(story.openIncidents(), []);
  }
  const busyStripe = sent();
  busyStripe.answer(badKey);
  busyStripe.ask({ type: 'set', seats: 12 });
  busyStripe.answer(busy);
  assert.deepEqual(
    busyStripe.openIncidents(),
    ['stripe_key_refused'],
    'who was turned away was not asked who they are',
  );
});

test('a key that may read and not write is no other key once it has read', () => {
  const story = sent();
  story.answer(failure(403, { type: 'invalid_request_error' }));
  assert.deepEqual(story.openIncidents(), ['stripe_key_forbidden']);
  assert.equal(story.account.dueAt, null, 'only writing tells');
  story.sees(10);
  assert.deepEqual(story.openIncidents(), ['stripe_key_forbidden']);
  story.ask({ type: 'set', seats: 12 });
  story.answer(declined);
  assert.deepEqual(story.openIncidents(), []);
});

test('a key revoked between a lost answer and its replay is in doubt, never a rollback', () => {
  const story = doubted();
  story.pass(second).wake();
  story.answer(badKey);
  assert.equal(story.push.state, 'in_doubt');
  assert.deepEqual(story.openIncidents(), ['stripe_key_refused']);
  story.pass(minute).wake();
  story.answer(ok(12, { replayed: true }));
  assert.deepEqual(story.openIncidents(), []);
});

// Spent keys and generations

test('a spent key: the target shown settles, `from` gets a new key for the same request', () => {
  const shown = sent();
  shown.answer(failure(500, { replayed: true }));
  shown.wake();
  shown.sees(12);
  assert.equal(shown.account.settledSeats, 12);

  const story = sent();
  const request = story.push.request;
  story.answer(failure(500, { replayed: true }));
  story.wake();
  story.pass(second).sees(10);
  assert.equal(idempotencyKey(story.push), `seatbelt:${story.push.id}:2`);
  assert.equal(story.push.keySince, story.now);
  assert.equal(story.wake().effect.type, 'send');
  assert.deepEqual(story.push.request, request);
});

test('three generations at most, then the account is held and a person is asked', () => {
  const story = sent();
  for (let generation = 1; generation <= policy.generations; generation += 1) {
    assert.equal(story.push.generation, generation);
    story.answer(failure(500, { replayed: true }));
    story.wake();
    story.sees(10);
    story.wake();
  }
  assert.equal(story.push.generation, policy.generations);
  assert.equal(story.account.status, 'held');
  assert.equal(story.account.hold?.code, 'generations_used');
  assert.deepEqual(story.openIncidents(), ['held']);
  assert.equal(story.account.dueAt, story.now + policy.heldLookMs);
  story.pass(policy.heldLookMs).wake();
  assert.equal(story.last?.effect.type, 'look');
  story.sees(10);
  assert.equal(story.account.status, 'held', 'it stays so, and says so once');
  assert.equal(story.allIncidents().filter((kind) => kind === 'held').length, 1);
  story.sees(12);
  assert.equal(story.account.status, 'active', 'a later look that shows the target ends it');
  assert.equal(story.account.settledSeats, 12);
  assert.deepEqual(story.openIncidents(), []);
});

test('the answer of an earlier generation never ends a later one', () => {
  const story = sent();
  const { id } = story.push;
  story.answer(failure(500, { replayed: true }));
  story.wake();
  story.sees(10);
  const stale = (answer: Parameters<Story['answer']>[0]) =>
    story.tell({ type: 'answer', push: id, generation: 1, attempt: 1, answer, pushId: story.id() });
  assert.equal(stale(declined).changed, false);
  stale(ok(12));
  assert.equal(story.push.generation, 2);
  assert.equal(story.account.nextLookAt, story.now, 'but it is a reason to look');
});

test('the answer of a push that others have ended changes nothing but is a reason to look', () => {
  const story = sent();
  const { id, generation, attempt } = story.push;
  story.pass(policy.leaseMs).wake();
  story.answer(declined);
  const late = (answer: Parameters<Story['answer']>[0]) =>
    story.tell({ type: 'answer', push: id, generation, attempt, answer, pushId: story.id() });
  assert.equal(late(declined).changed, false);
  assert.equal(late(noAnswer()).changed, false);
  late(ok(12));
  assert.equal(story.account.settledSeats, 10);
  assert.equal(story.wake().effect.type, 'look');
});

test('the late answer of an account that was unlinked is nothing', () => {
  const story = new Story({ seats: 10, account: { link: null } });
  const command = { type: 'answer', push: 'gone', generation: 1, attempt: 1, answer: ok(12) } as const;
  assert.equal(story.tell({ ...command, pushId: story.id() }).changed, false);
});

// 23 hours

test('in doubt for 23 hours: never replayed; the target shown settles', () => {
  const story = doubted();
  story.pass(23 * hour).wake();
  assert.equal(story.last?.effect.type, 'look');
  assert.equal(story.push.lookFor, 'stale_key');
  story.sees(12);
  assert.equal(story.account.settledSeats, 12);
});

test('in doubt for 23 hours: `from` rolls back, nobody expects a day-old purchase, and it is watched', () => {
  const story = doubted();
  story.now = story.push.keySince + policy.keyLifetimeMs - 1;
  story.wake();
  assert.equal(story.last?.effect.type, 'send', 'a moment before it is still replayed');
  story.answer(noAnswer());
  story.pass(minute).wake();
  assert.equal(story.last?.effect.type, 'look');
  story.sees(10);
  assert.equal(story.ended[0]?.code, 'expired');
  assert.equal(story.account.seatCount, 10);
  assert.equal(story.account.tails[0]?.rolledBack, true);
});

test('in doubt for 23 hours: anything else is held and never overwritten', () => {
  const story = doubted();
  story.pass(23 * hour).wake();
  story.sees(15);
  assert.equal(story.account.hold?.code, 'unsettled_push');
  assert.equal(story.wake().effect.type, 'none');
  story.pass(policy.heldLookMs);
  assert.equal(story.wake().effect.type, 'look');
});

test('a refusal of a late sender after 23 hours says nothing about the sends before it: Stripe is read', () => {
  for (const answer of [declined, failure(400, { replayed: true }), failure(500)]) {
    const story = doubted();
    story.pass(23 * hour - minute).wake();
    assert.equal(story.last?.effect.type, 'send');
    story.pass(2 * hour).answer(answer);
    assert.equal(story.push.lookFor, 'stale_key');
    assert.equal(story.account.seatCount, 12);
    story.wake();
    story.sees(12);
    assert.equal(story.account.settledSeats, 12);
  }
});

test('an only send that arrived a day late is refused as definitely as any', () => {
  const story = sent();
  story.pass(25 * hour).answer(declined);
  assert.equal(story.account.seatCount, 10);
});

test('an intent of a host transaction that nobody sent for a day is taken back', () => {
  const story = new Story({ seats: 10 });
  story.request({ type: 'set', seats: 12 });
  story.fold(false);
  story.pass(23 * hour).wake();
  assert.equal(story.account.push, null);
  assert.equal(story.ended[0]?.code, 'expired');
  assert.equal(story.account.seatCount, 10);
  assert.deepEqual(story.account.tails, []);
});

test('a second generation that was never sent for a day is read like any push in doubt, for the first may have run', () => {
  const story = sent();
  story.answer(failure(500, { replayed: true }));
  story.wake();
  story.sees(10);
  story.tell({ type: 'pause', reason: 'migration', actor: 'ops' });
  story.pass(24 * hour).tell({ type: 'resume', actor: 'ops', reason: null });
  assert.equal(story.wake().effect.type, 'look');
  story.sees(10);
  assert.equal(story.ended[0]?.code, 'expired');
  assert.equal(story.account.tails.length, 1);
});

// Payments

test('a pending payment leaves the seats waiting; paid confirms them, dropped rolls them back', () => {
  for (const [quantity, status] of [
    [12, 'applied'],
    [10, 'rolled_back'],
  ] as const) {
    const story = sent();
    const [change] = [...story.changes.values()];
    assert.ok(change);
    story.answer(paymentPending(10));
    assert.equal(story.push.payment?.url, 'https://pay.example/in_1');
    assert.equal(story.present(change).status, 'awaiting_payment');
    assert.equal(story.account.seatCount, 12);
    story.pass(policy.leaseMs);
    assert.equal(story.wake().effect.type, 'look');
    story.sees(10, { pendingUpdate: somePendingUpdate });
    assert.equal(story.push.state, 'awaiting_payment');
    assert.equal(story.push.nextAt, story.now + policy.leaseMs);
    story.pass(policy.leaseMs).wake();
    story.sees(quantity);
    assert.equal(story.present(change).status, status);
    assert.equal(story.account.push, null);
  }
});

test('a refusal says whether it was about the payment', () => {
  for (const [answer, payment] of [
    [declined, true],
    [failure(402, { code: 'a_code_of_tomorrow' }), true],
    [failure(400), false],
    [failure(403), false],
  ] as const) {
    const story = sent();
    const [change] = story.changes.values();
    assert.ok(change);
    story.answer(answer);
    assert.deepEqual([story.present(change).status, story.present(change).payment], ['rolled_back', payment]);
  }
});

test('who did not pay one invoice for several changes loses them all: nothing says that fewer would have been paid', () => {
  const story = new Story({ seats: 10, used: 10 });
  const changes = [1, 2].map((quantity) => story.request({ type: 'add', quantity }));
  story.fold();
  assert.deepEqual(
    story.push.changes,
    changes.map(({ id }) => id),
  );
  story.answer(paymentPending(10));
  story.sees(10);
  assert.deepEqual(
    changes.map((change) => [story.present(change).status, story.present(change).payment]),
    changes.map(() => ['rolled_back', true]),
  );
});

test('a dropped payment says so', () => {
  const story = sent();
  story.answer(paymentPending(10));
  story.sees(10);
  assert.equal(story.ended[0]?.code, 'payment_not_made');
});

// Pauses

test('a pause stops replays, not reads', () => {
  const replaying = doubted();
  replaying.tell({ type: 'pause', reason: 'migration', actor: 'ops' });
  assert.equal(replaying.account.dueAt, null);
  replaying.pass(minute);
  assert.equal(replaying.wake().effect.type, 'none');
  replaying.tell({ type: 'resume', actor: 'ops', reason: null });
  assert.equal(replaying.wake().effect.type, 'send');

  const reading = sent();
  reading.answer(failure(500, { replayed: true }));
  reading.tell({ type: 'pause', reason: 'migration', actor: 'ops' });
  assert.equal(reading.wake().effect.type, 'look');
  reading.sees(10);
  assert.equal(reading.push.generation, 2);
  assert.equal(reading.wake().effect.type, 'none', 'a new key is a write');
  assert.equal(reading.account.dueAt, null);
});

test('an answer that arrives during a pause is weighed, and what waits stays waiting', () => {
  const story = sent();
  const waits = story.request({ type: 'set', seats: 9 });
  story.tell({ type: 'pause', reason: 'migration', actor: 'ops' });
  story.answer(ok(12));
  assert.equal(story.account.settledSeats, 12);
  assert.equal(story.account.push, null);
  assert.equal(story.present(waits).status, 'requested');
});

// G3

test('a rollback that could not be written before is an incident that closes itself in the commit that writes it', () => {
  const story = sent();
  story.answer(declined, { commitFailures: { count: 3, error: 'connection refused' } });
  const [incident] = [...story.incidents.values()];
  assert.equal(incident?.kind, 'rollback_failed');
  assert.match(incident?.message ?? '', /3 time\(s\): connection refused/);
  assert.equal(incident?.closedAt, story.now);
  assert.equal(story.account.seatCount, 10);
});

test('an answer that leaves the push open has no failed rollback to tell', () => {
  const story = sent();
  story.answer(noAnswer(), { commitFailures: { count: 1, error: 'x' } });
  assert.deepEqual(story.allIncidents(), []);
});

test('a rollback after the first sender was lost says so', () => {
  const story = sent();
  story.pass(policy.leaseMs).wake();
  story.answer(declined);
  assert.deepEqual(story.allIncidents(), ['late_rollback']);
  assert.deepEqual(story.openIncidents(), []);
});

// Being due

test('who comes for nothing writes when to come back, so that no poll claims the account again and again', () => {
  const story = doubted();
  // A mark makes the account due at once; with a push under way there is nothing to look at.
  story.account = { ...story.account, marks: 1, dueAt: story.now };
  const decision = story.wake();
  assert.equal(decision.effect.type, 'none');
  assert.equal(decision.changed, true);
  assert.equal(story.account.dueAt, story.push.nextAt);
  assert.equal(story.wake().changed, false);
  story.pass(second).wake();
  story.answer(ok(12));
  assert.equal(story.wake().effect.type, 'look');
  story.sees(12);
  assert.equal(story.account.marksSeen, 1);
});

test('the delay after a number of tries: the first for none or one, the last for ever', () => {
  assert.deepEqual(
    [0, 1, 2, 3, 99].map((tries) => delayAfter([10, 20, 30], tries)),
    [10, 10, 20, 30, 30],
  );
  assert.equal(delayAfter([], 1), 0);
});

test('the answer to a push that has ended never ends the one that is open now', () => {
  const story = sent();
  const first = story.push;
  story.pass(policy.leaseMs).wake();
  story.answer(declined);
  const next = story.ask({ type: 'set', seats: 14 });
  for (const answer of [declined, ok(14)]) {
    story.tell({ type: 'answer', push: first.id, generation: 1, attempt: 1, answer, pushId: story.id() });
    assert.equal(story.present(next).status, 'requested');
  }
  assert.deepEqual([story.push.changes, story.account.settledSeats], [[next.id], 10]);
});

test('a third key that is refused is read like any other: what nobody refused as spent is not held', () => {
  const story = sent();
  for (let generation = 1; generation < policy.generations; generation += 1) {
    story.answer(failure(500, { replayed: true }));
    story.wake();
    story.sees(10);
    story.wake();
  }
  assert.equal(story.push.generation, policy.generations);
  story.answer(declined);
  story.pass(policy.requestLifetimeMs).sees(10);
  assert.deepEqual([story.account.push, story.account.hold], [null, null]);
  assert.equal(story.ended.at(-1)?.code, 'refused_by_stripe');
});

test('a payment that came after a long doubt and gives way to a later change ends the doubt', () => {
  const story = doubted();
  story.pass(6 * minute).wake();
  assert.deepEqual(story.openIncidents(), ['in_doubt']);
  story.answer(paymentPending(10));
  story.ask({ type: 'set', seats: 15 });
  const { id } = story.push;
  const look = { kind: 'seen', observation: observation(10), requestId: null } as const;
  story.look({ ...look, invoice: { id: 'in_1', status: 'void', url: null } });
  assert.deepEqual(story.openIncidents(), []);
  assert.deepEqual(
    story.account.tails.map(({ push, rolledBack }) => [push, rolledBack]),
    [[id, true]],
    'its first send may still run',
  );
  assert.equal(story.audit.find(({ kind }) => kind === 'incident_closed')?.note, 'The outcome is known: not paid.');
});

test('a payment of a later key that gives way is watched, for an earlier key may still be used', () => {
  const story = sent();
  story.answer(failure(500, { replayed: true }));
  story.sees(10);
  story.wake();
  assert.deepEqual([story.push.generation, story.push.unproven], [2, 1]);
  story.answer(paymentPending(10));
  story.ask({ type: 'set', seats: 15 });
  const look = { kind: 'seen', observation: observation(10), requestId: null } as const;
  story.look({ ...look, invoice: { id: 'in_1', status: 'void', url: null } });
  assert.equal(story.account.tails.length, 1);
});
