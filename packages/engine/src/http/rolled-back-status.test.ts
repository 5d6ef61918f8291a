import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RefusalCode } from '../core/refusals.ts';
import { rolledBackStatus } from './rolled-back-status.ts';

/** What an approval may find when the request is accepted anew: none of it was said by Stripe. */
const foundByApproval: readonly RefusalCode[] = [
  'above_maximum',
  'below_minimum',
  'below_used',
  'collection_paused',
  'drift_unresolved',
  'follows_use',
  'managed_by_schedule',
  'no_seat_available',
  'no_subscription',
  'over_capacity',
  'paused',
  'payment_overdue',
  'seats_changed',
  'subscription_incomplete',
  'subscription_not_changeable',
  'subscription_paused',
  'too_many_pending',
];

test('what our own rules turned down is never said to be an error of Stripe', () => {
  for (const code of foundByApproval) assert.equal(rolledBackStatus(code, false), 409, code);
});

test('what Stripe said is, and a payment is the payer`s', () => {
  assert.equal(rolledBackStatus('resource_missing', false), 502);
  assert.equal(rolledBackStatus(null, false), 502);
  assert.equal(rolledBackStatus('card_declined', true), 402);
});
