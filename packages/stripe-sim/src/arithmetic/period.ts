import type { Rational } from './rational.ts';
import { rational } from './rational.ts';

/** A billing period in unix seconds; `end` is the first second that no longer belongs to it. */
export type Period = {
  readonly start: number;
  readonly end: number;
};

/**
 * The part of the period that is left at `at`, in whole seconds and exactly, from 1 at the start to 0 at the end.
 * Throws a `RangeError` for a moment outside the period: Stripe refuses such a `proration_date`, and a fraction
 * above one or below zero would turn a credit into a charge.
 */
export function fractionLeft(period: Period, at: number): Rational {
  for (const second of [period.start, period.end, at]) {
    if (!Number.isSafeInteger(second)) throw new RangeError(`A moment is a whole unix second, not ${second}.`);
  }
  if (period.end <= period.start)
    throw new RangeError(`A period must end after it starts: ${period.start} to ${period.end}.`);
  if (at < period.start || at > period.end) {
    throw new RangeError(`The moment ${at} is outside the period ${period.start} to ${period.end}.`);
  }
  return rational(BigInt(period.end - at), BigInt(period.end - period.start));
}
