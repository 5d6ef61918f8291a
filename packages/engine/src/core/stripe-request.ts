import type { AskedBehavior } from './billing-policy.ts';
import type { OpenPush, StripeLink, StripeRequest, Withdrawal } from './types.ts';

/** The API version our requests and our reading of their answers are written for (stripe 23.1.0). */
export const stripeApiVersion = '2026-10-28.endive';

/**
 * The one write Seatbelt makes: an absolute quantity on the stored item.
 * It goes through the subscription, because that answer can bring the invoice and the pending update along.
 * https://docs.stripe.com/api/subscriptions/update
 */
export function quantityRequest(
  link: StripeLink,
  quantity: number,
  behavior: AskedBehavior,
  prorationDate: number | null,
): StripeRequest {
  const parameters: [string, string][] = [
    ['items[0][id]', link.item],
    ['items[0][quantity]', String(quantity)],
    ['proration_behavior', behavior.prorationBehavior],
  ];
  if (behavior.paymentBehavior !== null) parameters.push(['payment_behavior', behavior.paymentBehavior]);
  // Stripe takes a proration date only where something is prorated.
  if (prorationDate !== null && behavior.prorationBehavior !== 'none') {
    parameters.push(['proration_date', String(prorationDate)]);
  }
  if (behavior.paymentBehavior === 'pending_if_incomplete') parameters.push(['expand[0]', 'latest_invoice']);
  return {
    path: `/v1/subscriptions/${encodeURIComponent(link.subscription)}`,
    body: new URLSearchParams(parameters).toString(),
    apiVersion: stripeApiVersion,
  };
}

/** The idempotency key of a push: its own id and the generation, nothing about counts. */
export function idempotencyKey(push: { readonly id: string; readonly generation: number }): string {
  return `seatbelt:${push.id}:${push.generation}`;
}

/**
 * Voids the invoice that a push waits for.
 * https://docs.stripe.com/api/invoices/void
 */
export function voidRequest(push: OpenPush, invoice: string): StripeRequest {
  return { path: `/v1/invoices/${encodeURIComponent(invoice)}/void`, body: '', apiVersion: push.request.apiVersion };
}

/** The idempotency key of voiding it: never that of the push, which is another request. */
export function voidKey(push: OpenPush, { generation }: Withdrawal): string {
  return `seatbelt:${push.id}:void:${generation}`;
}

/** The push a key of ours belongs to, or null for a foreign key. */
export function pushOfKey(key: string | null): { push: string; generation: number } | null {
  const match = /^seatbelt:([0-9a-f-]{36}):(?:void:)?(\d+)$/.exec(key ?? '');
  return match?.[1] && match[2] ? { push: match[1], generation: Number(match[2]) } : null;
}
