import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policy } from '../core/policy.ts';
import type { Answer } from '../core/types.ts';
import { Pace } from './pace.ts';

const success: Answer = {
  kind: 'success',
  expectedObject: true,
  quantity: 12,
  pendingUpdate: null,
  replayed: false,
  observation: null,
  requestId: null,
};

function tooMany(code: string, rateLimitedReason: string | null): Answer {
  return {
    kind: 'error',
    status: 429,
    type: 'invalid_request_error',
    code,
    declineCode: null,
    message: 'Too many requests.',
    replayed: false,
    rateLimitedReason,
    requestId: null,
  };
}

function hears(pace: Pace, answer: Answer, times: number): void {
  for (let time = 0; time < times; time += 1) pace.heard(answer, pace.sending());
}

test('a worker begins with every place and never has more', () => {
  const pace = new Pace();
  hears(pace, success, 1_000);
  assert.equal(pace.places, policy.advancedAtOnce);
});

test('"too many requests" takes places away, and one is always left', () => {
  const pace = new Pace();
  hears(pace, tooMany('rate_limit', 'global-rate'), 1);
  assert.ok(pace.places < policy.advancedAtOnce);
  hears(pace, tooMany('rate_limit', 'global-rate'), 1_000);
  assert.equal(pace.places, 1);
});

test('what met the limit together takes places away once', () => {
  const pace = new Pace();
  const sentAt = Array.from({ length: policy.advancedAtOnce }, () => pace.sending());
  for (const sent of sentAt) pace.heard(tooMany('rate_limit', 'global-rate'), sent);
  assert.equal(pace.places, policy.advancedAtOnce * policy.paceAfterTooMany);
});

test('answers bring the places back', () => {
  const pace = new Pace();
  hears(pace, tooMany('rate_limit', 'global-rate'), 1_000);
  hears(pace, success, Math.ceil(policy.advancedAtOnce / policy.paceAfterAnswer));
  assert.equal(pace.places, policy.advancedAtOnce);
});

test('the quota or the lock of one subscription slows nobody else', () => {
  const pace = new Pace();
  hears(pace, tooMany('rate_limit', 'resource-specific'), 100);
  hears(pace, tooMany('lock_timeout', null), 100);
  assert.equal(pace.places, policy.advancedAtOnce);
});
