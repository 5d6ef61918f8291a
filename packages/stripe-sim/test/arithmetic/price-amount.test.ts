import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PricedBy } from '../../src/arithmetic/index.ts';
import { amountFor, roundCents, tierParts } from '../../src/arithmetic/index.ts';
import { compare, rational } from '../../src/arithmetic/rational.ts';
import { perPackage, perUnit, perUnitDecimal, tiered } from './samples.ts';

function cents(price: PricedBy, quantity: number): number {
  return roundCents(amountFor(price, quantity));
}

test('a per-unit price costs its amount times the quantity', () => {
  assert.equal(cents(perUnit(1000), 0), 0);
  assert.equal(cents(perUnit(1000), 12), 12_000);
  assert.equal(cents(perUnit(1), 1_000_000_000), 1_000_000_000);
});

test('a decimal amount is kept exact until the whole line is known', () => {
  assert.deepEqual(amountFor(perUnitDecimal('0.05'), 3), rational(3n, 20n));
  assert.equal(cents(perUnitDecimal('33.333333333333'), 3), 100);
  assert.equal(cents(perUnitDecimal('0.5'), 1), 0);
  assert.equal(cents(perUnitDecimal('0.5'), 2), 1);
});

const STEPS = [
  [5, 1000],
  [10, 800],
  [null, 500],
] as const;

test('a graduated price fills its tiers in order and includes the upper end of each', () => {
  const price = tiered('graduated', STEPS);
  assert.equal(cents(price, 5), 5000);
  assert.equal(cents(price, 6), 5800);
  assert.equal(cents(price, 10), 9000);
  assert.equal(cents(price, 12), 10_000);
  assert.deepEqual(
    tierParts(price, 12).map((part) => part.quantity),
    [5, 5, 2],
  );
});

test('a volume price charges every unit at the tier that the total reaches, so more seats can cost less', () => {
  const price = tiered('volume', STEPS);
  assert.equal(cents(price, 5), 5000);
  assert.equal(cents(price, 6), 4800);
  assert.equal(cents(price, 10), 8000);
  assert.equal(cents(price, 11), 5500);
});

test('flat amounts are added once for each tier reached, and the first also at a quantity of zero', () => {
  const rows = [
    [5, 0, 2000],
    [null, 300, 700],
  ] as const;
  assert.equal(cents(tiered('graduated', rows), 0), 2000);
  assert.equal(cents(tiered('graduated', rows), 5), 2000);
  assert.equal(cents(tiered('graduated', rows), 6), 3000);
  assert.equal(cents(tiered('volume', rows), 6), 2500);
});

test('the example in Stripe’s own guide to tiers with flat fees comes out as printed there', () => {
  const rows = [
    [5, 500, 1000],
    [10, 400, 2000],
    [15, 300, 3000],
    [20, 200, 4000],
    [null, 100, 5000],
  ] as const;
  const [graduated, volume] = [tiered('graduated', rows), tiered('volume', rows)];
  assert.equal(cents(volume, 12), 6_600);
  assert.equal(cents(graduated, 12), 11_100);
  assert.equal(cents(volume, 0), 1_000);
  assert.equal(cents(graduated, 0), 1_000);
});

test('a package price divides, rounds as told, and multiplies', () => {
  assert.equal(cents(perPackage(900, 5, 'up'), 11), 2700);
  assert.equal(cents(perPackage(900, 5, 'down'), 11), 1800);
  assert.equal(cents(perPackage(900, 5, 'up'), 10), 1800);
  assert.equal(cents(perPackage(900, 5, 'up'), 0), 0);
});

test('a graduated price never costs less for more units', () => {
  fc.assert(
    fc.property(fc.nat(100), fc.nat(100), (a, b) => {
      const price = tiered('graduated', STEPS);
      const [few, many] = [Math.min(a, b), Math.max(a, b)];
      assert.ok(compare(amountFor(price, few), amountFor(price, many)) <= 0);
    }),
  );
});

test('what a price cannot evaluate is refused and never guessed', () => {
  for (const quantity of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
    assert.throws(() => amountFor(perUnit(1), quantity), RangeError);
  }
  assert.throws(() => amountFor({ ...perUnit(1), unit_amount: null, unit_amount_decimal: null }, 1), RangeError);
  assert.throws(() => amountFor({ ...perUnit(1), billing_scheme: 'by_the_moon' }, 1), RangeError);
  assert.throws(() => amountFor(tiered('graduated', []), 1), RangeError);
  for (const mode of ['graduated', 'volume'] as const) {
    assert.throws(() => amountFor(tiered(mode, [[5, 100]]), 6), /above the last tier/);
    assert.throws(
      () =>
        amountFor(
          tiered(mode, [
            [null, 100],
            [null, 50],
          ]),
          1,
        ),
      /Only the last tier/,
    );
  }
});
