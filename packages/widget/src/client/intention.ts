import type { PurchaseRequest, UsageRequest } from 'seatbelt/http';

/**
 * One thing a person decided to do. Its idempotency key is made here, once, and goes with every try of it: however
 * often it is sent, it counts once.
 */
export type Intention = { readonly key: string } & (
  | { readonly method: 'PUT'; readonly body: PurchaseRequest }
  | { readonly method: 'POST'; readonly body: UsageRequest }
);

/** Set the number of purchased seats. */
export function purchase(body: PurchaseRequest): Intention {
  return { key: crypto.randomUUID(), method: 'PUT', body };
}

/** Take or free seats. */
export function usage(body: UsageRequest): Intention {
  return { key: crypto.randomUUID(), method: 'POST', body };
}
