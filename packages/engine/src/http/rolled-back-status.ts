/**
 * The status of a change that was rolled back. Three causes, three answers: 402 the payment; 409 our own rules, checked
 * again when its turn came; 502 Stripe, for every other reason.
 */
export function rolledBackStatus(code: string | null, payment: boolean): 402 | 409 | 502 {
  if (payment) return 402;
  return code !== null && ours.has(code) ? 409 : 502;
}

const ours: ReadonlySet<string> = new Set([
  'approval_declined',
  'approval_expired',
  'canceled',
  'collection_paused',
  'managed_by_schedule',
  'over_capacity',
  'payment_overdue',
  'superseded',
  'above_maximum',
  'below_minimum',
  'below_used',
  'no_seat_available',
  'overtaken',
  'resolved',
  'subscription_ended',
]);
