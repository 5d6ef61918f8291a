import { remainingTime, unusedTime } from './descriptions.ts';
import type { Period } from './period.ts';
import { fractionLeft } from './period.ts';
import type { PricedBy } from './price-amount.ts';
import { amountFor } from './price-amount.ts';
import { multiply, negate } from './rational.ts';
import { roundCents } from './round-cents.ts';
import type { TrackedDebit } from './tracked-debit.ts';
import { creditTail } from './tracked-debit.ts';

/** One side of a change: an item as it is before or after it. */
export type ProratedItem<P extends PricedBy = PricedBy> = {
  price: P;
  productName: string;
  quantity: number;
  /** The item's billing period. Before and after differ when the change moves to another interval. */
  period: Period;
};

/**
 * What a credit is computed from.
 *
 * `classic` trusts the item as it stands now, paid for or not. `flexible` gives back what was debited: `debits` are
 * the debits of this item that have something left, in the order in which they were made.
 */
export type CreditBasis<P extends PricedBy = PricedBy> =
  | { mode: 'classic' }
  | { mode: 'flexible'; debits: readonly TrackedDebit<P>[] };

/** One line of a proration. `amount` is whole cents: zero or negative for a credit, zero or positive for a debit. */
export type ProrationLine<P extends PricedBy = PricedBy> = {
  kind: 'credit' | 'debit';
  amount: number;
  quantity: number;
  description: string;
  period: Period;
  price: P;
  /** Flexible billing only: the id of the debit that this line credits. */
  creditedDebit?: string;
};

/** The lines of one item's change, credits before debits as Stripe lists them, and the debits as they stand after it. */
export type Proration<P extends PricedBy = PricedBy> = {
  lines: ProrationLine<P>[];
  /**
   * The debits passed in, with the credits of this proration taken off. The caller adds the new debit line once it
   * has an id. Empty in classic mode, which does not track.
   */
  debitsAfter: TrackedDebit<P>[];
};

/**
 * Prorates one item at the second `at`. The item is always re-prorated whole and never by its difference: one seat
 * to three credits one old seat and debits three new ones [recorded]. Each line is rounded by itself.
 *
 * `before` is undefined for an item that is being added, `after` for one that is being removed. Flexible billing does
 * not look at `before`: what the item costs now says nothing about what was paid for it.
 */
export function prorate<P extends PricedBy>(change: {
  before?: ProratedItem<P> | undefined;
  after?: ProratedItem<P> | undefined;
  at: number;
  basis: CreditBasis<P>;
}): Proration<P> {
  const { before, after, at, basis } = change;
  const credits = creditLines(before, at, basis);
  const debits = after === undefined ? [] : [debitLine(after, at)];
  return { lines: [...credits.lines, ...debits], debitsAfter: credits.debitsAfter };
}

/** What the lines come to, in whole cents: each line was rounded on its own, the sum is not rounded again. */
export function totalOf(lines: readonly { amount: number }[]): number {
  return lines.reduce((sum, line) => sum + line.amount, 0);
}

function debitLine<P extends PricedBy>(item: ProratedItem<P>, at: number): ProrationLine<P> {
  const exact = multiply(fractionLeft(item.period, at), amountFor(item.price, item.quantity));
  return {
    kind: 'debit',
    amount: roundCents(exact),
    quantity: item.quantity,
    description: remainingTime(item.productName, item.quantity, at),
    period: { start: at, end: item.period.end },
    price: item.price,
  };
}

function creditLines<P extends PricedBy>(
  before: ProratedItem<P> | undefined,
  at: number,
  basis: CreditBasis<P>,
): Proration<P> {
  if (basis.mode === 'flexible') return flexibleCredits(basis.debits, at);
  return { lines: before === undefined ? [] : [classicCredit(before, at)], debitsAfter: [] };
}

function classicCredit<P extends PricedBy>(item: ProratedItem<P>, at: number): ProrationLine<P> {
  const exact = negate(multiply(fractionLeft(item.period, at), amountFor(item.price, item.quantity)));
  return {
    kind: 'credit',
    amount: roundCents(exact),
    quantity: item.quantity,
    description: unusedTime(item.productName, item.quantity, at),
    period: { start: at, end: item.period.end },
    price: item.price,
  };
}

/** One credit line for each debit that has time left. A debit of zero cents also gets its line, of zero cents. */
function flexibleCredits<P extends PricedBy>(debits: readonly TrackedDebit<P>[], at: number): Proration<P> {
  const lines: ProrationLine<P>[] = [];
  const debitsAfter: TrackedDebit<P>[] = [];
  for (const debit of debits) {
    const credit = creditTail(debit, at);
    debitsAfter.push(credit?.debit ?? debit);
    if (credit === undefined) continue;
    lines.push({
      kind: 'credit',
      amount: credit.amount,
      quantity: debit.quantity,
      description: unusedTime(debit.productName, debit.quantity, at),
      period: credit.period,
      price: debit.price,
      creditedDebit: debit.id,
    });
  }
  return { lines, debitsAfter };
}
