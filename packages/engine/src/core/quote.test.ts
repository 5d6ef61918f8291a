/** What a price that was shown depends on: whatever of it moves makes the quote stale. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quotedObservation, quotedState } from './quote.ts';
import { InvariantBroken, PriceNeeded, SeatRefused } from './refusals.ts';
import { defaultTerms } from './terms.ts';
import { beginningAccount, observation } from './testing.ts';
import type { Observation } from './types.ts';

test('every part of our side is in it', () => {
  const account = beginningAccount({ seats: 5 });
  const { terms } = account;
  const invoiced = { prorationBehavior: 'always_invoice', paymentBehavior: 'error_if_incomplete' } as const;
  const others = [
    { seatCount: 6 },
    { settledSeats: 6 },
    { link: null },
    { terms: { ...terms, includedSeats: 1 } },
    { terms: { ...terms, minimumQuantity: 1 } },
    { terms: { ...terms, increase: { ...terms.increase, prorationBehavior: 'always_invoice' as const } } },
    { terms: { ...terms, increase: invoiced } },
    { terms: { ...terms, decrease: { ...terms.decrease, prorationBehavior: 'none' as const } } },
    { terms: { ...terms, decrease: { ...terms.decrease, ...invoiced } } },
    { terms: { ...terms, decrease: { ...terms.decrease, when: 'period_end' as const } } },
  ].map((more) => quotedState({ ...account, ...more }, []));
  assert.equal(new Set([quotedState(account, []), ...others]).size, others.length + 1);
});

test('every part of Stripe’s side is in it', () => {
  const item = observation(5).item;
  assert.ok(item);
  const other = { id: 'si_2', price: 'price_2', quantity: 1 };
  const pending = { expiresAt: 1, items: [{ id: 'si_1', quantity: 6, price: null }] };
  const others: Partial<Observation>[] = [
    { status: 'past_due' },
    { collectionMethod: 'send_invoice' },
    { schedule: 'sub_sched_1' },
    { cancelAt: 1 },
    { pausedCollection: 'void' },
    { item: null },
    { item: { ...item, id: 'si_9' } },
    { item: { ...item, price: 'price_9' } },
    { item: { ...item, quantity: 9 } },
    { item: { ...item, currentPeriodStart: 1 } },
    { item: { ...item, currentPeriodEnd: 1 } },
    { otherItems: [other] },
    { otherItems: [{ ...other, id: 'si_3' }] },
    { otherItems: [{ ...other, price: 'price_3' }] },
    { otherItems: [{ ...other, quantity: 2 }] },
    { pendingUpdate: pending },
    { pendingUpdate: { ...pending, expiresAt: 2 } },
    { pendingUpdate: { ...pending, items: [{ id: 'si_2', quantity: 6, price: null }] } },
    { pendingUpdate: { ...pending, items: [{ id: 'si_1', quantity: 7, price: null }] } },
    { pendingUpdate: { ...pending, items: [{ id: 'si_1', quantity: 6, price: 'price_2' }] } },
  ];
  const texts = others.map((more) => quotedObservation(observation(5, more)));
  assert.equal(new Set([quotedObservation(observation(5)), ...texts]).size, texts.length + 1);
});

test('who says nothing about terms has Stripe’s own defaults', () => {
  assert.deepEqual(defaultTerms, {
    mode: 'prepaid',
    minimumSeats: 0,
    maximumSeats: null,
    includedSeats: 0,
    minimumQuantity: 0,
    increase: { prorationBehavior: 'create_prorations', paymentBehavior: 'allow_incomplete' },
    onForeignChange: {},
    decrease: { prorationBehavior: 'create_prorations', paymentBehavior: 'allow_incomplete', when: 'now' },
    settleMs: 0,
    maxWaitMs: 0,
    guard: { seatsPerDay: null, amountPerDay: null },
  });
});

test('errors of the core say their name, which is what logs and hosts go by', () => {
  const refused = new SeatRefused({ code: 'below_used', message: 'x' });
  assert.equal(refused.name, 'SeatRefused');
  assert.ok(refused instanceof SeatRefused);
  const priced = new PriceNeeded(7);
  assert.deepEqual(
    [priced.code, priced.message, priced.seats],
    ['price_needed', 'What it costs has to be asked of Stripe first.', 7],
  );
  assert.equal(new InvariantBroken('x', {}).name, 'InvariantBroken');
});
