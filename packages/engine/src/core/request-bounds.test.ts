/** Conditions of the doors that stand alone here: mutation testing found that other tests only met them together. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quotedState } from './quote.ts';
import { Story } from './testing.ts';

const quote = { id: 'quote', valid: true, prorationDate: 1_800_000_000 };

test('a quote is refused for another seat count alone, and for another settled count alone', () => {
  const rest = new Story({ seats: 10, used: 5 });
  const { account } = rest;
  const counted = quotedState({ ...account, seatCount: 9 }, []);
  const settled = quotedState({ ...account, settledSeats: 9 }, []);
  assert.equal(rest.refusal({ type: 'set', seats: 12, quote: { ...quote, state: counted } }), 'quote_stale');
  assert.equal(rest.refusal({ type: 'set', seats: 12, quote: { ...quote, state: settled } }), 'quote_stale');
  assert.equal(
    rest.ask({ type: 'set', seats: 12, quote: { ...quote, state: quotedState(account, []) } }).status,
    'requested',
  );
});

test('a quote that fits the counts is refused while a push is open', () => {
  const open = new Story({ seats: 8, used: 5 });
  open.ask({ type: 'set', seats: 10 });
  const fits = { ...quote, state: quotedState(open.account, []) };
  assert.equal(open.refusal({ type: 'set', seats: 12, quote: fits }), 'quote_stale');
});

test('asking for the count that an open change leads to is a wish of its own, not applied already', () => {
  const open = new Story({ seats: 10, used: 5 });
  open.ask({ type: 'set', seats: 12 });
  assert.equal(open.account.seatCount, 12);
  assert.equal(open.ask({ type: 'set', seats: 12 }).status, 'requested');
});

test('an anonymous remove of exactly what is in use without a name is accepted', () => {
  const story = new Story({ seats: 10, used: 3 });
  assert.equal(story.ask({ type: 'remove', quantity: 3 }).status, 'applied');
  assert.equal(story.used, 0);
});

test('exactly the maximum is allowed', () => {
  const story = new Story({ seats: 10, used: 3, terms: { maximumSeats: 12 } });
  assert.equal(story.ask({ type: 'set', seats: 12 }).status, 'requested');
});
