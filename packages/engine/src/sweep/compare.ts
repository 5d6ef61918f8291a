import { quantityFor } from '../core/quantity-for.ts';
import type { LinkedAccount } from '../store/sweeps.ts';
import type { SubscriptionFacts } from '../stripe/read-subscription.ts';

/** An account that may differ from what Stripe shows. */
export interface Suspect {
  readonly account: LinkedAccount;
  /** What the list showed; null: not the item that it is billed by. */
  readonly quantity: number | null;
}

/** What one page of Stripe's list and the accounts that belong to it say about each other. */
export interface Comparison {
  /** Linked subscriptions that were listed. */
  readonly listed: readonly string[];
  /** Accounts that are to be read once by themselves: a list is a picture of some moment before now. */
  readonly suspects: readonly Suspect[];
  /** Subscriptions that no account has. */
  readonly unlinked: readonly SubscriptionFacts[];
}

/** Pure. Where nothing drifted it asks nobody for anything. */
export function comparePage(
  subscriptions: readonly SubscriptionFacts[],
  accounts: readonly LinkedAccount[],
): Comparison {
  const bySubscription = new Map<string, LinkedAccount[]>();
  for (const account of accounts) {
    const known = bySubscription.get(account.subscription);
    if (known) known.push(account);
    else bySubscription.set(account.subscription, [account]);
  }
  const listed: string[] = [];
  const suspects: Suspect[] = [];
  const unlinked: SubscriptionFacts[] = [];
  for (const subscription of subscriptions) {
    const linked = bySubscription.get(subscription.id) ?? [];
    if (linked.length === 0) unlinked.push(subscription);
    else listed.push(subscription.id);
    for (const account of linked) {
      // An item may be beyond what the list shows of a long subscription; reading it alone tells.
      const quantity = subscription.items.find(({ id }) => id === account.item)?.quantity ?? null;
      if (isSuspect(account, quantity)) suspects.push({ account, quantity });
    }
  }
  return { listed, suspects, unlinked };
}

function isSuspect(account: LinkedAccount, quantity: number | null): boolean {
  if (account.ended || account.pushing) return false;
  if (account.heldAt !== undefined) return account.heldAt !== quantity;
  return quantity !== quantityFor(account.settledSeats, account.terms);
}
