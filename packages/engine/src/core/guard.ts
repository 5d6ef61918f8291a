/** The guard: more seats, or more money, than may be bought within any 24 hours without an owner's approval. */
import { policy } from './policy.ts';
import { quantityFor } from './quantity-for.ts';
import { PriceNeeded } from './refusals.ts';
import type { Step } from './step.ts';
import type { Account, Price, SeatChange, SpentSlot } from './types.ts';

/**
 * Why a purchase needs an owner's approval; null: it does not.
 *
 * @throws PriceNeeded where money is bounded and what this purchase costs is not known: it was not asked yet, or was asked
 * for other counts, because somebody else's purchase came between. A `price` of null was asked for in vain.
 */
export function overGuard(
  account: Account,
  seats: number,
  price: Price | null | undefined,
  now: number,
): string | null {
  const { seatsPerDay, amountPerDay } = account.terms.guard;
  const spent = spentToday(account, now);
  if (seatsPerDay !== null && spent.seats + seats > seatsPerDay) {
    return `${spent.seats} seats were bought within a day and ${seats} more are asked for; ${seatsPerDay} need no approval.`;
  }
  if (amountPerDay === null) return null;
  const target = quantityFor(account.seatCount + seats, account.terms);
  const from = quantityFor(account.seatCount, account.terms);
  if (target === from) return null;
  if (price === null) return 'What it costs is not known for sure, and money is bounded here.';
  if (price === undefined || price.from !== from || price.target !== target) {
    throw new PriceNeeded(account.seatCount + seats);
  }
  return spent.amount + price.amount > amountPerDay
    ? `${spent.amount} were bought within a day and ${price.amount} more per period are asked for; ${amountPerDay} need no approval.`
    : null;
}

/** What was bought in the last 24 hours. */
function spentToday(account: Account, now: number): { readonly seats: number; readonly amount: number } {
  const slots = slotsOfToday(account, now);
  return {
    seats: slots.reduce((sum, slot) => sum + slot.seats, 0),
    amount: slots.reduce((sum, slot) => sum + slot.amount, 0),
  };
}

/** A slot counts until all of it is a day old: what is not known to the minute is taken for younger, never for older. */
function slotsOfToday({ spent }: Account, now: number): readonly SpentSlot[] {
  return (spent?.slots ?? []).filter(({ at }) => at + policy.guardSlotMs > now - policy.guardWindowMs);
}

/** Bought without anybody's approval, so it counts; what an owner approved does not use up what needs none. */
export function noteSpent(step: Step, change: SeatChange, sign: 1 | -1): void {
  const { account } = step;
  const seats = boughtBy(change);
  const guarded = account.terms.guard.seatsPerDay !== null || account.terms.guard.amountPerDay !== null;
  if (!guarded || change.asked !== null || seats === 0) return;
  const slots = slotsOfToday(account, step.now);
  const at = Math.floor(change.requestedAt / policy.guardSlotMs) * policy.guardSlotMs;
  const present = slots.find((slot) => slot.at === at);
  // What was bought more than a day ago, or before there was a guard, is not counted, and so it is not given back.
  if (sign < 0 && present === undefined) return;
  const counted = {
    at,
    seats: Math.max((present?.seats ?? 0) + sign * seats, 0),
    amount: Math.max((present?.amount ?? 0) + sign * Math.max(change.amount ?? 0, 0), 0),
  };
  const others = slots.filter((slot) => slot !== present);
  const kept = counted.seats === 0 && counted.amount === 0 ? others : [...others, counted];
  step.update({ spent: kept.length === 0 ? null : { slots: kept } });
}

/**
 * A later word about the number of seats took the place of a change that is rolled back, and was counted from there. From
 * here on it begins where the rest leaves it, and what it buys from there is what counts.
 */
export function countAnew(step: Step, ended: SeatChange): void {
  const { guard } = step.account.terms;
  if (guard.seatsPerDay === null && guard.amountPerDay === null) return;
  let seats = step.account.settledSeats;
  for (const change of step.waiting) {
    const seatsBefore = seats;
    seats = change.setSeats ?? seats + change.delta;
    if (change.setSeats === null || change.number < ended.number) continue;
    // What was refused together ends together, and gives back what it counted by itself.
    if (change.push !== null && change.push === ended.push) continue;
    if (seatsBefore === change.seatsBefore) continue;
    recount(step, change, { ...change, seatsBefore }, amountOfOne(change) ?? amountOfOne(ended));
  }
}

/**
 * A purchase that begins at another count than when it was asked for: usage buys only what is missing there, and of a word
 * about the number of seats the guard counts what it buys from there.
 */
export function countFrom(step: Step, change: SeatChange, from: number, next: number): SeatChange {
  const { guard } = step.account.terms;
  const guarded = guard.seatsPerDay !== null || guard.amountPerDay !== null;
  const bought = Math.max(next - from, 0);
  const counted = change.setSeats === null ? change.delta === next - from : !guarded || boughtBy(change) === bought;
  if (counted) return change;
  const delta = change.setSeats === null ? next - from : change.delta;
  return recount(step, change, { ...change, delta, seatsBefore: from, seatsAfter: next }, amountOfOne(change));
}

/** `each`: what one seat costs in each period; null: not known, and then neither is what more of them cost. */
function recount(step: Step, change: SeatChange, anew: SeatChange, each: number | null): SeatChange {
  const known = boughtBy(anew) > boughtBy(change) ? null : change.amount;
  const counted = { ...anew, amount: each === null ? known : Math.ceil(each * boughtBy(anew)) };
  noteSpent(step, change, -1);
  step.put(counted);
  noteSpent(step, counted, 1);
  return counted;
}

/**
 * A word about the number of seats buys more than the guard let through: what it was counted from was approved and is not
 * made after all, or the guard came later. Usage buys what it was let through with, or less.
 */
export function outgrewGuard(step: Step, change: SeatChange, from: number): boolean {
  const { guard } = step.account.terms;
  const { setSeats, asked, amount } = change;
  if (setSeats === null || asked !== null || setSeats <= from) return false;
  const spent = spentToday(step.account, step.now);
  // By itself as well: what has waited for more than a day is not among what was bought today.
  const over = (limit: number | null, ...bought: number[]) => limit !== null && Math.max(...bought) > limit;
  if (over(guard.seatsPerDay, spent.seats, setSeats - from)) return true;
  const costs = quantityFor(setSeats, step.account.terms) !== quantityFor(from, step.account.terms);
  return costs && over(guard.amountPerDay, spent.amount, amount ?? Number.POSITIVE_INFINITY);
}

function boughtBy(change: SeatChange): number {
  return Math.max(change.seatsAfter - change.seatsBefore, 0);
}

/** What one seat of it costs in each period; null: not known of it. */
function amountOfOne(change: SeatChange): number | null {
  const seats = boughtBy(change);
  return change.amount === null || seats === 0 ? null : Math.max(change.amount, 0) / seats;
}
