import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Period, PricedBy, ProratedItem, TrackedDebit } from '../../src/arithmetic/index.ts';
import { amountFor, creditTail, newDebit, prorate, roundCents, totalOf } from '../../src/arithmetic/index.ts';
import { MONTH, paidFor, perPackage, perUnit, perUnitDecimal, tiered } from './samples.ts';

const LENGTH = MONTH.end - MONTH.start;
/** The second at which 1/n of the month is left. */
const withLeft = (n: number) => MONTH.end - LENGTH / n;

function seats(price: PricedBy, quantity: number, period: Period = MONTH): ProratedItem {
  return { price, productName: 'Team seat', quantity, period };
}

function amounts(lines: readonly { amount: number }[]): number[] {
  return lines.map((line) => line.amount);
}

const GOLDEN = [
  {
    name: 'recorded: 1 to 3 seats at 1000',
    from: [1000, 1],
    to: [1000, 3],
    at: withLeft(400),
    lines: [-3, 7],
    total: 4,
  },
  {
    name: 'recorded: 2000 to 60000',
    from: [2000, 1],
    to: [60_000, 1],
    at: withLeft(3),
    lines: [-667, 20_000],
    total: 19_333,
  },
  {
    name: 'noted and documented: 2000 to 1000',
    from: [2000, 1],
    to: [1000, 1],
    at: withLeft(3),
    lines: [-667, 333],
    total: -334,
  },
  {
    name: 'recorded: 1000 to 1800',
    from: [1000, 1],
    to: [1800, 1],
    at: withLeft(400),
    lines: [-3, 4],
    total: 1,
  },
  {
    name: 'derived, not the floor rule: 1000 to 2000',
    from: [1000, 1],
    to: [2000, 1],
    at: withLeft(3),
    lines: [-333, 667],
    total: 334,
  },
] as const;

for (const mode of ['flexible', 'classic'] as const) {
  for (const { name, from, to, at, lines, total } of GOLDEN) {
    test(`${name} gives ${lines.join(', ')} in ${mode} mode`, () => {
      const [oldPrice, oldQuantity] = [perUnit(from[0]), from[1]];
      const proration = prorate({
        before: seats(oldPrice, oldQuantity),
        after: seats(perUnit(to[0]), to[1]),
        at,
        basis:
          mode === 'classic' ? { mode } : { mode, debits: [paidFor(oldPrice, from[0] * oldQuantity, oldQuantity)] },
      });
      assert.deepEqual(amounts(proration.lines), lines);
      assert.equal(totalOf(proration.lines), total);
    });
  }
}

test('recorded: from 2500 a month to 25000 a year four seconds in gives -2500 and +25000 with the recorded texts', () => {
  const month = { start: 1762799351, end: 1765391351 };
  const year = { start: 1762799351, end: 1794335351 };
  const at = 1762799355;
  const [monthly, yearly] = [perUnit(2500), perUnit(25_000)];
  const { lines } = prorate({
    before: { price: monthly, productName: 'Test Subscription', quantity: 1, period: month },
    after: { price: yearly, productName: 'Test Subscription', quantity: 1, period: year },
    at,
    basis: {
      mode: 'flexible',
      debits: [
        newDebit({
          id: 'il_first',
          amount: 2500,
          price: monthly,
          productName: 'Test Subscription',
          quantity: 1,
          period: month,
        }),
      ],
    },
  });
  assert.deepEqual(
    lines.map(({ kind, amount, description, period, creditedDebit }) => ({
      kind,
      amount,
      description,
      period,
      creditedDebit,
    })),
    [
      {
        kind: 'credit',
        amount: -2500,
        description: 'Unused time on Test Subscription after 10 Nov 2025',
        period: { start: at, end: 1765391351 },
        creditedDebit: 'il_first',
      },
      {
        kind: 'debit',
        amount: 25_000,
        description: 'Remaining time on Test Subscription after 10 Nov 2025',
        period: { start: at, end: 1794335351 },
        creditedDebit: undefined,
      },
    ],
  );
});

test('the count is shown from two units on, and the day is that of UTC', () => {
  const { lines } = prorate({
    before: seats(perUnit(1000), 1),
    after: seats(perUnit(1000), 3),
    at: Date.UTC(2025, 10, 11, 23, 59, 59) / 1000,
    basis: { mode: 'classic' },
  });
  assert.deepEqual(
    lines.map((line) => line.description),
    ['Unused time on Team seat after 11 Nov 2025', 'Remaining time on 3 × Team seat after 11 Nov 2025'],
  );
});

