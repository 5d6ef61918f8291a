/**
 * The status of a change that was rolled back. Three causes, three answers: 402 the payment; 409 our own rules, checked
 * again when its turn came; 502 Stripe, for every other reason.
 */
export function rolledBackStatus(code: string | null, payment: boolean): 402 | 409 | 502 {
  if (payment) return 402;
  return code !== null && ours.has(code) ? 409 : 502;
}

/** An approval accepts the request anew, so whatever refuses a request may end a change as well. */
const ours: ReadonlySet<string> = new Set([
  'above_maximum',
  'approval_declined',
  'approval_expired',
  'below_minimum',
  'below_used',
  'canceled',
  'collection_paused',
  'drift_unresolved',
  'follows_use',
  'managed_by_schedule',
  'no_seat_available',
  'no_subscription',
  'over_capacity',
  'overtaken',
  'paused',
  'payment_overdue',
  'resolved',
  'seats_changed',
  'subscription_ended',
  'subscription_incomplete',
  'subscription_not_changeable',
  'subscription_paused',
  'superseded',
  'too_many_pending',
]);
