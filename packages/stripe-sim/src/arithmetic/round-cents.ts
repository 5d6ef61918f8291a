import type { Rational } from './rational.ts';
import { ceil, rational, subtract } from './rational.ts';

const HALF = rational(1n, 2n);

/**
 * The whole cents that Stripe shows for an exact amount: the nearest one, and the lower of the two on a tie,
 * `ceil(x - 1/2)`. It is the only place in the simulator where money is rounded.
 *
 * Evidence. Fifteen amounts are known of which both the exact value and what Stripe returned can be told. Three are
 * exact ties: -2.5 became -3, 4.5 became 4, 7.5 became 7. They exclude "half away from zero" and "half to even".
 * Three are 24999.9968 (twice) and 19999.9087, which became 25000 and 20000: they exclude "round down". The others fit
 * every rule. `test/arithmetic/round-cents.test.ts` holds the values that tell rules apart, and which rules fail on them.
 *
 * Limits. The ties come from one account in one session, so an application must not depend on what happens at
 * exactly half a cent; the distance from the true value is half a cent at most under every rule that fits.
 *
 * Throws a `RangeError` when the result is beyond 2^53, where a JSON number would no longer be exact.
 */
export function roundCents(exact: Rational): number {
  const cents = ceil(subtract(exact, HALF));
  const amount = Number(cents);
  if (!Number.isSafeInteger(amount)) throw new RangeError(`An amount of ${cents} cents is too large to be exact.`);
  return amount;
}
