import type { PurchaseRequest, UsageRequest } from 'seatbelt/http';

/**
 * One thing a person decided to do. Its idempotency key is made here, once, and goes with every try of it:
 * however often the request is sent, it can only count once.
 */
export type Intention = {
  readonly key: string;
  /** What was asked for, as a sentence to show while it is under way. */
  readonly sentence: string;
} & (
  | { readonly method: 'PUT'; readonly body: PurchaseRequest }
  | { readonly method: 'POST'; readonly body: UsageRequest }
);

export function purchase(body: PurchaseRequest, sentence: string): Intention {
  return { key: crypto.randomUUID(), sentence, method: 'PUT', body };
}

export function usage(body: UsageRequest, sentence: string): Intention {
  return { key: crypto.randomUUID(), sentence, method: 'POST', body };
}
