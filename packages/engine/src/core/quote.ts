/** What a price that was shown depends on. A confirmed quote is good only while all of it stands. */
import type { Account, Observation, SeatChange } from './types.ts';

/** Our side of it, as canonical text: counts, terms, and what is scheduled. */
export function quotedState(account: Account, parked: readonly SeatChange[]): string {
  const { seatCount, settledSeats, terms, link } = account;
  return JSON.stringify([
    seatCount,
    settledSeats,
    link?.item ?? null,
    terms.includedSeats,
    terms.minimumQuantity,
    [terms.increase.prorationBehavior, terms.increase.paymentBehavior],
    [terms.decrease.prorationBehavior, terms.decrease.paymentBehavior, terms.decrease.when],
    parked.flatMap((change) => (change.status === 'scheduled' ? [change.id] : [])),
  ]);
}

/** Stripe's side of it, as canonical text: quantity, price, period, schedule and pending update. */
export function quotedObservation(observation: Observation): string {
  const { item, otherItems, pendingUpdate } = observation;
  return JSON.stringify([
    observation.status,
    observation.collectionMethod,
    observation.schedule,
    observation.cancelAt,
    observation.pausedCollection,
    item && [item.id, item.price, item.quantity, item.currentPeriodStart, item.currentPeriodEnd],
    otherItems.map(({ id, price, quantity }) => [id, price, quantity]),
    pendingUpdate && [
      pendingUpdate.expiresAt,
      pendingUpdate.items.map(({ id, price, quantity }) => [id, price, quantity]),
    ],
  ]);
}
