/** The exact bounds of the evidence table. Mutation testing found that no other test stood on them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOnlySend, takesBack, weigh } from './evidence.ts';
import { policy } from './policy.ts';
import { busy, declined, failure, noAnswer, ok, Story } from './testing.ts';
import type { OpenPush } from './types.ts';

function pushOnItsWay(): OpenPush {
  const story = new Story({ seats: 10, used: 7 });
  story.ask({ type: 'set', seats: 12 });
  return story.push;
}

test('an answer to an earlier send than the latest is not the answer to the only one', () => {
  const push = pushOnItsWay();
  assert.equal(isOnlySend(push, push.attempt), true);
  assert.equal(isOnlySend({ ...push, attempt: 3 }, 2), false);
});

test('a key counts as forgotten from 23 hours on, not a moment later', () => {
  const push = pushOnItsWay();
  const error = failure(402, { code: 'card_declined' });
  const at = push.keySince + policy.keyLifetimeMs;
  assert.equal(weigh(push, error, false, at - 1).is, 'refused');
  const verdict = weigh(push, error, false, at);
  assert.deepEqual(verdict, {
    is: 'unknown',
    busy: false,
    quota: false,
    reason: 'stale_card_declined',
    next: 'look',
    lookFor: 'stale_key',
    serverError: false,
    incident: null,
  });
});

test('the third server error at a full minute spends the key, neither the second nor a moment earlier', () => {
  const push = pushOnItsWay();
  const error = failure(500, { type: 'api_error' });
  const since = push.intendedAt;
  const third = { ...push, serverErrors: 2, firstServerErrorAt: since };
  const lookFor = (one: OpenPush, now: number) => {
    const verdict = weigh(one, error, false, now);
    return verdict.is === 'unknown' ? verdict.lookFor : verdict.is;
  };
  assert.equal(lookFor(third, since + policy.spentAfterMs), 'spent_key');
  assert.equal(lookFor(third, since + policy.spentAfterMs - 1), null);
  assert.equal(lookFor({ ...third, serverErrors: 1 }, since + policy.spentAfterMs), null);
});

test('only answers of 500 and above count as errors of the server', () => {
  const push = pushOnItsWay();
  for (const [status, counts] of [
    [302, false],
    [409, false],
    [418, false],
    [500, true],
    [503, true],
  ] as const) {
    const verdict = weigh(push, failure(status), false, push.intendedAt);
    assert.ok(verdict.is === 'unknown', `status ${status}`);
    assert.equal(verdict.serverError, counts, `status ${status}`);
  }
});

test('each doubt says why', () => {
  const push = pushOnItsWay();
  const reasonOf = (answer: Parameters<typeof weigh>[1]) => {
    const verdict = weigh(push, answer, false, push.intendedAt);
    return verdict.is === 'unknown' ? verdict.reason : verdict.is;
  };
  assert.equal(reasonOf(noAnswer('cut_body')), 'cut_body');
  assert.equal(reasonOf(ok(12, { expectedObject: false })), 'unexpected_object');
  assert.equal(reasonOf(ok(11)), 'unexpected_quantity');
  assert.equal(reasonOf(failure(400, { type: 'idempotency_error' })), 'idempotency_error');
  assert.equal(reasonOf(failure(404, { code: 'resource_missing' })), 'unclear_resource_missing');
});

test('a refusal takes the seats back, a busy Stripe after ten minutes, a quota never', () => {
  const push = pushOnItsWay();
  const at = push.intendedAt + policy.backOffLimitMs;
  const after = (answer: Parameters<typeof weigh>[1], now: number) =>
    takesBack(push, weigh(push, answer, true, now), now);
  assert.equal(after(declined, push.intendedAt), true);
  assert.deepEqual([after(busy, at - 1), after(busy, at)], [false, true]);
  assert.equal(after(failure(429, { code: 'rate_limit', rateLimitedReason: 'resource-specific' }), at), false);
  assert.deepEqual([after(ok(12), at), after(noAnswer(), at)], [false, false]);
});
