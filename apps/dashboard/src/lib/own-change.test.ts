import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChangeBody } from 'seatbelt/http';
import { change } from '../../test/support/bodies.ts';
import { type Intention, purchase, usage } from './intention.ts';
import { type Asked, isWritten } from './own-change.ts';

const old: ChangeBody = { ...change, id: 'old' };
const asked = (intention: Intention): Asked => ({ intention, ending: null, lost: 0, earlier: null, before: [old] });
const twelve = asked(purchase({ seats: 12, expectedSeats: 10 }, 'From 10 to 12 seats'));
const set: ChangeBody = { ...change, id: 'new' };

test('a number that was set from the count on screen is what was asked for, whatever became of the answer', () => {
  assert.equal(isWritten(twelve, [old, set]), true);
  assert.equal(isWritten(twelve, [{ ...set, status: 'rolled_back' }]), true);
  assert.equal(isWritten({ ...twelve, ending: { is: 'unknown' } }, [set]), true);
});

test('what was there before, leads elsewhere or began elsewhere is somebody else’s', () => {
  assert.equal(isWritten(null, [set]), false);
  assert.equal(isWritten(twelve, [old]), false);
  assert.equal(isWritten(twelve, [{ ...set, quantity: 13 }]), false);
  assert.equal(isWritten(twelve, [{ ...set, seatsBefore: 11 }]), false);
  assert.equal(isWritten(twelve, [{ ...set, kind: 'add' }]), false);
  assert.equal(isWritten({ ...twelve, before: null }, [set]), false, 'nothing had been read, so it may be an old one');
});

test('two may add a seat at once, so after a lost try it is not known whose it is', () => {
  const one = asked(usage({ action: 'add', quantity: 1 }, 'Add 1 seat'));
  const added: ChangeBody = { ...set, kind: 'add', quantity: 1 };
  assert.equal(isWritten(one, [added]), true);
  assert.equal(isWritten({ ...one, lost: 1 }, [added]), false);
  assert.equal(isWritten({ ...one, ending: { is: 'unknown' } }, [added]), false);
  assert.equal(isWritten({ ...one, earlier: { is: 'unknown' } }, [added]), false);
});
