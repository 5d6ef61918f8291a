import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Rational } from '../../src/arithmetic/rational.ts';
import {
  ceil,
  compare,
  floor,
  fromDecimal,
  fromInteger,
  negate,
  rational,
  subtract,
} from '../../src/arithmetic/rational.ts';
import { roundCents } from '../../src/arithmetic/round-cents.ts';

/**
 * Amounts of which both the exact value and what Stripe returned are known. `recorded` says where from:
 * pay-rails/pay (MIT) holds full responses, the others are values that people published from their own accounts.
 */
const KNOWN: readonly { exact: Rational; stripe: number; recorded: string }[] = [
  { exact: rational(-5n, 2n), stripe: -3, recorded: '1000 x 1 with 1/400 left, credit' },
  { exact: rational(9n, 2n), stripe: 4, recorded: '1800 x 1 with 1/400 left, debit' },
  { exact: rational(15n, 2n), stripe: 7, recorded: '1000 x 3 with 1/400 left, debit' },
  { exact: rational(-2000n, 3n), stripe: -667, recorded: '2000 with 1/3 left, credit' },
  { exact: rational(1000n, 3n), stripe: 333, recorded: '1000 with 1/3 left, debit' },
  { exact: rational(20000n), stripe: 20000, recorded: '60000 with 1/3 left, debit' },
  { exact: fromDecimal('24999.9968'), stripe: 25000, recorded: 'pay: 25000 a year, 4 s in, debit' },
  { exact: fromDecimal('19999.9087'), stripe: 20000, recorded: '2019 webhook: 10000 x 2 a year, debit' },
  {
    exact: rational(-2500n * 2_591_996n, 2_592_000n),
    stripe: -2500,
    recorded: 'pay: 2500 a month, 4 s in, credit',
  },
];

test('roundCents gives what Stripe returned for every amount that is known', () => {
  for (const { exact, stripe, recorded } of KNOWN) assert.equal(roundCents(exact), stripe, recorded);
});

test('no other common rule gives what Stripe returned, so the table is evidence and not decoration', () => {
  const half = rational(1n, 2n);
  const isTie = (x: Rational) => x.denominator === 2n;
  const rules: Record<string, (x: Rational) => number> = {
    floor: (x) => Number(floor(x)),
    ceil: (x) => Number(ceil(x)),
    'half away from zero': (x) => Number(x.numerator < 0n ? ceil(subtract(x, half)) : -ceil(subtract(negate(x), half))),
    'half to even': (x) => {
      const below = floor(x);
      if (isTie(x)) return Number(below % 2n === 0n ? below : below + 1n);
      return roundCents(x);
    },
  };
  for (const [name, rule] of Object.entries(rules)) {
    const misses = KNOWN.filter(({ exact, stripe }) => rule(exact) !== stripe);
    assert.ok(misses.length > 0, `${name} would fit as well`);
  }
});

const amounts = fc
  .tuple(fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), fc.bigInt({ min: 1n, max: 10n ** 7n }))
  .map(([numerator, denominator]) => rational(numerator, denominator));

test('a rounded amount is within half a cent of the exact one', () => {
  fc.assert(
    fc.property(amounts, (exact) => {
      const error = subtract(fromInteger(roundCents(exact)), exact);
      assert.ok(compare(error, rational(1n, 2n)) <= 0 && compare(error, rational(-1n, 2n)) >= 0);
    }),
  );
});

test('a larger amount is never rounded to fewer cents, and whole cents stay as they are', () => {
  fc.assert(
    fc.property(amounts, amounts, (a, b) => {
      const [less, more] = compare(a, b) <= 0 ? [a, b] : [b, a];
      assert.ok(roundCents(less) <= roundCents(more));
    }),
  );
  fc.assert(
    fc.property(fc.integer(), (cents) => {
      assert.equal(roundCents(fromInteger(cents)), cents);
    }),
  );
});

test('an amount that a JSON number cannot hold exactly is refused and not bent', () => {
  assert.equal(roundCents(rational(2n ** 53n - 1n)), Number.MAX_SAFE_INTEGER);
  assert.throws(() => roundCents(rational(2n ** 53n)), RangeError);
});

test('a decimal string is read exactly, and anything that is not a plain decimal is refused', () => {
  assert.deepEqual(fromDecimal('0.000000000001'), rational(1n, 10n ** 12n));
  assert.deepEqual(fromDecimal('-12.50'), rational(-25n, 2n));
  for (const text of ['', ' 1', '1e3', '+1', '.5', '1.', 'NaN', '٣']) {
    assert.throws(() => fromDecimal(text), RangeError, JSON.stringify(text));
  }
});
