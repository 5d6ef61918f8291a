import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type SeatUse, usageRequest } from './usage-request.ts';

const oneFree = { availableSeats: 1, usedSeats: 9, purchasedSeats: 10 };
const add: SeatUse = { action: 'add', quantity: 1, holders: [], reserve: false, expand: true };

test('what was said to fit buys nothing, also where somebody else took the free seat meanwhile', () => {
  assert.deepEqual(usageRequest(add, oneFree), {
    action: 'add',
    quantity: 1,
    reserve: false,
    expand: false,
  });
});

test('what was said to be bought is bought, where that is ticked', () => {
  const two = { ...add, quantity: 2, holders: ['ada', 'grace'] };
  assert.deepEqual(usageRequest(two, oneFree), {
    action: 'add',
    quantity: 2,
    holders: ['ada', 'grace'],
    reserve: false,
    buyAtMost: 1,
  });
  assert.equal(usageRequest({ ...two, expand: false }, oneFree).expand, false);
  // More were bought than are confirmed: what is missing waits for them, and nothing else is bought.
  const waiting = { availableSeats: 0, usedSeats: 10, purchasedSeats: 13 };
  assert.equal(usageRequest(two, waiting).expand, false);
});

test('freeing and assigning say nothing about buying', () => {
  assert.deepEqual(usageRequest({ ...add, action: 'remove' }, oneFree), {
    action: 'remove',
    quantity: 1,
  });
});
