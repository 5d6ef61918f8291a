import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AuditBody, ChangeDetailBody } from 'seatbelt/http';
import { dayOf } from '../src/lib/day.ts';
import { costOf, formatMoney } from '../src/lib/money.ts';
import { type Now, nowOf } from '../src/lib/now.ts';
import { each, type Priced, priceWords } from '../src/lib/price-words.ts';
import { timelineOf } from '../src/lib/timeline.ts';
import { change } from './support/bodies.ts';

const year = new Date().getFullYear();
const renewal = new Date(year, 11, 1, 12).toISOString();
const quote = {
  currency: 'usd',
  dueNow: 0,
  atRenewal: { amountDue: 14_451, total: 14_451, at: renewal },
  credit: -10_000,
  charge: 12_451,
  tax: 0,
  discount: 0,
  lines: [
    { description: 'unused', amount: -10_000, proration: true, part: 'change' as const },
    { description: 'remaining', amount: 12_451, proration: true, part: 'change' as const },
    { description: '12 seats', amount: 12_000, proration: false, part: 'renewal' as const },
  ],
};
const priced = (change: Partial<Priced>): Priced => ({
  quote,
  from: 10,
  to: 12,
  decreasesLater: false,
  interval: { unit: 'month', count: 1 },
  ...change,
});
const said = (change: Partial<Priced>) => priceWords(priced(change), 'en-GB');

describe('What a choice costs, in sentences', () => {
  test('invoiced today: what is due now, and then', () => {
    const today = {
      ...quote,
      dueNow: 2_451,
      atRenewal: { amountDue: 28_800, total: 28_800, at: renewal },
      lines: quote.lines.filter((line) => line.proration),
    };
    const { lead, apart } = said({ quote: today });
    assert.equal(lead, '2 more seats: US$24.51 today, US$288.00 a month from 1 December.');
    assert.deepEqual(apart, [
      'For the rest of this period: US$124.51 for 12 seats, less US$100.00 that was paid for 10.',
    ]);
  });

  test('invoiced today, and the subscription ends before it renews: nothing is said of what comes then', () => {
    const last = {
      ...quote,
      dueNow: 2_451,
      atRenewal: { amountDue: 0, total: 0, at: null },
      lines: quote.lines.filter((line) => line.proration),
    };
    assert.equal(
      said({ quote: last }).lead,
      '2 more seats: US$24.51 today. The subscription ends with this period, so it does not renew.',
    );
  });

  test('with the next bill: nothing today, and what that bill is then', () => {
    assert.equal(
      said({}).lead,
      '2 more seats: nothing today, US$24.51 more on the bill of 1 December. It is US$144.51 in all; afterwards US$120.00 a month.',
    );
  });

  test('a credit is a credit, and nothing is paid out', () => {
    const fewer = {
      ...quote,
      credit: -10_000,
      charge: 8_000,
      atRenewal: { amountDue: 6_000, total: 6_000, at: renewal },
      lines: [
        { description: 'unused', amount: -10_000, proration: true, part: 'change' as const },
        { description: 'remaining', amount: 8_000, proration: true, part: 'change' as const },
        { description: '8 seats', amount: 8_000, proration: false, part: 'renewal' as const },
      ],
    };
    assert.equal(
      said({ quote: fewer, to: 8 }).lead,
      '2 seats fewer: US$20.00 comes off the bill of 1 December; nothing is paid out. It is US$60.00 in all; afterwards US$80.00 a month.',
    );
  });

  test('a decrease at renewal changes nothing until then', () => {
    const later = {
      ...quote,
      credit: 0,
      charge: 0,
      atRenewal: { amountDue: 8_000, total: 8_000, at: renewal },
      lines: [{ description: '8 seats', amount: 8_000, proration: false, part: 'renewal' as const }],
    };
    assert.equal(
      said({ quote: later, to: 8, decreasesLater: true }).lead,
      '2 seats fewer from 1 December: until then seats and bill stay as they are, afterwards it is US$80.00 a month.',
    );
  });

  test('what waits for the bill since earlier changes is no part of the price, and is said', () => {
    const waiting = (amount: number) => ({
      description: 'since before',
      amount,
      proration: true,
      part: 'earlier' as const,
    });
    const atRenewal = { amountDue: 15_451, total: 15_451, at: renewal };
    const { lead, apart } = said({ quote: { ...quote, atRenewal, lines: [...quote.lines, waiting(1_000)] } });
    assert.equal(
      lead,
      '2 more seats: nothing today, US$24.51 more on the bill of 1 December. It is US$154.51 in all; afterwards US$120.00 a month.',
    );
    assert.ok(apart.includes('US$10.00 of that bill is for what came before this change.'));
    const credited = said({ quote: { ...quote, lines: [...quote.lines, waiting(-1_000)] } });
    assert.ok(credited.apart.includes('US$10.00 comes off that bill for what came before this change.'));
    assert.deepEqual(costOf({ currency: 'usd', lines: [...quote.lines, waiting(1_000)] }), {
      now: 2_451,
      renewal: 12_000,
      currency: 'usd',
    });
  });

  test('taxes and discounts are named, and amounts without them are said to be so', () => {
    const taxed = { ...quote, tax: 2_000, discount: 500 };
    const { lead, apart } = said({ quote: taxed });
    assert.match(lead, /US\$120\.00 before tax and discounts a month\.$/);
    assert.ok(apart.includes('US$20.00 of it is tax.'));
    assert.ok(apart.includes('A discount of US$5.00 is taken off.'));
  });

  test('amounts are written as Stripe counts them, also where that is not what the currency is written with', () => {
    const written = (amount: number, currency: string) => formatMoney(amount, currency, 'en').replace(/\s/g, ' ');
    assert.equal(written(150_000, 'huf'), 'HUF 1,500');
    assert.equal(written(150_050, 'huf'), 'HUF 1,500.50');
    assert.equal(written(-150_000, 'isk'), '-ISK 1,500');
    assert.equal(written(1_200, 'jpy'), '¥1,200');
    assert.equal(written(12_345, 'kwd'), 'KWD 12.345');
    assert.equal(written(28_800, 'usd'), '$288.00');
    const { lead } = said({ quote: { ...quote, currency: 'isk', dueNow: 500_000 } });
    assert.match(lead.replace(/\s/g, ' '), /^2 more seats: ISK 5,000 today/);
  });

  test('what is not known is not said', () => {
    assert.equal(each(null, 'en'), 'at each renewal');
    assert.equal(each({ unit: 'month', count: 3 }, 'en'), 'every 3 months');
    const { lead } = said({ interval: null, quote: { ...quote, atRenewal: { ...quote.atRenewal, at: null } } });
    assert.match(lead, /the next bill.*afterwards US\$120\.00 at each renewal\.$/);
    assert.equal(dayOf(new Date(year + 1, 0, 5, 12).toISOString(), 'en-GB'), `5 January ${year + 1}`);
  });
});

