import type { Difference } from './compare.ts';

/** A difference between the simulator and a recording that is meant to be there, with the reason. */
export interface KnownDifference {
  kind: Difference['kind'];
  /** The address as in `Difference.at`. */
  at: string;
  /** Only in this scenario; everywhere when absent. */
  scenario?: string;
  reason: string;
}

/**
 * Every entry must occur: `conformance.test.ts` fails on an entry that no longer matches anything, so that this list
 * cannot outlive its reasons.
 */
export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  ...newerKeys(
    'Stripe had it by 2026-03-25.dahlia, where it is recorded; the recordings that lack it are from 2025-10-29.clover.',
    [
      'customer.customer_account',
      'payment_method.customer_account',
      'subscription.customer_account',
      'invoice.customer_account',
      'line_item.quantity_decimal',
      'line_item.subtotal',
    ],
  ),
  ...newerKeys(
    'The types of the pinned SDK (2026-10-28.endive) say that it is always there; every recording is older than that.',
    [
      'line_item.subscription',
      'subscription.billing_schedules',
      'subscription.cancellation_details.feedback_option',
      'subscription.invoice_settings.custom_fields',
      'subscription.invoice_settings.description',
      'subscription.invoice_settings.footer',
      'subscription.managed_payments',
      'subscription.trial_settings.end_behavior.billing_cycle_anchor',
      'subscription_item.current_trial',
      'invoiceitem.net_amount',
    ],
  ),
  ...['subscription.application', 'invoice.application'].map(
    (at): KnownDifference => ({
      kind: 'type',
      at,
      scenario: 'without-unit-label',
      reason:
        'This one was recorded on a connected account, where Stripe names the platform. The simulator has no Connect.',
    }),
  ),
  ...['invoiceitem.pricing', 'line_item.pricing'].map(
    (at): KnownDifference => ({
      kind: 'type',
      at,
      scenario: 'one-off-invoice',
      reason:
        'For a bare amount Stripe makes a hidden price and product. The simulator makes none, and seats are never billed so.',
    }),
  ),
  {
    kind: 'unexpected',
    at: 'body.error.request_log_url',
    scenario: 'unknown-customer',
    reason: 'Recorded in 2021, before Stripe sent it; the recordings since 2025 have it.',
  },
  {
    kind: 'value',
    at: 'body.error.message',
    scenario: 'unknown-payment-method',
    reason:
      'The recording account is a Connect platform, so its message goes on about connected accounts. The simulator has no Connect.',
  },
];

/** Keys that a later API version added to an object, so that an older recording does not have them. */
function newerKeys(reason: string, addresses: string[]): KnownDifference[] {
  return addresses.map((at) => ({ kind: 'unexpected', at, reason }));
}

export function reasonFor(scenario: string, difference: Difference): KnownDifference | undefined {
  return KNOWN_DIFFERENCES.find(
    (known) =>
      known.kind === difference.kind &&
      known.at === difference.at &&
      (known.scenario === undefined || known.scenario === scenario),
  );
}
