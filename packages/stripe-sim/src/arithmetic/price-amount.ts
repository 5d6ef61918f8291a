import type { DecimalLike, Rational } from './rational.ts';
import { add, ceil, floor, fromDecimal, fromInteger, multiply, rational, ZERO } from './rational.ts';

/** One tier of a tiered price. `up_to` is inclusive; `null` means without end and is allowed on the last tier only. */
export type PricedTier = {
  up_to: number | null;
  unit_amount: number | null;
  unit_amount_decimal: DecimalLike | null;
  flat_amount: number | null;
  flat_amount_decimal: DecimalLike | null;
};

/**
 * What has to be known of a price to say what a quantity costs. `Stripe.Price` satisfies it as it is, both with the
 * decimal strings of the wire and with the `Decimal` objects that the SDK makes of them.
 */
export type PricedBy = {
  billing_scheme: string;
  unit_amount: number | null;
  unit_amount_decimal: DecimalLike | null;
  tiers?: readonly PricedTier[];
  tiers_mode: string | null;
  transform_quantity: { divide_by: number; round: string } | null;
};

/**
 * What `quantity` units cost for one whole period, in exact cents. Nothing is rounded here: `unit_amount_decimal`
 * may hold twelve decimal places and a proration multiplies by a fraction of the period before anything is rounded.
 *
 * Throws a `RangeError` for a quantity that is not a whole number from zero up, and for a price that its own scheme
 * cannot evaluate (no amount, no tiers, a quantity above the last tier).
 */
export function amountFor(price: PricedBy, quantity: number): Rational {
  if (!Number.isSafeInteger(quantity) || quantity < 0) {
    throw new RangeError(`A quantity is a whole number from 0 up, not ${quantity}.`);
  }
  switch (price.billing_scheme) {
    case 'per_unit':
      return multiply(unitAmount(price), packagesIn(price, quantity));
    case 'tiered':
      return tieredAmount(price, quantity);
    default:
      throw new RangeError(`Unknown billing_scheme: ${JSON.stringify(price.billing_scheme)}`);
  }
}

/** One tier's part of a graduated amount; `tier` counts from 1, as in Stripe's line text "Tier 1 at $18.00". */
export type TierPart = {
  tier: number;
  quantity: number;
  unitAmount: Rational;
  flatAmount: Rational;
  amount: Rational;
};

/**
 * The tiers that a quantity falls into, in order, with what each costs. A graduated price gives one part for every
 * tier reached; a volume price gives the single tier that the total quantity picks.
 */
export function tierParts(price: PricedBy, quantity: number): TierPart[] {
  const tiers = price.tiers ?? [];
  if (tiers.length === 0) throw new RangeError('A tiered price needs at least one tier.');
  switch (price.tiers_mode) {
    case 'graduated':
      return graduatedParts(tiers, quantity);
    case 'volume':
      return [volumePart(tiers, quantity)];
    default:
      throw new RangeError(`Unknown tiers_mode: ${JSON.stringify(price.tiers_mode)}`);
  }
}

function tieredAmount(price: PricedBy, quantity: number): Rational {
  return tierParts(price, quantity).reduce((sum, part) => add(sum, part.amount), ZERO);
}

/**
 * The first tier is always reached, also by a quantity of zero: Stripe's guide to tiers bills the flat amount of the
 * first tier then, which is how a base fee without any seats is expressed.
 */
function graduatedParts(tiers: readonly PricedTier[], quantity: number): TierPart[] {
  const parts: TierPart[] = [];
  let below = 0;
  for (const [index, tier] of tiers.entries()) {
    if (index > 0 && quantity <= below) return parts;
    const end = tierEnd(tiers, index);
    const inThisTier = Math.min(quantity, end) - below;
    parts.push(tierPart(tier, index + 1, inThisTier));
    below = end;
  }
  if (quantity > below)
    throw new RangeError(`A quantity of ${quantity} is above the last tier, which ends at ${below}.`);
  return parts;
}

function volumePart(tiers: readonly PricedTier[], quantity: number): TierPart {
  for (const [index, tier] of tiers.entries()) {
    if (quantity <= tierEnd(tiers, index)) return tierPart(tier, index + 1, quantity);
  }
  throw new RangeError(`A quantity of ${quantity} is above the last tier of a volume price.`);
}

function tierEnd(tiers: readonly PricedTier[], index: number): number {
  const end = tiers[index]?.up_to ?? Number.POSITIVE_INFINITY;
  if (end === Number.POSITIVE_INFINITY && index !== tiers.length - 1) {
    throw new RangeError(`Only the last tier may be without end, not tier ${index + 1} of ${tiers.length}.`);
  }
  return end;
}

function tierPart(tier: PricedTier, position: number, quantity: number): TierPart {
  const perUnit = exactAmount(tier.unit_amount_decimal, tier.unit_amount) ?? ZERO;
  const flat = exactAmount(tier.flat_amount_decimal, tier.flat_amount) ?? ZERO;
  return {
    tier: position,
    quantity,
    unitAmount: perUnit,
    flatAmount: flat,
    amount: add(multiply(perUnit, fromInteger(quantity)), flat),
  };
}

function unitAmount(price: PricedBy): Rational {
  const amount = exactAmount(price.unit_amount_decimal, price.unit_amount);
  if (amount === undefined) throw new RangeError('A per-unit price needs unit_amount or unit_amount_decimal.');
  return amount;
}

/** The decimal wins: where the amount is no whole number of cents Stripe gives `null` for the other field. */
function exactAmount(decimal: DecimalLike | null, whole: number | null): Rational | undefined {
  if (decimal !== null) return fromDecimal(decimal);
  if (whole !== null) return fromInteger(whole);
  return undefined;
}

function packagesIn(price: PricedBy, quantity: number): Rational {
  const transform = price.transform_quantity;
  if (transform === null) return fromInteger(quantity);
  const packages = rational(BigInt(quantity), BigInt(transform.divide_by));
  switch (transform.round) {
    case 'up':
      return rational(ceil(packages));
    case 'down':
      return rational(floor(packages));
    default:
      throw new RangeError(`Unknown transform_quantity.round: ${JSON.stringify(transform.round)}`);
  }
}
