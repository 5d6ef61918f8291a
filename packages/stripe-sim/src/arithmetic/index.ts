/** Exact billing arithmetic: pure functions over exact rationals, no clock, no state, no ids. */
export { remainingTime, unusedTime } from './descriptions.ts';
export type { Period } from './period.ts';
export { fractionLeft } from './period.ts';
export type { PricedBy, PricedTier, TierPart } from './price-amount.ts';
export { amountFor, tierParts } from './price-amount.ts';
export type { CreditBasis, ProratedItem, Proration, ProrationLine } from './proration.ts';
export { prorate, totalOf } from './proration.ts';
export type { DecimalLike, Rational } from './rational.ts';
export { roundCents } from './round-cents.ts';
export type { DebitCredit, TrackedDebit } from './tracked-debit.ts';
export { creditTail, newDebit } from './tracked-debit.ts';
