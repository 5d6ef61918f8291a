/**
 * Why Stripe shows another quantity than was agreed on: read from the subscription as it was and is, and from what the
 * events told. It says what the evidence says; where that does not tell, the cause is `unknown`.
 */
import type { Cause, MarkReason, Observation } from './types.ts';

/**
 * @param before the subscription as it was seen last; null: never.
 * @param reasons what events told since then, in the order of their marks.
 */
export function causeOf(before: Observation | null, seen: Observation, reasons: readonly MarkReason[]): Cause {
  const { item } = seen;
  if (item === null) return 'item_missing';
  // Stripe resets a quantity to 1 where a price is changed without naming one.
  // https://docs.stripe.com/api/subscriptions/update#update_subscription-items-quantity
  if (before?.item?.price != null && item.price !== null && before.item.price !== item.price) return 'price_replaced';
  const known = new Set(before?.otherItems.map(({ id }) => id));
  if (before !== null && seen.otherItems.some(({ id, quantity }) => quantity !== null && !known.has(id))) {
    return 'extra_item';
  }
  if (reasons.some(({ eventType }) => eventType === 'customer.subscription.pending_update_applied')) {
    return 'pending_update';
  }
  const told = reasons.findLast((reason) => changedTo(reason, item.quantity));
  if (told?.push != null) return 'lost_write';
  if (told !== undefined && told.key !== null) return 'other_program';
  // The portal is known by the session that was opened for it. Nothing says that its own requests have no id.
  const byRequest = told !== undefined && told.requestId !== null;
  if (byRequest) return told.portalSession ? 'portal' : 'other_program';
  if (bySchedule(before, seen, reasons)) return 'schedule_phase';
  if (told === undefined) return 'unknown';
  return told.portalSession ? 'portal' : 'dashboard';
}

/** The event tells that our item was changed to this quantity. */
export function changedTo(reason: MarkReason, quantity: number | null): boolean {
  return reason.quantityBefore !== null && reason.quantityAfter === quantity;
}

/** A phase begins together with a billing period, or its schedule says that something happened to it. */
function bySchedule(before: Observation | null, seen: Observation, reasons: readonly MarkReason[]): boolean {
  const schedule = seen.schedule ?? before?.schedule ?? null;
  if (schedule === null) return false;
  if (reasons.some(({ eventType }) => eventType.startsWith('subscription_schedule.'))) return true;
  const began = before?.item?.currentPeriodStart ?? null;
  return began !== null && seen.item?.currentPeriodStart !== began;
}

/** A sentence's beginning for people: "The quantity was changed in …". */
export const causeWords: Readonly<Record<Cause, string>> = {
  portal: 'Changed by the customer in the Stripe customer portal',
  dashboard: 'Changed by hand in the Stripe dashboard',
  other_program: 'Changed by another program with an API key of this Stripe account',
  schedule_phase: 'Changed by a phase of the schedule that manages the subscription',
  pending_update: 'Changed by a pending update that was paid',
  extra_item: 'Changed together with an item that was added to the subscription',
  price_replaced: 'Changed together with the price of the item',
  unknown: 'Changed by somebody else; what Stripe told does not say by whom',
  lost_write: 'Changed by a request of our own that came late or ran twice',
  duplicate_subscription: 'The same customer is billed by a second subscription',
  item_missing: 'The item is gone from the subscription',
};