describe('The timeline of a change', () => {
  const now: Now = {
    stage: 'asking',
    about: ['change'],
    title: '',
    money: '',
    steps: [],
    nextAt: null,
    paymentUrl: null,
  };
  const entry = (sequence: number, kind: string): AuditBody => ({
    sequence,
    kind,
    at: renewal,
    actor: 'ada',
    reason: null,
    seatCountBefore: 10,
    seatCountAfter: 12,
    settledBefore: 10,
    settledAfter: 10,
    stripeRequestId: null,
    note: '',
    hash: '',
  });
  const recorded = (...audit: AuditBody[]): ChangeDetailBody => ({ change, push: null, audit });

  test('it is what was recorded, then what is waited for', () => {
    const moments = timelineOf(now, recorded(entry(1, 'change_requested'), entry(2, 'push_intended')));
    assert.deepEqual(
      moments.map(({ label, state }) => [label, state]),
      [
        ['Written', 'done'],
        ['Asking Stripe', 'done'],
        ['Stripe’s answer', 'active'],
      ],
    );
    assert.equal(moments.at(-1)?.at, null);
  });

  test('an end has nothing to wait for, and entries that say nothing to people are left out', () => {
    const moments = timelineOf(
      { ...now, stage: 'applied' },
      recorded(entry(1, 'change_requested'), entry(2, 'looked'), entry(3, 'change_applied')),
    );
    assert.deepEqual(
      moments.map(({ label }) => label),
      ['Written', 'Applied'],
    );
  });

  test('of a change that is in doubt for long the first moment and the last ones are shown, and how many are between', () => {
    const many = Array.from({ length: 30 }, (_, index) => entry(index + 2, 'push_in_doubt'));
    const labels = timelineOf({ ...now, stage: 'in_doubt' }, recorded(entry(1, 'change_requested'), ...many)).map(
      ({ label }) => label,
    );
    assert.deepEqual(labels, ['Written', '24 more steps', ...Array(6).fill('In doubt'), 'Finding out']);
  });

  test('of a request that no change is known of yet nothing is told that was recorded of an older one', () => {
    const ended = recorded(entry(1, 'change_requested'), entry(2, 'push_confirmed'), entry(3, 'change_applied'));
    const asked = { sentence: 'From 12 to 14 seats', lost: 0, givenUp: false };
    for (const sending of [asked, { ...asked, lost: 1 }, { ...asked, givenUp: true }]) {
      const request = nowOf({ seats: undefined, old: false, sending, written: false, last: ended.change }, 'en');
      assert.equal(request.title, asked.sentence);
      assert.deepEqual(
        timelineOf(request, ended).map(({ label, at }) => [label, at]),
        request.steps.map(({ label }) => [label, null]),
      );
    }
  });
});
