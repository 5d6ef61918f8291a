import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agreementOf, agreementSentence, type Sides } from './agreement.ts';

const unread: Sides = { seats: undefined, stripe: undefined, databaseOld: false, failed: null };

test('what keeps the two from being compared is said of whoever it was', () => {
  for (const [sides, said] of [
    [{ ...unread, failed: 'database' }, /^The database cannot be read/],
    [{ ...unread, databaseOld: true, failed: 'database' }, /^The seats cannot be read/],
    [{ ...unread, failed: 'server' }, /^The server cannot answer/],
    [{ ...unread, failed: 'offline' }, /^This browser is offline/],
    [{ ...unread, failed: 'stripe' }, /^Stripe cannot be read/],
    [{ ...unread, stripe: { known: false, reason: 'unreachable', readAt: '' } }, /^Stripe cannot be read/],
    [
      { ...unread, stripe: { known: false, reason: 'no_subscription', readAt: '' } },
      /^No Stripe subscription is linked/,
    ],
  ] as const satisfies readonly (readonly [Sides, RegExp])[]) {
    assert.equal(agreementOf(sides), 'unknown');
    assert.match(agreementSentence(sides), said);
  }
});
