import * as client from '@seatbelt/widget/client';
import type { PurchaseRequest, UsageRequest } from 'seatbelt/http';

/** One thing a person decided to do, with what was asked for as a sentence to show while it is under way. */
export type Intention = client.Intention & { readonly sentence: string };

export function purchase(body: PurchaseRequest, sentence: string): Intention {
  return { ...client.purchase(body), sentence };
}

export function usage(body: UsageRequest, sentence: string): Intention {
  return { ...client.usage(body), sentence };
}
