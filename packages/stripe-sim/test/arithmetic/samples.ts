import type Stripe from 'stripe';
import type { Period, PricedBy, PricedTier, TrackedDebit } from '../../src/arithmetic/index.ts';
import { newDebit } from '../../src/arithmetic/index.ts';

/** The compiler is the test here: the SDK's own price is accepted as it is. */
export const pricedByStripe = (price: Stripe.Price): PricedBy => price;

/** A per-unit price in cents. */
export function perUnit(unitAmount: number): PricedBy {
  return {
    billing_scheme: 'per_unit',
    unit_amount: unitAmount,
    unit_amount_decimal: String(unitAmount),
    tiers_mode: null,
    transform_quantity: null,
  };
}

/** A per-unit price that is no whole number of cents. */
export function perUnitDecimal(cents: string): PricedBy {
  return { ...perUnit(0), unit_amount: null, unit_amount_decimal: cents };
}

/** A price per package of `divideBy` units. */
export function perPackage(unitAmount: number, divideBy: number, round: 'up' | 'down'): PricedBy {
  return { ...perUnit(unitAmount), transform_quantity: { divide_by: divideBy, round } };
}

/** A tiered price from rows of `[up_to, unit_amount, flat_amount]`. */
export function tiered(
  mode: 'graduated' | 'volume',
  rows: readonly (readonly [upTo: number | null, unitAmount: number | null, flatAmount?: number])[],
): PricedBy {
  const tiers = rows.map(
    ([upTo, unitAmount, flatAmount]): PricedTier => ({
      up_to: upTo,
      unit_amount: unitAmount,
      unit_amount_decimal: unitAmount === null ? null : String(unitAmount),
      flat_amount: flatAmount ?? null,
      flat_amount_decimal: flatAmount === undefined ? null : String(flatAmount),
    }),
  );
  return {
    billing_scheme: 'tiered',
    unit_amount: null,
    unit_amount_decimal: null,
    tiers,
    tiers_mode: mode,
    transform_quantity: null,
  };
}

/** A month of 30 days that starts on 10 Nov 2025. */
export const MONTH: Period = { start: 1762732800, end: 1762732800 + 30 * 86_400 };

/** A debit for a whole period. */
export function paidFor(price: PricedBy, amount: number, quantity: number, period: Period = MONTH): TrackedDebit {
  return newDebit({
    id: `il_${quantity}_${amount}`,
    amount,
    price,
    productName: 'Team seat',
    quantity,
    period,
  });
}
