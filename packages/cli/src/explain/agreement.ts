import { quantityFor } from 'seatbelt/operator';
import type { Facts } from './facts.ts';

/**
 * How the two sides stand to each other.
 * `agree`: at rest and equal. `open`: a change is on its way, so a difference is no fault. `differ`: at rest and not
 * equal, or held. `unknown`: Stripe could not be read. `unbilled`: there is no subscription that would bill it.
 */
export type Agreement = 'agree' | 'open' | 'differ' | 'unknown' | 'unbilled';

export function agreementOf({ state, stripe }: Facts): Agreement {
  const { account } = state;
  if (account.link === null || account.status === 'ended') return 'unbilled';
  if (account.push !== null && account.hold === null) return 'open';
  if (!stripe.known) return 'unknown';
  return stripe.quantity === billedQuantity(state) ? 'agree' : 'differ';
}

/** What Stripe is to show for the seats that were settled last. */
export function billedQuantity(state: Facts['state']): number {
  return quantityFor(state.account.settledSeats, state.account.terms);
}