test('after a raise that was not billed, classic refunds seats that were never paid and flexible charges the real difference', () => {
  const price = perUnit(1000);
  const before = seats(price, 8);
  const after = seats(price, 6);
  const boughtFive = paidFor(price, 5000, 5);
  const classic = prorate({ before, after, at: MONTH.start, basis: { mode: 'classic' } });
  const flexible = prorate({
    before,
    after,
    at: MONTH.start,
    basis: { mode: 'flexible', debits: [boughtFive] },
  });
  assert.deepEqual(amounts(classic.lines), [-8000, 6000]);
  assert.deepEqual(amounts(flexible.lines), [-5000, 6000]);
});

test('a credit names the price and the product that were debited, also when the item moved on without billing', () => {
  const [paid, current] = [perUnit(1000), perUnit(9000)];
  const { lines } = prorate({
    before: seats(current, 1),
    after: seats(current, 2),
    at: MONTH.start,
    basis: { mode: 'flexible', debits: [{ ...paidFor(paid, 1000, 1), productName: 'Old plan' }] },
  });
  assert.equal(lines[0]?.price, paid);
  assert.equal(lines[0]?.description, 'Unused time on Old plan after 10 Nov 2025');
});

test('every debit with time left gets its own credit line, and one that is used up gets none', () => {
  const price = perUnit(1000);
  const second = paidFor(price, 500, 1, { start: MONTH.start + LENGTH / 2, end: MONTH.end });
  const usedUp = { ...paidFor(price, 1000, 1), id: 'il_used_up', standsUntil: MONTH.start, credited: 1000 };
  const { lines, debitsAfter } = prorate({
    before: seats(price, 2),
    at: MONTH.start + (LENGTH * 3) / 4,
    basis: { mode: 'flexible', debits: [paidFor(price, 1000, 1), usedUp, second] },
  });
  assert.deepEqual(amounts(lines), [-250, -250]);
  assert.deepEqual(
    debitsAfter.map((debit) => debit.credited),
    [250, 1000, 250],
  );
});

test('a volume price gives money back when more seats reach a cheaper tier', () => {
  const price = tiered('volume', [
    [5, 1000],
    [null, 600],
  ]);
  const { lines } = prorate({
    before: seats(price, 5),
    after: seats(price, 6),
    at: MONTH.start,
    basis: { mode: 'classic' },
  });
  assert.equal(totalOf(lines), 3600 - 5000);
});

test('a moment outside the period is refused, because its fraction would turn a credit into a charge', () => {
  for (const at of [MONTH.start - 1, MONTH.end + 1, MONTH.start + 0.5]) {
    assert.throws(
      () =>
        prorate({
          before: seats(perUnit(1), 1),
          after: seats(perUnit(1), 2),
          at,
          basis: { mode: 'classic' },
        }),
      RangeError,
    );
  }
});

const prices = fc.oneof(
  fc.nat(100_000).map(perUnit),
  fc.tuple(fc.nat(9999), fc.nat(999_999_999)).map(([whole, part]) => perUnitDecimal(`${whole}.${part}`)),
  fc
    .tuple(fc.nat(10_000), fc.integer({ min: 1, max: 12 }), fc.constantFrom('up' as const, 'down' as const))
    .map((p) => perPackage(...p)),
  fc
    .tuple(fc.constantFrom('graduated' as const, 'volume' as const), fc.nat(5000), fc.nat(5000), fc.nat(5000))
    .map(([mode, first, second, flat]) =>
      tiered(mode, [
        [7, first, flat],
        [null, second],
      ]),
    ),
);
const quantities = fc.nat(2000);
const periods = fc
  .tuple(fc.integer({ min: 1_700_000_000, max: 1_900_000_000 }), fc.integer({ min: 1, max: 366 * 86_400 }))
  .map(([start, length]): Period => ({ start, end: start + length }));
const moments = fc
  .tuple(periods, fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([period, share]) => ({ period, at: period.start + Math.trunc(share * (period.end - period.start)) }));

/** Makes a change in flexible mode and tracks its debit, the way the billing engine does. */
function change(debits: TrackedDebit[], item: ProratedItem, at: number, id: string) {
  const { lines, debitsAfter } = prorate({ after: item, at, basis: { mode: 'flexible', debits } });
  const debit = lines.at(-1);
  assert.equal(debit?.kind, 'debit');
  return {
    lines,
    debits: [
      ...debitsAfter,
      newDebit({
        id,
        amount: debit.amount,
        price: item.price,
        productName: item.productName,
        quantity: item.quantity,
        period: debit.period,
      }),
    ],
  };
}

