import { pushOfKey } from '../core/stripe-request.ts';
import { isChangeId, plainText } from '../input.ts';
import type { ReceivedEvent } from '../store/marks.ts';
import { isObject } from './exchange.ts';
import { idOf, milliseconds, wholeNumber } from './read-subscription.ts';

/**
 * The events that can say something about seats. Stripe takes at most twenty types in one question
 * (https://docs.stripe.com/api/events/list); others are received as well, and harmless.
 */
export const eventTypes = [
  'customer.subscription.created',
  'customer.subscription.updated',
  'customer.subscription.deleted',
  'customer.subscription.paused',
  'customer.subscription.resumed',
  'customer.subscription.pending_update_applied',
  'customer.subscription.pending_update_expired',
  'subscription_schedule.updated',
  'subscription_schedule.completed',
  'subscription_schedule.released',
  'subscription_schedule.canceled',
  'invoice.paid',
  'invoice.payment_failed',
  'invoice.payment_action_required',
  'invoice.voided',
  'invoice.marked_uncollectible',
  'billing_portal.session.created',
] as const;

/** A snapshot event as the SDK types it, or as a list of them brings it. Only what is named here is read of it. */
export interface EventLike {
  readonly id: string;
  readonly type: string;
  readonly created?: unknown;
  readonly livemode?: unknown;
  readonly data: { readonly object: unknown; readonly previous_attributes?: unknown };
  readonly request?: { readonly id?: unknown; readonly idempotency_key?: unknown } | null;
}

export function isEvent(body: unknown): body is EventLike {
  return (
    isObject(body) &&
    body.object === 'event' &&
    typeof body.id === 'string' &&
    typeof body.type === 'string' &&
    isObject(body.data)
  );
}

/**
 * What an event says about seats: whose subscription, what our items were before and are after it, and who caused it.
 * Of what it is about nothing else is used: an event is late, or comes twice, and is no picture of today.
 */
export function readEvent(event: EventLike): ReceivedEvent {
  const object = isObject(event.data.object) ? event.data.object : {};
  const key = stored(event.request?.idempotency_key, keyLimit);
  const push = pushOfKey(key)?.push ?? null;
  const isSubscription = object.object === 'subscription';
  return {
    id: plainText('event.id', event.id),
    type: plainText('event.type', event.type),
    subscription: stored(isSubscription ? object.id : subscriptionOf(object), idLimit),
    customer: stored(idOf(object.customer), idLimit),
    items: isSubscription ? itemsOf(object, event.data.previous_attributes) : [],
    requestId: stored(event.request?.id, idLimit),
    key,
    push: push !== null && isChangeId(push) ? push : null,
    createdAt: milliseconds(event.created),
    livemode: typeof event.livemode === 'boolean' ? event.livemode : null,
  };
}

/** Invoices name their subscription in `parent` (since 2025-03-31) or directly; schedules directly. */
function subscriptionOf(object: Record<string, unknown>): string | null {
  const parent = isObject(object.parent) ? object.parent.subscription_details : null;
  return idOf(object.subscription) ?? (isObject(parent) ? idOf(parent.subscription) : null);
}

/**
 * `previous_attributes` has a changed list whole, so every item's old quantity is in it, also of those that did not
 * change. A subscription with one item may tell its quantity at the top.
 */
function itemsOf(subscription: Record<string, unknown>, previous: unknown): ReceivedEvent['items'] {
  const was = isObject(previous) ? previous : {};
  const after = quantitiesOf(subscription.items);
  const before = quantitiesOf(was.items);
  if (before.size === 0) {
    const quantity = wholeNumber(was.quantity);
    const [only, ...others] = after.keys();
    if (others.length > 0) return [...after].map(([item, now]) => ({ item, before: null, after: now }));
    const now = only === undefined ? wholeNumber(subscription.quantity) : (after.get(only) ?? null);
    return quantity === null && only === undefined ? [] : [{ item: only ?? null, before: quantity, after: now }];
  }
  const items = new Set([...before.keys(), ...after.keys()]);
  return [...items].map((item) => {
    const now = after.get(item) ?? null;
    const old = before.get(item) ?? null;
    // An item that is listed and has not changed was not what the event is about.
    return { item, before: old === now ? null : old, after: now };
  });
}

function quantitiesOf(list: unknown): Map<string, number> {
  const data: unknown[] = isObject(list) && Array.isArray(list.data) ? list.data : [];
  return new Map(
    data.flatMap((item): [string, number][] => {
      const quantity = isObject(item) ? wholeNumber(item.quantity) : null;
      return isObject(item) && typeof item.id === 'string' && quantity !== null ? [[item.id, quantity]] : [];
    }),
  );
}

/** Text as the database takes it. An id that is longer than any of Stripe's, or holds a NUL, is nobody's. */
function stored(value: unknown, limit: number): string | null {
  if (typeof value !== 'string' || value === '' || value.length > limit || value.includes('\0')) return null;
  return value.isWellFormed() ? value : null;
}

const idLimit = 200;
/** Stripe's own bound on idempotency keys. */
const keyLimit = 255;
