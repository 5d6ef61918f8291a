/**
 * How many seats an open change may buy: what it was accepted with, and what the changes before it were accepted with and do
 * not need after all. So all of them together never buy more than was accepted, whatever is refused or not needed meanwhile.
 */
import { unapprovedToday } from './guard.ts';
import { acceptedPurchase, boughtBy, type Counted, costOfOne, isUnapproved } from './purchase.ts';
import type { Step } from './step.ts';
import type { SeatChange } from './types.ts';

/** What one fold may spend, while it goes through its batch. */
export class Allowances {
  readonly #step: Step;
  readonly #batch: ReadonlySet<string>;
  readonly #guarded: boolean;
  /** Left over by the changes of the batch that were counted so far. */
  #spare = 0;
  #ofToday = 0;

  constructor(step: Step, batch: readonly SeatChange[]) {
    const { seatsPerDay, amountPerDay } = step.account.terms.guard;
    this.#step = step;
    this.#batch = new Set(batch.map(({ id }) => id));
    this.#guarded = seatsPerDay !== null || amountPerDay !== null;
  }

  /** Seats that this change may buy. Infinity: a word about the number of seats that nobody bounds. */
  of(change: SeatChange): number {
    const own = acceptedPurchase(change) + this.#leftFor(change);
    if (change.setSeats === null) return own;
    if (!this.#guarded && isUnapproved(change)) return Number.POSITIVE_INFINITY;
    return own + this.#besides(change) + this.#today(change);
  }

  /** It is made, so what it does not need is there for those behind it, and what it needs beyond its own is not. */
  use(counted: Counted): void {
    this.#spare += acceptedPurchase(counted.change) - boughtBy(counted);
    if (this.#spare >= 0) return;
    this.#ofToday -= this.#spare;
    this.#spare = 0;
  }

  #leftFor(change: SeatChange): number {
    // What a seat costs is known of its own purchase only.
    return this.#step.account.terms.guard.amountPerDay !== null && costOfOne(change) === null ? 0 : this.#spare;
  }

  /**
   * Accepted for older usage outside of the batch, which is tried alone. A word about the number of seats was counted from
   * behind it, and leaves seats for it.
   */
  #besides(change: SeatChange): number {
    return this.#step.waiting
      .filter((other) => other.number < change.number && !this.#batch.has(other.id))
      .reduce((seats, other) => seats + acceptedPurchase(other), 0);
  }

  /** What the guard would let through now, besides all that is open. What an owner approved was so many and no more. */
  #today(change: SeatChange): number {
    if (!isUnapproved(change)) return 0;
    const { seatsPerDay, amountPerDay } = this.#step.account.terms.guard;
    const today = unapprovedToday(this.#step);
    const ofSeats = seatsPerDay === null ? Number.POSITIVE_INFINITY : seatsPerDay - today.seats;
    const ofMoney =
      amountPerDay === null ? Number.POSITIVE_INFINITY : this.#affordable(change, amountPerDay - today.amount);
    return Math.max(Math.min(ofSeats, ofMoney) - this.#ofToday, 0);
  }

  #affordable(change: SeatChange, money: number): number {
    const each = costOfOne(change);
    return each === null ? 0 : Math.floor(money / each);
  }
}

/**
 * What is seated already ends by itself. What it was accepted with and did not need goes to those of the rest that count on
 * it, or it would be gone should they be counted again.
 */
export function handOn(step: Step, seated: readonly Counted[], rest: readonly Counted[]): Counted[] {
  let left = seated.reduce((sum, { change }) => sum + acceptedPurchase(change), 0);
  return rest.map((one) => {
    const { change } = one;
    const taken = change.setSeats === null ? Math.min(boughtBy(one) - acceptedPurchase(change), left) : 0;
    if (taken <= 0) return one;
    left -= taken;
    const richer = { ...change, delta: change.delta + taken };
    step.put(richer);
    return { ...one, change: richer };
  });
}