test('an immediate undo cancels: every debit is given back to the cent in flexible mode', () => {
  fc.assert(
    fc.property(prices, quantities, quantities, moments, (price, from, to, { period, at }) => {
      fc.pre(at < period.end);
      const paid = newDebit({
        id: 'il_paid',
        amount: roundCents(amountFor(price, from)),
        price,
        productName: 'Seat',
        quantity: from,
        period,
      });
      const there = change([paid], { price, productName: 'Seat', quantity: to, period }, at, 'il_there');
      const back = change(there.debits, { price, productName: 'Seat', quantity: from, period }, at, 'il_back');
      const [, debitThere] = there.lines;
      const [creditThere] = there.lines;
      const [creditBack, debitBack] = back.lines;
      assert.equal(back.lines.length, 2);
      assert.equal((creditBack?.amount ?? Number.NaN) + (debitThere?.amount ?? Number.NaN), 0);
      assert.ok(Math.abs((creditThere?.amount ?? Number.NaN) + (debitBack?.amount ?? Number.NaN)) <= 1);
    }),
  );
});

test('an immediate undo cancels to within a cent for each pair of lines in classic mode', () => {
  fc.assert(
    fc.property(prices, quantities, quantities, moments, (price, from, to, { period, at }) => {
      const few = { price, productName: 'Seat', quantity: from, period };
      const many = { price, productName: 'Seat', quantity: to, period };
      const basis = { mode: 'classic' } as const;
      const there = amounts(prorate({ before: few, after: many, at, basis }).lines);
      const back = amounts(prorate({ before: many, after: few, at, basis }).lines);
      assert.equal(there.length, 2);
      assert.equal(back.length, 2);
      assert.ok(Math.abs((there[0] ?? Number.NaN) + (back[1] ?? Number.NaN)) <= 1);
      assert.ok(Math.abs((there[1] ?? Number.NaN) + (back[0] ?? Number.NaN)) <= 1);
    }),
  );
});

test('credits of a debit never add up to more than the debit, whatever the order of their dates', () => {
  fc.assert(
    fc.property(
      fc.nat(10_000_000),
      periods,
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 }),
      (amount, period, shares) => {
        let debit = newDebit({
          id: 'il',
          amount,
          price: perUnit(amount),
          productName: 'Seat',
          quantity: 1,
          period,
        });
        let credited = 0;
        for (const share of shares) {
          const at = period.start + Math.trunc(share * (period.end - period.start));
          const credit = creditTail(debit, at);
          if (credit === undefined) continue;
          assert.ok(credit.amount <= 0);
          credited -= credit.amount;
          debit = credit.debit;
        }
        assert.equal(credited, debit.credited);
        assert.ok(credited <= amount);
        const rest = creditTail(debit, period.start);
        assert.equal(credited - (rest?.amount ?? 0), amount);
      },
    ),
  );
});

test('a random life of changes in flexible mode never credits more than was debited, and the sums hold', () => {
  const steps = fc.array(fc.tuple(quantities, fc.double({ min: 0, max: 1, noNaN: true })), {
    minLength: 1,
    maxLength: 10,
  });
  fc.assert(
    fc.property(prices, quantities, periods, steps, (price, first, period, changes) => {
      const paid = roundCents(amountFor(price, first));
      let debits = [newDebit({ id: 'il_0', amount: paid, price, productName: 'Seat', quantity: first, period })];
      let charged = paid;
      let at = period.start;
      for (const [index, [quantity, share]] of changes.entries()) {
        at += Math.trunc(share * (period.end - at));
        if (at >= period.end) break;
        const made = change(debits, { price, productName: 'Seat', quantity, period }, at, `il_${index + 1}`);
        debits = made.debits;
        charged += totalOf(made.lines);
      }
      const debited = debits.reduce((sum, debit) => sum + debit.amount, 0);
      const credited = debits.reduce((sum, debit) => sum + debit.credited, 0);
      assert.ok(credited <= debited);
      assert.equal(charged, debited - credited);
      assert.ok(charged >= 0);
    }),
  );
});

test('with a graduated or per-unit price, more seats never lower the debit and a later moment never raises it', () => {
  const rising = fc.oneof(
    fc.nat(100_000).map(perUnit),
    fc.nat(5000).map((unit) =>
      tiered('graduated', [
        [7, unit, 100],
        [null, unit],
      ]),
    ),
  );
  fc.assert(
    fc.property(rising, quantities, quantities, moments, moments, (price, a, b, { period, at }, other) => {
      const later = Math.min(period.end, at + (other.at - other.period.start));
      const [few, many] = [Math.min(a, b), Math.max(a, b)];
      const debit = (quantity: number, moment: number) =>
        totalOf(
          prorate({
            after: { price, productName: 'Seat', quantity, period },
            at: moment,
            basis: { mode: 'classic' },
          }).lines,
        );
      assert.ok(debit(few, at) <= debit(many, at));
      assert.ok(debit(many, later) <= debit(many, at));
    }),
  );
});
