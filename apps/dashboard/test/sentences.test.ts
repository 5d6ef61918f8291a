import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ChangeBody, SeatsBody } from 'seatbelt/http';
import { Unreachable } from '../src/lib/api.ts';
import { changeTitle, moneySentence } from '../src/lib/change-sentences.ts';
import { difference, localeFrom, seats } from '../src/lib/format.ts';
import { readHolders } from '../src/lib/holders.ts';
import { isOpen, nowOf } from '../src/lib/now.ts';
import { refusalSentence } from '../src/lib/refusal-sentences.ts';
import { readSeatNumber } from '../src/lib/seat-number.ts';
import { seatPicture } from '../src/lib/seat-picture.ts';
import { troubleOf } from '../src/lib/trouble.ts';
import { change } from './support/bodies.ts';

const quiet: SeatsBody = {
  status: 'active',
  version: 1,
  readAt: '2026-11-30T12:00:00.000Z',
  purchasedSeats: 10,
  settledSeats: 10,
  usedSeats: 7,
  assignedSeats: 6,
  reservedSeats: 1,
  availableSeats: 3,
  minimumSeats: 0,
  maximumSeats: null,
  mode: 'prepaid',
  pending: null,
  hold: null,
  pausedReason: null,
  incidents: [],
  scheduled: null,
  awaitingApproval: [],
  billing: null,
};

const sending = { sentence: 'From 10 to 12 seats', lost: 0, givenUp: false } as const;

const push = {
  id: 'push',
  state: 'intended',
  fromSeats: 10,
  targetSeats: 12,
  since: '2026-11-22T10:00:00.000Z',
  doubt: null,
  nextAt: '2026-11-22T10:00:01.000Z',
  paymentUrl: null,
} as const;

describe('The meter', () => {
  test('its parts add up to the whole, whatever the counts are', () => {
    const counts = fc.record({
      purchasedSeats: fc.nat(1_000_000),
      settledSeats: fc.nat(1_000_000),
      assignedSeats: fc.nat(1_000_000),
      reservedSeats: fc.nat(1_000_000),
      status: fc.constantFrom<SeatsBody['status']>('active', 'over_capacity', 'held'),
    });
    fc.assert(
      fc.property(counts, (given) => {
        const picture = seatPicture({ ...given, usedSeats: given.assignedSeats + given.reservedSeats });
        const sum = picture.parts.reduce((total, part) => total + part.seats, 0);
        assert.equal(sum, picture.total);
        assert.ok(picture.parts.every((part) => part.seats > 0));
      }),
    );
  });

  test('its free part is what the server calls available, while nobody sits past the confirmed seats', () => {
    const [, , available] = seatPicture(quiet).parts;
    assert.deepEqual(available, { name: 'available', seats: quiet.availableSeats });
  });

  test('seats that are asked for are not shown as free', () => {
    const { parts } = seatPicture({ ...quiet, purchasedSeats: 12 });
    assert.deepEqual(parts.at(-1), { name: 'asked', seats: 2 });
    assert.deepEqual(parts.at(-2), { name: 'available', seats: 3 });
  });
});

