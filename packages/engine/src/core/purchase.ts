/** What a change may buy, as it was counted when it was accepted. */
import type { Step } from './step.ts';
import type { OpenPush, SeatChange } from './types.ts';

/** A change as it was counted for one fold, and the seats before and after it. */
export interface Counted {
  readonly change: SeatChange;
  readonly from: number;
  readonly seats: number;
}

/** Seats that it was accepted to buy; of one that an owner approved, as many as were approved. */
export function acceptedPurchase({ setSeats, delta, seatsBefore, seatsAfter }: SeatChange): number {
  return Math.max(setSeats === null ? delta : seatsAfter - seatsBefore, 0);
}

/** It needed no approval, so the guard counts it. */
export function isUnapproved({ asked }: SeatChange): boolean {
  return asked === null;
}

/** What one of its seats costs in each period; null: not known of it. */
export function costOfOne(change: SeatChange): number | null {
  const seats = acceptedPurchase(change);
  return change.amount === null || seats === 0 ? null : Math.max(change.amount, 0) / seats;
}

export function boughtBy({ from, seats }: Counted): number {
  return Math.max(seats - from, 0);
}

/** What it costs more in each period to buy so many, and not as many as were accepted; null: not known. */
export function costOf(counted: Counted): number | null {
  const { change } = counted;
  const seats = boughtBy(counted);
  if (change.amount === null || seats === acceptedPurchase(change)) return change.amount;
  const each = costOfOne(change);
  return each === null ? null : Math.ceil(each * seats);
}

/** The changes of a push as they were counted for it. */
export function countedFor(step: Step, push: OpenPush): Counted[] {
  let from = push.from.seats;
  return step.carriedBy(push).map((change) => {
    const before = from;
    from = push.counts?.[push.changes.indexOf(change.id)] ?? change.setSeats ?? before + change.delta;
    return { change, from: before, seats: from };
  });
}
