import type { Period } from './period.ts';
import { fractionLeft } from './period.ts';
import type { PricedBy } from './price-amount.ts';
import { fromInteger, multiply, negate } from './rational.ts';
import { roundCents } from './round-cents.ts';

/**
 * Something that was really debited for an item: one invoice line or one pending invoice item. Flexible billing gives
 * credit for these and for nothing else, which is what separates it from classic billing.
 */
export type TrackedDebit<P extends PricedBy = PricedBy> = {
  /** The id of the line or invoice item, so that a credit can name what it credits. */
  id: string;
  /** The whole cents that were debited, after discounts. Never negative. */
  amount: number;
  /** What the debit was made for; the credit line names it, also when the item has another price by then. */
  price: P;
  productName: string;
  quantity: number;
  /** The time that the debit pays for. */
  period: Period;
  /** Up to which second the debit still stands: `period.end` at first, earlier once a tail of it was credited. */
  standsUntil: number;
  /** The whole cents credited so far, as a positive number. */
  credited: number;
};

/** A debit as it is when it has just been made, with nothing of it credited. */
export function newDebit<P extends PricedBy>(
  made: Pick<TrackedDebit<P>, 'id' | 'amount' | 'price' | 'productName' | 'quantity' | 'period'>,
): TrackedDebit<P> {
  return { ...made, standsUntil: made.period.end, credited: 0 };
}

/** The credit of one debit for its unused tail, and the debit as it stands afterwards. */
export type DebitCredit<P extends PricedBy = PricedBy> = {
  /** Whole cents, zero or negative. */
  amount: number;
  /** The span that is given back. */
  period: Period;
  debit: TrackedDebit<P>;
};

/**
 * Gives back what is unused of one debit from `at` on; `undefined` when nothing of it is left after `at`.
 *
 * A tail can be credited in several steps (a later change dated before an earlier one). Rounding each step by itself
 * could add up to a cent more than was debited. So each step gives the rounded total for the whole tail less what was
 * given before: the first step is exactly the recorded rule, and all steps together can never exceed the debit.
 */
export function creditTail<P extends PricedBy>(debit: TrackedDebit<P>, at: number): DebitCredit<P> | undefined {
  const from = Math.max(at, debit.period.start);
  if (from >= debit.standsUntil) return undefined;
  const wholeTail = 0 - roundCents(negate(multiply(fromInteger(debit.amount), fractionLeft(debit.period, from))));
  const given = wholeTail - debit.credited;
  return {
    // Subtracting from zero, unlike negating, never gives -0, which strict equality would tell from 0.
    amount: 0 - given,
    period: { start: from, end: debit.standsUntil },
    debit: { ...debit, standsUntil: from, credited: wholeTail },
  };
}
