/** Who changes things: an API call, a person in the dashboard or portal, or Stripe's own clockwork. */
export type Hand = 'api' | 'dashboard' | 'portal' | 'stripe';

/** What an event's `request` names, and what the quantity history and the ledger keep. */
export interface Cause {
  requestId: string | null;
  key: string | null;
  by: Hand;
}

export const stripeItself: Cause = { requestId: null, key: null, by: 'stripe' };
