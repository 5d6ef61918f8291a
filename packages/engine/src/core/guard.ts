/** The guard: more seats, or more money, than may be bought within a day without an owner's approval. */
import { policy } from './policy.ts';
import { quantityFor } from './quantity-for.ts';
import { PriceNeeded } from './refusals.ts';
import type { Step } from './step.ts';
import type { Account, Price, SeatChange, Spent } from './types.ts';

/** Why a purchase needs an owner's approval; null: it does not. */
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
  if (price === undefined) throw new PriceNeeded(account.seatCount + seats);
  if (price === null || price.from !== from || price.target !== target) {
    return 'What it costs is not known for sure, and money is bounded here.';
  }
  return spent.amount + price.amount > amountPerDay
    ? `${spent.amount} were bought within a day and ${price.amount} more per period are asked for; ${amountPerDay} need no approval.`
    : null;
}

function spentToday(account: Account, now: number): Spent {
  const { spent } = account;
  return spent !== null && now - spent.since < policy.guardWindowMs ? spent : { since: now, seats: 0, amount: 0 };
}

/** Bought without anybody's approval, so it counts; what an owner approved does not use up what needs none. */
export function noteSpent(step: Step, change: SeatChange, sign: 1 | -1): void {
  const { account } = step;
  const seats = Math.max(change.seatsAfter - change.seatsBefore, 0);
  const guarded = account.terms.guard.seatsPerDay !== null || account.terms.guard.amountPerDay !== null;
  if (!guarded || change.asked !== null || seats === 0) return;
  const spent = spentToday(account, step.now);
  // What was bought before this day began was forgotten with that day.
  if (sign < 0 && change.requestedAt < spent.since) return;
  step.update({
    spent: {
      since: spent.since,
      seats: Math.max(spent.seats + sign * seats, 0),
      amount: Math.max(spent.amount + sign * Math.max(change.amount ?? 0, 0), 0),
    },
  });
}
