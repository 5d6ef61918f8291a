/**
 * When and how a change is billed: the host's policy, and what becomes of it on the subscription at hand.
 * https://docs.stripe.com/billing/subscriptions/prorations and https://docs.stripe.com/billing/subscriptions/pending-updates
 */
import type { Account, BillingBehavior, OpenPush, Terms } from './types.ts';

/** What one push asks of Stripe. `paymentBehavior` null: not said, because Stripe has nothing to act on. */
export interface AskedBehavior {
  readonly prorationBehavior: BillingBehavior['prorationBehavior'];
  readonly paymentBehavior: BillingBehavior['paymentBehavior'] | null;
}

/** Terms that contradict themselves: they would be taken, and mean something else than they say. */
export interface Contradiction {
  readonly field: string;
  readonly message: string;
}

/** The first contradiction in these terms; null: they mean what they say. */
export function contradictionIn(terms: Terms): Contradiction | null {
  for (const direction of ['increase', 'decrease'] as const) {
    const { prorationBehavior, paymentBehavior } = terms[direction];
    // Only an invoice can be paid, and only `always_invoice` makes one: the seats would be given out unpaid.
    if (paymentBehavior !== 'allow_incomplete' && prorationBehavior !== 'always_invoice') {
      return {
        field: `terms.${direction}.paymentBehavior`,
        message:
          `${paymentBehavior} acts on the invoice of the change, and ${prorationBehavior} makes none. ` +
          'Use it with prorationBehavior always_invoice, or use allow_incomplete.',
      };
    }
  }
  if (terms.decrease.when === 'period_end' && terms.mode === 'follow') {
    return {
      field: 'terms.decrease.when',
      message: 'Billing that follows use shrinks with it. Decreases at the end of a period need mode prepaid.',
    };
  }
  if (terms.maxWaitMs < terms.settleMs) {
    return {
      field: 'terms.maxWaitMs',
      message: 'maxWaitMs bounds the wait that settleMs begins, so it cannot be the shorter one.',
    };
  }
  return null;
}

/** The seats are given out only when they are paid for. */
export function paidFirst(behavior: BillingBehavior): boolean {
  return (
    behavior.prorationBehavior === 'always_invoice' &&
    (behavior.paymentBehavior === 'pending_if_incomplete' || behavior.paymentBehavior === 'error_if_incomplete')
  );
}

/**
 * What a push from one quantity to another asks of Stripe. An invoice that is sent is paid in days, not in the call: Stripe
 * takes no `payment_behavior` there, and a change that waited for a payment would never come. So it is granted on request,
 * and its invoice is sent.
 */
export function behaviorFor(
  account: Account,
  quantity: { readonly from: number; readonly target: number },
  origin: OpenPush['origin'],
): AskedBehavior {
  const { terms, observed } = account;
  const { prorationBehavior, paymentBehavior } = quantity.target > quantity.from ? terms.increase : terms.decrease;
  if (observed?.collectionMethod === 'send_invoice') return { prorationBehavior, paymentBehavior: null };
  // What takes a write back, or follows a person's word or new terms, must not fail on a card: nobody is there to choose another.
  return { prorationBehavior, paymentBehavior: origin === 'changes' ? paymentBehavior : 'allow_incomplete' };
}
