/**
 * An exact fraction of two integers, always reduced, denominator always positive. Money in this simulator is a
 * `Rational` number of cents until the one moment at which a line is rounded: a binary float cannot hold a third of
 * a month, and the cents that Stripe recorded can only be reproduced from the exact value.
 */
export type Rational = {
  readonly numerator: bigint;
  readonly denominator: bigint;
};

/** A decimal as Stripe writes it: a string on the wire, the SDK's `Decimal` object in a parsed response. */
export type DecimalLike = string | { toString(): string };

/** The fraction `numerator / denominator`, reduced. Throws a `RangeError` when the denominator is zero. */
export function rational(numerator: bigint, denominator: bigint = 1n): Rational {
  if (denominator === 0n) throw new RangeError(`A rational needs a denominator other than zero: ${numerator}/0`);
  const sign = denominator < 0n ? -1n : 1n;
  const divisor = greatestCommonDivisor(numerator, denominator);
  return { numerator: (sign * numerator) / divisor, denominator: (sign * denominator) / divisor };
}

/** The whole number `value` as a rational. Throws a `RangeError` unless `value` is a safe integer. */
export function fromInteger(value: number): Rational {
  if (!Number.isSafeInteger(value)) throw new RangeError(`Not an exact whole number: ${value}`);
  return { numerator: BigInt(value), denominator: 1n };
}

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

/**
 * A decimal such as `"0.5"` or `"1999"`, exactly. Exponents, signs other than a leading minus, and blanks are
 * refused with a `RangeError`: Stripe sends none of them, so one of them here is a mistake of ours.
 */
export function fromDecimal(value: DecimalLike): Rational {
  const text = value.toString();
  const match = DECIMAL.exec(text);
  if (match === null) throw new RangeError(`Not a decimal number: ${JSON.stringify(text)}`);
  const [, sign = '', whole = '', fractional = ''] = match;
  const magnitude = BigInt(whole + fractional);
  return rational(sign === '-' ? -magnitude : magnitude, 10n ** BigInt(fractional.length));
}

export const ZERO: Rational = { numerator: 0n, denominator: 1n };

export function add(a: Rational, b: Rational): Rational {
  return rational(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator);
}

export function negate(a: Rational): Rational {
  return { numerator: -a.numerator, denominator: a.denominator };
}

export function subtract(a: Rational, b: Rational): Rational {
  return add(a, negate(b));
}

export function multiply(a: Rational, b: Rational): Rational {
  return rational(a.numerator * b.numerator, a.denominator * b.denominator);
}

/** Negative when `a < b`, zero when equal, positive when `a > b`. */
export function compare(a: Rational, b: Rational): number {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The greatest whole number that is not above `a`. */
export function floor(a: Rational): bigint {
  const quotient = a.numerator / a.denominator;
  const cutTowardZero = a.numerator < 0n && quotient * a.denominator !== a.numerator;
  return cutTowardZero ? quotient - 1n : quotient;
}

/** The least whole number that is not below `a`. */
export function ceil(a: Rational): bigint {
  return -floor(negate(a));
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [larger, smaller] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (smaller !== 0n) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}
