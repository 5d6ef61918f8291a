import type Stripe from 'stripe';
import { connections } from '#server/environment.ts';
import { logger } from '#server/logger.ts';
import { once } from '#server/once.ts';
import { createStripe } from '#server/stripe.ts';
import type { UnitPrice } from '../contract.ts';

/** A price does not change; which price an item has may, so it is asked again after this. */
const keptMs = 5 * 60_000;
const patienceMs = 3_000;
/** Items asked for in one reading of the page: what is at risk is worth some reads, and Stripe's rate is for pushes. */
export const pricedAtOnce = 20;

interface Known {
  readonly atMs: number;
  readonly price: UnitPrice | null;
}

/** What a unit of that item costs; null where Stripe cannot be read or has no single number for it. */
export async function unitPriceOf(item: string): Promise<UnitPrice | null> {
  const known = once('operations-prices', () => new Map<string, Known>());
  const found = known.get(item);
  if (found !== undefined && performance.now() - found.atMs < keptMs) return found.price;
  try {
    const stripe = once('operations-stripe', () => createStripe(connections().stripe));
    const { price } = await stripe.subscriptionItems.retrieve(item, {}, { timeout: patienceMs, maxNetworkRetries: 0 });
    const read = unitOf(price);
    known.set(item, { atMs: performance.now(), price: read });
    return read;
  } catch (error) {
    logger.warn({ err: error, item }, 'The price of a seat could not be read; the amount is shown as unknown.');
    return null;
  }
}

function unitOf({
  billing_scheme,
  unit_amount,
  currency,
  recurring,
  transform_quantity,
}: Stripe.Price): UnitPrice | null {
  if (billing_scheme !== 'per_unit' || unit_amount === null || transform_quantity !== null || recurring === null) {
    return null;
  }
  const { interval, interval_count } = recurring;
  return {
    amount: unit_amount,
    currency,
    interval: interval_count === 1 ? interval : `${interval_count} ${interval}s`,
  };
}
