import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policy } from '../core/policy.ts';
import type { Answer, LookResult } from '../core/types.ts';
import { noTurn, Pace } from './pace.ts';

const success: Answer = {
  kind: 'success',
  expectedObject: true,
  quantity: 12,
  pendingUpdate: null,
  replayed: false,
  observation: null,
  requestId: null,
};
const tooManyLooks: LookResult = { kind: 'failed', message: 'Stripe answered 429.', tooManyRequests: true };

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

/** A process whose time passes only where it waits. */
function process() {
  const clock = { now: 0 };
  const told = { others: 0 };
  const pace = new Pace({
    monotonicNow: () => clock.now,
    pause: async (ms) => {
      clock.now += ms;
    },
    tellOthers: () => {
      told.others += 1;
    },
  });
  return { pace, clock, told };
}

/** A Stripe that takes so many requests in any second, and is asked without a break. */
async function recover(limit: number, requests: number) {
  const { pace, clock, told } = process();
  const taken: number[] = [];
  let turnedAway = 0;
  for (let sent = 0; sent < requests; sent += 1) {
    assert.equal(await pace.turn(60_000), true);
    const sentAt = pace.sending();
    // One request after another, a millisecond each: what a worker with forty places does at most.
    clock.now += 1;
    const inWindow = taken.filter((at) => at > clock.now - 1_000).length;
    if (inWindow < limit) taken.push(clock.now);
    else turnedAway += 1;
    pace.heard(inWindow < limit ? success : tooMany('rate_limit', 'global-rate'), sentAt);
  }
  const seconds = clock.now / 1_000;
  return { share: taken.length / seconds / limit, turnedAway, seconds, told };
}

test('as long as Stripe takes everything nobody waits, and every place is there', async () => {
  const { pace, clock } = process();
  for (let sent = 0; sent < 1_000; sent += 1) {
    assert.equal(await pace.turn(0), true);
    pace.heard(success, pace.sending());
  }
  assert.equal(clock.now, 0);
  assert.equal(pace.places, policy.advancedAtOnce);
});

for (const limit of [10, 25, 100, 200]) {
  test(`a limit of ${limit} a second is used to 95 %, and a request is turned away every two seconds at most`, async () => {
    const { share, turnedAway, seconds, told } = await recover(limit, 60 * limit);
    assert.ok(share >= 0.95, `share ${share}`);
    assert.ok(turnedAway <= seconds / 2, `${turnedAway} were turned away in ${seconds} s`);
    assert.equal(told.others, turnedAway);
  });
}

test('a turn that does not come in time is none', async () => {
  const { pace, clock } = process();
  pace.heard(tooMany('rate_limit', 'global-rate'), pace.sending());
  assert.equal(await pace.turn(100), false);
  assert.equal(clock.now, 0);
  assert.equal(await pace.turn(1_000), true);
  assert.equal(clock.now, 1_000);
});

test('two places are left whatever Stripe says', () => {
  const { pace } = process();
  for (let time = 0; time < 100; time += 1) pace.heard(tooMany('rate_limit', 'global-rate'), pace.sending());
  assert.equal(pace.places, 2);
});

test('what met the limit together is told once', () => {
  const { pace, told } = process();
  for (let taken = 0; taken < 100; taken += 1) pace.heard(success, pace.sending());
  const sentAt = Array.from({ length: policy.advancedAtOnce }, () => pace.sending());
  for (const sent of sentAt) pace.heard(tooMany('rate_limit', 'global-rate'), sent);
  assert.equal(told.others, 1);
  assert.equal(pace.places, policy.advancedAtOnce);
});

test('a second without an answer halves the rate, and no more', () => {
  const { pace, clock } = process();
  for (let taken = 0; taken < 16; taken += 1) pace.heard(success, pace.sending());
  pace.heard(tooMany('rate_limit', 'global-rate'), pace.sending());
  assert.equal(pace.places, Math.floor(2 * 16 * policy.paceOfTaken));
  clock.now += 1_001;
  pace.heard(tooMany('rate_limit', 'global-rate'), pace.sending());
  assert.equal(pace.places, Math.floor(16 * policy.paceOfTaken));
});

test('a reading that is turned away slows recovery as a write does', () => {
  const { pace, told } = process();
  pace.heard(tooManyLooks, pace.sending());
  assert.ok(pace.places < policy.advancedAtOnce);
  assert.equal(told.others, 1);
});

test('a rate is forgotten in time', async () => {
  const { pace, clock } = process();
  pace.heard(tooMany('rate_limit', 'global-rate'), pace.sending());
  clock.now += policy.paceDoublesAfterMs * Math.sqrt(policy.paceForgottenPerSecond);
  assert.equal(pace.places, policy.advancedAtOnce);
  assert.equal(await pace.turn(0), true);
});

test('our own rate is no news to others', () => {
  const { pace, told } = process();
  pace.heard(noTurn, pace.sending());
  assert.equal(told.others, 0);
  assert.ok(pace.places < policy.advancedAtOnce);
});

test('the quota or the lock of one subscription slows nobody else', () => {
  const { pace } = process();
  pace.heard(tooMany('rate_limit', 'resource-specific'), pace.sending());
  pace.heard(tooMany('lock_timeout', null), pace.sending());
  assert.equal(pace.places, policy.advancedAtOnce);
});
