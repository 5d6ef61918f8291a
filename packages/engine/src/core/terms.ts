import type { Terms } from './types.ts';

/** Prepaid, prorated at the next invoice, granted on request: Stripe's own defaults for a quantity. */
export const defaultTerms: Terms = {
  mode: 'prepaid',
  minimumSeats: 0,
  maximumSeats: null,
  includedSeats: 0,
  minimumQuantity: 0,
  increase: { prorationBehavior: 'create_prorations', paymentBehavior: 'allow_incomplete' },
  onForeignChange: {},
  decrease: { prorationBehavior: 'create_prorations', paymentBehavior: 'allow_incomplete', when: 'now' },
  settleMs: 0,
  maxWaitMs: 0,
  guard: { seatsPerDay: null, amountPerDay: null },
};
