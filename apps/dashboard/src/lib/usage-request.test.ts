import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type SeatUse, usageRequest } from './usage-request.ts';

const add: SeatUse = { action: 'add', quantity: 1, holders: [], reserve: false, expand: true };

test('what was said to fit buys nothing, also where somebody else took the free seat meanwhile', () => {
  assert.deepEqual(usageRequest(add, { availableSeats: 1 }), {
    action: 'add',
    quantity: 1,
    reserve: false,
    expand: false,
  });
});

test('what was said to be bought is bought, where that is ticked', () => {
  const two = { ...add, quantity: 2, holders: ['ada', 'grace'] };
  assert.equal(usageRequest(two, { availableSeats: 1 }).expand, true);
  assert.equal(usageRequest({ ...two, expand: false }, { availableSeats: 1 }).expand, false);
  assert.deepEqual(usageRequest(two, { availableSeats: 1 }).holders, ['ada', 'grace']);
});

test('freeing and assigning say nothing about buying', () => {
  assert.deepEqual(usageRequest({ ...add, action: 'remove' }, { availableSeats: 0 }), {
    action: 'remove',
    quantity: 1,
  });
});
