/**
 * How many seats an open change may buy: what it was accepted with, and what the changes before it were accepted with and do
 * not need after all. So all of them together never buy more than was accepted, whatever is refused or not needed meanwhile.
 */
import { isGuarded, noteSpent, unapprovedToday } from './guard.ts';
import { acceptedPurchase, boughtBy, type Counted, costOfOne, isUnapproved } from './purchase.ts';
import { type Step, waitingTakes } from './step.ts';
import type { SeatChange } from './types.ts';

/** What one fold may spend, while it goes through its batch. */
export class Allowances {
  readonly #step: Step;
  readonly #batch: ReadonlySet<string>;
  /** Left over by the changes of the batch that were counted so far. */
  #spare = 0;
  #ofToday = 0;

  constructor(step: Step, batch: readonly SeatChange[]) {
    this.#step = step;
    this.#batch = new Set(batch.map(({ id }) => id));
  }

  /** Seats that this change may buy. Infinity: a word about the number of seats that nobody bounds. */
  of(change: SeatChange): number {
    const own = acceptedPurchase(change) + this.#leftFor(change);
    if (change.setSeats === null) return own;
    if (!isGuarded(this.#step.account.terms) && isUnapproved(change)) return Number.POSITIVE_INFINITY;
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
    const { seatsPerDay, amountPerDay } = this.#step.account.terms.guard;
    // What more seats cost was asked of nobody, so where money is bounded there are none.
    if (!isUnapproved(change) || seatsPerDay === null || amountPerDay !== null) return 0;
    return Math.max(seatsPerDay - unapprovedToday(this.#step).seats - this.#ofToday, 0);
  }
}

/**
 * What was applied with less than it was accepted with leaves the rest to those that wait behind it and may have counted on
 * it. What it bought beyond that was lent by older usage that is tried alone, which has its seats by it now.
 */
export function handOn(step: Step, counted: readonly Counted[]): void {
  const sum = (kind: boolean, of: (one: Counted) => number) =>
    counted.reduce((total, one) => (isUnapproved(one.change) === kind ? total + of(one) : total), 0);
  const accepted = (one: Counted) => acceptedPurchase(one.change);
  const ofUnapproved = sum(true, accepted) - sum(true, boughtBy);
  const left = ofUnapproved + sum(false, accepted) - sum(false, boughtBy);
  if (left < 0) takeBack(step, counted, -left);
  if (left <= 0) return;
  const unapproved = Math.min(Math.max(ofUnapproved, 0), left);
  const spare = { unapproved, approved: left - unapproved };
  const first = Math.min(...counted.map(({ change }) => change.number));
  const made = new Set(counted.map(({ change }) => change.id));
  for (const change of step.waiting) {
    // What hangs on another change ends with that one, and a decrease for a date buys nothing.
    const buys = change.hangsOn === null && change.waitsUntil === null;
    if (!buys || made.has(change.id) || change.number < first) continue;
    const wanted = Math.min(mayLack(step, change), spare.unapproved + spare.approved);
    if (wanted <= 0) continue;
    const own = isUnapproved(change) ? 'unapproved' : 'approved';
    const other = isUnapproved(change) ? 'approved' : 'unapproved';
    const fromOwn = Math.min(wanted, spare[own]);
    spare[own] -= fromOwn;
    spare[other] -= wanted - fromOwn;
    // Nobody approved these, so they count, although the one that buys them was approved.
    if (own === 'approved') noteSpent(step, { seats: wanted - fromOwn, amount: costOfMore(change, wanted - fromOwn) });
    step.put(acceptedFor(change, acceptedPurchase(change) + wanted));
  }
}

/** Seats that it may turn out to need beyond what it was accepted with. */
function mayLack(step: Step, change: SeatChange): number {
  const { terms, settledSeats } = step.account;
  if (terms.guard.amountPerDay !== null && costOfOne(change) === null) return 0;
  if (change.setSeats === null) {
    const hanging = step.waiting.filter(({ hangsOn }) => hangsOn === change.id);
    return waitingTakes([change, ...hanging]) - Math.max(change.delta, 0);
  }
  return isGuarded(terms) || !isUnapproved(change) ? change.setSeats - settledSeats - acceptedPurchase(change) : 0;
}

/** Older usage that a set has bought seats for buys them no more, or it would lend them to every set behind it. */
function takeBack(step: Step, counted: readonly Counted[], lent: number): void {
  const set = counted.findLast(({ change }) => change.setSeats !== null)?.change;
  const made = new Set(counted.map(({ change }) => change.id));
  let left = lent;
  for (const change of step.waiting) {
    const lends = set !== undefined && change.number < set.number && change.setSeats === null && change.delta > 0;
    if (!lends || left === 0 || made.has(change.id)) continue;
    const given = Math.min(change.delta, left);
    left -= given;
    step.put(acceptedFor(change, change.delta - given));
  }
}

/** The same change, as if it had been accepted with so many seats to buy, at its own price. */
function acceptedFor(change: SeatChange, seats: number): SeatChange {
  const each = costOfOne(change);
  const amount = each === null ? null : Math.ceil(each * seats);
  return change.setSeats === null
    ? { ...change, delta: seats, amount }
    : { ...change, seatsBefore: change.setSeats - seats, amount };
}

function costOfMore(change: SeatChange, seats: number): number {
  return Math.ceil((costOfOne(change) ?? 0) * seats);
}
