/** The guard: more seats, or more money, than may be bought within any 24 hours without an owner's approval. */
import { policy } from './policy.ts';
import { acceptedPurchase, boughtBy, type Counted, costOf, countedFor, isUnapproved } from './purchase.ts';
import { quantityFor } from './quantity-for.ts';
import { PriceNeeded } from './refusals.ts';
import type { Step } from './step.ts';
import type { Account, Price, SeatChange, SpentSlot, Terms } from './types.ts';

interface Bought {
  readonly seats: number;
  /** Per period, in the smallest unit of the currency. */
  readonly amount: number;
}

/** Whether anything bounds what may be bought without an approval. */
export function isGuarded({ guard }: Terms): boolean {
  return guard.seatsPerDay !== null || guard.amountPerDay !== null;
}

/**
 * Why a purchase needs an owner's approval; null: it does not. What is open counts with what it may buy, and what was
 * applied with what it bought, so nothing is to be given back when a change is refused.
 *
 * @throws PriceNeeded where money is bounded and what this purchase costs is not known: it was not asked yet, or was asked
 * for other counts, because somebody else's purchase came between. A `price` of null was asked for in vain.
 */
export function overGuard(step: Step, seats: number, price: Price | null | undefined): string | null {
  const { account } = step;
  const { seatsPerDay, amountPerDay } = account.terms.guard;
  if (!isGuarded(account.terms)) return null;
  const spent = unapprovedToday(step);
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

/** Bought in the last 24 hours without an approval, and what is open and may still be bought so. */
export function unapprovedToday(step: Step): Bought {
  const { push } = step.account;
  const carried = new Set(push?.changes);
  const open = step.waiting.filter(isUnapproved);
  const accepted = (changes: readonly SeatChange[]) => sumOf(changes.map(asAccepted));
  const waits = accepted(open.filter(({ id }) => !carried.has(id)));
  // What is on its way may buy more than it was accepted with, where others were refused before it; and should it be
  // refused itself, it may still buy what it was accepted with.
  const sent = push === null ? nothing : beyondApproved(countedFor(step, push));
  const asked = accepted(open.filter(({ id }) => carried.has(id)));
  return sumOf([...slotsOfToday(step.account, step.now), waits, sent.seats > asked.seats ? sent : asked]);
}

const nothing: Bought = { seats: 0, amount: 0 };

function asAccepted(change: SeatChange): Bought {
  return { seats: acceptedPurchase(change), amount: Math.max(change.amount ?? 0, 0) };
}

function asBought(counted: Counted): Bought {
  return { seats: boughtBy(counted), amount: Math.max(costOf(counted) ?? 0, 0) };
}

/** What these changes buy together beyond what owners approved. What one of them buys and another gives back is bought by nobody. */
function beyondApproved(counted: readonly Counted[]): Bought {
  const bought = sumOf(counted.map(asBought));
  const approved = counted.reduce(
    (sum, { change }) => (isUnapproved(change) ? sum : sum + acceptedPurchase(change)),
    0,
  );
  const net = counted.reduce((sum, { from, seats }) => sum + seats - from, 0);
  const seats = Math.min(Math.max(bought.seats - approved, 0), Math.max(net, 0));
  return seats === 0 ? nothing : { seats, amount: Math.ceil((bought.amount * seats) / bought.seats) };
}

function sumOf(bought: readonly Bought[]): Bought {
  return bought.reduce((sum, one) => ({ seats: sum.seats + one.seats, amount: sum.amount + one.amount }), {
    seats: 0,
    amount: 0,
  });
}

/** A slot counts until all of it is a day old: what is not known to the minute is taken for younger, never for older. */
function slotsOfToday({ spent }: Account, now: number): readonly SpentSlot[] {
  return (spent?.slots ?? []).filter(({ at }) => at + policy.guardSlotMs > now - policy.guardWindowMs);
}

/** What these changes bought together without anybody's approval; what an owner approved does not use up what needs none. */
export function noteBought(step: Step, counted: readonly Counted[]): void {
  noteSpent(step, beyondApproved(counted));
}

/** Counts for a day from now. */
export function noteSpent(step: Step, { seats, amount }: Bought): void {
  if (!isGuarded(step.account.terms) || seats === 0) return;
  const at = Math.floor(step.now / policy.guardSlotMs) * policy.guardSlotMs;
  const slots = slotsOfToday(step.account, step.now);
  const present = slots.find((slot) => slot.at === at);
  const added = { at, seats: (present?.seats ?? 0) + seats, amount: (present?.amount ?? 0) + amount };
  step.update({ spent: { slots: [...slots.filter((slot) => slot !== present), added] } });
}
