import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { OutcomeStatus } from '../../src/http/contract.ts';
import { bodyOf, change, changeId, fake, outcome, send } from './fake-seatbelt.ts';

const path = '/api/billing/seats';
const where = `/api/billing/seats/changes/${changeId}`;

describe('Every outcome has its status, and says whether it is known', () => {
  const expected: Record<
    Exclude<OutcomeStatus, 'rolled_back'>,
    { status: number; success: boolean | null; location: string | null; retryAfter: string | null }
  > = {
    applied: { status: 200, success: true, location: null, retryAfter: null },
    awaiting_payment: { status: 202, success: null, location: where, retryAfter: null },
    scheduled: { status: 202, success: null, location: where, retryAfter: null },
    awaiting_approval: { status: 202, success: null, location: where, retryAfter: null },
    requested: { status: 202, success: null, location: where, retryAfter: '2' },
    in_doubt: { status: 202, success: null, location: where, retryAfter: '2' },
    rollback_pending: { status: 202, success: null, location: where, retryAfter: '2' },
  };
  for (const [status, answer] of Object.entries(expected) as [
    keyof typeof expected,
    (typeof expected)[keyof typeof expected],
  ][]) {
    test(`${status}: ${answer.status}`, async () => {
      const { handlers } = fake({ set: async () => outcome(status) });
      const response = await handlers.seats.PUT(send('PUT', path, { seats: 12 }));
      assert.equal(response.status, answer.status);
      assert.equal(response.headers.get('location'), answer.location);
      assert.equal(response.headers.get('retry-after'), answer.retryAfter);
      assert.equal(response.headers.get('cache-control'), 'no-store');
      assert.deepEqual(await response.json(), outcome(status));
      assert.equal(outcome(status).success, answer.success);
    });
  }

  test('awaiting payment brings the page to pay on', async () => {
    const paymentUrl = 'https://pay.example/in_1';
    const { handlers } = fake({ set: async () => outcome('awaiting_payment', { paymentUrl }) });
    const response = await handlers.seats.PUT(send('PUT', path, { seats: 12 }));
    assert.equal((await bodyOf(response)).paymentUrl, paymentUrl);
  });
});

describe('A change that was rolled back says whose reason it was', () => {
  const codes: Record<string, 409 | 502> = {
    below_used: 409,
    below_minimum: 409,
    above_maximum: 409,
    no_seat_available: 409,
    subscription_ended: 409,
    overtaken: 409,
    resolved: 409,
    expired: 502,
    refused_by_stripe: 502,
    resource_missing: 502,
    parameter_unknown: 502,
    rate_limit: 502,
    lock_timeout: 502,
    invalid_request_error: 502,
    a_code_nobody_has_seen: 502,
  };
  for (const [code, status] of Object.entries(codes)) {
    test(`${code}: ${status}`, async () => {
      const answer = outcome('rolled_back', { code, message: 'Because.' });
      const { handlers } = fake({ add: async () => answer });
      const response = await handlers.seats.POST(send('POST', path, { action: 'add', quantity: 1 }));
      assert.equal(response.status, status);
      assert.equal(response.headers.get('content-type'), 'application/json');
      assert.deepEqual(await response.json(), answer);
    });
  }

  test('a refused payment is a 402, whatever word Stripe has for it', async () => {
    for (const code of ['card_declined', 'payment_not_made', 'http_402', 'a_decline_of_tomorrow']) {
      const answer = outcome('rolled_back', {
        code,
        message: 'Because.',
        change: { ...change('rolled_back'), code, payment: true },
      });
      const { handlers } = fake({ add: async () => answer });
      const response = await handlers.seats.POST(send('POST', path, { action: 'add', quantity: 1 }));
      assert.equal(response.status, 402, code);
      assert.deepEqual(await response.json(), answer);
    }
  });

  test('without a code it is nobody’s card', async () => {
    const { handlers } = fake({ set: async () => outcome('rolled_back') });
    assert.equal((await handlers.seats.PUT(send('PUT', path, { seats: 12 }))).status, 502);
  });
});

describe('How long the caller waits', () => {
  const heard: [string | null, number | undefined, string | null][] = [
    [null, undefined, null],
    ['wait=2', 2_000, 'wait=2'],
    ['handling=lenient, Wait = "0"', 0, 'wait=0'],
    ['respond-async', 0, 'respond-async'],
    ['wait=10', 10_000, 'wait=10'],
    ['wait=11', undefined, null],
    ['wait=-1', undefined, null],
    ['wait=soon', undefined, null],
    ['return=minimal', undefined, null],
  ];
  for (const [prefer, waitMs, applied] of heard) {
    test(`Prefer: ${prefer}`, async () => {
      const { handlers, calls } = fake();
      const response = await handlers.seats.PUT(send('PUT', path, { seats: 12 }, prefer === null ? {} : { prefer }));
      assert.deepEqual(calls[0]?.given[2], { actor: 'user_1', ...(waitMs === undefined ? {} : { waitMs }) });
      assert.equal(response.headers.get('preference-applied'), applied);
    });
  }
});
