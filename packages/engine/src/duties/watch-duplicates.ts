import type { Logger } from '../alerts/alerts.ts';
import { policy } from '../core/policy.ts';
import type { Executor } from '../db/executor.ts';
import { type DuplicateRow, endDuplicate, keepDuplicate, readDuplicates, takeDuplicates } from '../store/duplicates.ts';
import type { AccountKey, Store } from '../store/store.ts';
import type { StripeAdapter } from '../stripe/adapter.ts';
import type { SubscriptionFacts } from '../stripe/read-subscription.ts';

export interface DuplicatesContext {
  readonly database: Executor;
  readonly store: Pick<Store, 'load'>;
  readonly stripe: Pick<StripeAdapter, 'retrieveSubscription'>;
  readonly logger: Logger;
  /** Whether another one is begun. */
  readonly left: () => boolean;
  /** Tells the account which other subscriptions bill the same seats; none: it is over. */
  readonly tell: (
    key: AccountKey,
    subscriptions: readonly { readonly subscription: string; readonly quantity: number }[],
  ) => Promise<unknown>;
}

/** What one round read of second subscriptions. */
export interface WatchedDuplicates {
  /** Those that still bill a customer who is linked elsewhere. */
  readonly open: number;
  /** Those that are canceled or linked by now. */
  readonly over: number;
  /** Those that could not be read; they are read again in a minute. */
  readonly unread: number;
}

/**
 * Reads each second subscription of a linked customer again, by events of it and every hour, and tells the account what
 * is so: an incident while somebody pays twice, and its end. The row moves on only after the incident is written.
 */
export async function watchDuplicates(context: DuplicatesContext): Promise<WatchedDuplicates> {
  const counts = { open: 0, over: 0, unread: 0 };
  for (let read = 0; read < policy.duplicatesRead && context.left(); read += 1) {
    const [taken] = await takeDuplicates(context.database, 1, policy.sweepLeaseMs);
    if (taken === undefined) break;
    counts[await watchOne(context, taken)] += 1;
  }
  return counts;
}

async function watchOne(
  context: DuplicatesContext,
  { subscription, key, linked }: DuplicateRow & { readonly linked: boolean },
): Promise<keyof WatchedDuplicates> {
  const { database, logger } = context;
  const quantity = linked ? 0 : await billedQuantity(context, subscription, key);
  if (quantity === null) return 'unread';
  const others = (await readDuplicates(database, key)).filter((other) => other.subscription !== subscription);
  const open = quantity > 0 ? [...others, { subscription, quantity }] : others;
  try {
    await context.tell(
      key,
      open.toSorted((a, b) => (a.subscription < b.subscription ? -1 : 1)),
    );
  } catch (error) {
    logger.warn({ ...key, err: error, subscription }, 'A second subscription could not be told; it is tried again.');
    return 'unread';
  }
  if (quantity === 0) {
    await endDuplicate(database, subscription);
    return 'over';
  }
  await keepDuplicate(database, subscription, quantity, policy.duplicateLookMs);
  return 'open';
}

/** How many seats it bills beside the linked one; 0: none, or there is no linked one any more. null: nobody knows. */
async function billedQuantity(
  { store, stripe }: DuplicatesContext,
  id: string,
  key: AccountKey,
): Promise<number | null> {
  const state = await store.load(key, { keys: [], holders: [] });
  if (state === null || state.account.link === null || state.account.status === 'ended') return 0;
  const read = await stripe.retrieveSubscription(id, { timeoutMs: policy.stripeTimeoutMs });
  if (read.kind === 'failed') return null;
  if (read.kind === 'missing' || !isBilled(read.subscription.status)) return 0;
  return seatsOf(read.subscription, state.account.observed?.item?.price ?? null);
}

/** Nobody pays for one whose first invoice is open, and none for one that is over. */
export function isBilled(status: string): boolean {
  return status !== 'incomplete' && status !== 'incomplete_expired' && status !== 'canceled';
}

/** The quantity of the items with the price that the linked one has; of all items where none has it. */
function seatsOf({ items }: SubscriptionFacts, price: string | null): number {
  const same = items.filter((item) => item.price === price);
  return (same.length > 0 ? same : items).reduce((sum, item) => sum + (item.quantity ?? 0), 0);
}
