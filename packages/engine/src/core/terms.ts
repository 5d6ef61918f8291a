import type { Terms, TermsInput } from './types.ts';

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

/** `named` over `base`, field by field. What comes of it may contradict itself (`contradictionIn`). */
export function mergedTerms(base: Terms, named: TermsInput): Terms {
  const { increase, decrease, guard } = named;
  return {
    ...base,
    ...named,
    increase: { ...base.increase, ...increase },
    decrease: { ...base.decrease, ...decrease },
    guard: { ...base.guard, ...guard },
  };
}
