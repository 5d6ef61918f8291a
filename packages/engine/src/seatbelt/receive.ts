import type Stripe from 'stripe';
import { pushOfKey } from '../core/stripe-request.ts';
import { isChangeId, plainText } from '../input.ts';
import { receiveEvent } from '../store/marks.ts';
import type { Inside } from './inside.ts';

/** A verified event, remembered by its id; the accounts it is about are marked for a look. */
export async function receive(inside: Inside, event: Stripe.Event): Promise<{ accounts: number; seenBefore: boolean }> {
  const facts = eventFacts(event);
  const push = pushOfKey(event.request?.idempotency_key ?? null)?.push ?? null;
  return receiveEvent(inside.database, {
    id: plainText('event.id', event.id),
    type: plainText('event.type', event.type),
    subscription: facts.subscription,
    push: push !== null && isChangeId(push) ? push : null,
    quantityBefore: facts.quantityBefore,
  });
}

/** Which subscription an event is about, and the quantity before it where the event tells. */
function eventFacts(event: Stripe.Event): { subscription: string | null; quantityBefore: number | null } {
  const object = event.data.object as { object?: string; id?: string; subscription?: unknown; parent?: unknown };
  const previous = (event.data.previous_attributes ?? {}) as { quantity?: unknown };
  const quantityBefore = typeof previous.quantity === 'number' ? previous.quantity : null;
  if (object.object === 'subscription') return { subscription: object.id ?? null, quantityBefore };
  const parent = object.parent as { subscription_details?: { subscription?: unknown } } | null | undefined;
  const named = object.subscription ?? parent?.subscription_details?.subscription;
  return { subscription: typeof named === 'string' ? named : null, quantityBefore: null };
}