describe('What is said about a change', () => {
  test('an open outcome is never called applied or rolled back', () => {
    for (const status of ['requested', 'in_doubt', 'rollback_pending', 'awaiting_payment'] as const) {
      const { stage } = nowOf(
        { seats: quiet, old: false, sending: null, written: false, last: { ...change, status } },
        'en',
      );
      assert.ok(isOpen(stage), `${status} is shown as ${stage}`);
    }
    for (const state of ['intended', 'in_doubt', 'awaiting_payment'] as const) {
      const seats = { ...quiet, pending: { waitingFor: null, push: { ...push, state }, changes: [change] } };
      const { stage } = nowOf(
        { seats, old: false, sending: null, written: false, last: { ...change, status: 'applied' } },
        'en',
      );
      assert.ok(isOpen(stage), `a push that is ${state} is shown as ${stage}`);
    }
  });

  test('of a change that our own rules ended it is not said that Stripe was asked', () => {
    const labels = (ended: Partial<ChangeBody>) =>
      nowOf(
        {
          seats: quiet,
          old: false,
          sending: null,
          written: false,
          last: { ...change, status: 'rolled_back', ...ended },
        },
        'en',
      ).steps.map(({ label }) => label);
    for (const code of ['approval_declined', 'below_used', 'canceled', 'overtaken']) {
      assert.deepEqual(labels({ code }), ['Written in the database', 'Rolled back'], code);
    }
    assert.deepEqual(labels({ code: 'card_declined', payment: true }), [
      'Written in the database',
      'Stripe asked',
      'Rolled back',
    ]);
  });

  test('a request without an answer is said to be lost, and not to have failed', () => {
    const { stage, money } = nowOf(
      { seats: quiet, old: false, sending: { ...sending, lost: 1 }, written: false, last: null },
      'en',
    );
    assert.equal(stage, 'lost');
    assert.match(money, /not known whether the request arrived/);
  });

  test('after the last lost try it stays unknown, whatever change ended before it', () => {
    const given = { seats: quiet, old: false, sending: { ...sending, givenUp: true }, written: false };
    const { stage, money, title } = nowOf({ ...given, last: { ...change, status: 'rolled_back' } }, 'en');
    assert.equal(stage, 'unknown');
    assert.ok(isOpen(stage));
    assert.equal(title, sending.sentence);
    assert.match(money, /nobody knows whether the request arrived/);
    assert.doesNotMatch(money, /Nothing was charged/);
    const seen = nowOf({ ...given, written: true, last: { ...change, status: 'applied' } }, 'en');
    assert.equal(seen.stage, 'applied', 'once it is seen as a change, that tells about it');
  });

  test('that Stripe refused is said as soon as the answer says it, also while the counts are old', () => {
    const seats = { ...quiet, purchasedSeats: 12, pending: { waitingFor: null, push, changes: [change] } };
    const last = { ...change, status: 'rollback_pending' } as const;
    assert.equal(nowOf({ seats, old: true, sending: null, written: false, last }, 'en').stage, 'rollback_pending');
  });

  test('only what is applied is called done', () => {
    const titles = (asked: Partial<ChangeBody>) =>
      (['applied', 'rolled_back'] as const).map((status) => changeTitle({ ...change, ...asked, status }, 'en'));
    assert.deepEqual(titles({}), ['Seats set from 10 to 12', 'Seats from 10 to 12']);
    assert.deepEqual(titles({ kind: 'add', quantity: 3 }), [
      '3 seats taken, 2 of them bought',
      'Take 3 seats and buy 2 of them',
    ]);
    assert.deepEqual(titles({ kind: 'remove', quantity: 1, seatsAfter: 10 }), ['1 seat freed', 'Free 1 seat']);
  });

  test('a refusal says once that changes are paused, and the reason as a sentence', () => {
    const detail = 'Changes at Stripe are paused: migration of prices';
    const { title, exact } = refusalSentence({ code: 'paused', title: 'Paused', detail });
    assert.deepEqual([title, exact], ['Changes at Stripe are paused.', 'The reason: migration of prices.']);
  });

  test('"nothing was charged" is promised only where Stripe said a clear no', () => {
    const rolledBack = { ...change, status: 'rolled_back', code: 'generic_decline' } as const;
    assert.equal(moneySentence(rolledBack, 'en'), 'Nothing was charged.');
    for (const code of ['expired', 'refused_by_stripe']) {
      assert.doesNotMatch(moneySentence({ ...rolledBack, code }, 'en'), /nothing was charged/i);
    }
  });

  test('a refusal that this screen does not know is told in the words of the server', () => {
    const problem = { code: 'brand_new', title: 'A new reason', detail: 'Do this instead.' };
    assert.deepEqual(refusalSentence(problem), {
      title: 'A new reason',
      money: 'Nothing was changed and nothing was charged.',
      next: '',
      exact: 'Do this instead.',
    });
    assert.equal(refusalSentence({ ...problem, code: 'toString' }).title, 'A new reason');
  });

  test('trying again is said to count once only where it does', () => {
    const lost = new Unreachable('The server did not answer.');
    assert.match(troubleOf(lost).detail, /not known whether the request arrived.*it counts only once/);
    const made = troubleOf(lost, 'makes_another').detail;
    assert.match(made, /not known whether the request arrived.*Look whether it is there before trying again/);
    assert.doesNotMatch(made, /once/);
  });

  test('words agree with their numbers', () => {
    assert.equal(seats(1, 'en'), '1 seat');
    assert.equal(seats(0, 'en'), '0 seats');
    assert.equal(seats(1_200, 'de'), '1.200 seats');
    assert.equal(difference(10, 11, 'en'), '1 more seat');
    assert.equal(difference(10, 7, 'en'), '3 seats fewer');
  });
});

describe('What a person types', () => {
  test('a number of seats is read exactly or not at all', () => {
    const bounds = { from: 1, to: 1_000_000 };
    for (const [text, seats] of [
      ['12', 12],
      [' 12 ', 12],
      ['1 000', 1_000],
      ['1000000', 1_000_000],
      // Ambiguous: one thousand here, one there.
      ['1,000', null],
      ['1.000', null],
      ['0', null],
      ['1000001', null],
      ['2.5', null],
      ['1,5', null],
      ['1e3', null],
      ['-3', null],
      ['', null],
      ['twelve', null],
      ['99999999999999999999', null],
    ] as const) {
      assert.equal(readSeatNumber(text, bounds), seats, JSON.stringify(text));
    }
  });

  test('holders are separated by commas or lines, and each is meant once', () => {
    assert.deepEqual(readHolders(' ada, grace,,ada\nbarbara '), ['ada', 'grace', 'barbara']);
  });

  test('the locale is the first one that is known', () => {
    assert.equal(localeFrom('de-AT,de;q=0.9,en;q=0.8'), 'de-AT');
    assert.equal(localeFrom('*'), 'en');
    assert.equal(localeFrom('not a tag!, fr;q=0.5'), 'fr');
    assert.equal(localeFrom(null), 'en');
  });
});
