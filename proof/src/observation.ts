import type { Observation } from '../../packages/engine/src/core/types.ts';

/** A subscription as the doubles of the proof show it: one item, and nothing else that a rule could read. */
export function observation(quantity: number | null, more: Partial<Observation> = {}): Observation {
  return {
    status: 'active',
    collectionMethod: 'charge_automatically',
    item:
      quantity === null
        ? null
        : { id: 'si_1', price: 'price_1', quantity, currentPeriodStart: null, currentPeriodEnd: null },
    otherItems: [],
    moreItems: false,
    cancelAt: null,
    cancelAtPeriodEnd: false,
    schedule: null,
    pausedCollection: null,
    pendingUpdate: null,
    latestInvoice: null,
    organization: null,
    ...more,
  };
}
