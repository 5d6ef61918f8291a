import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProgressBody } from './contract.ts';
import { isThrough } from './use-invitations.ts';

const sentTwo: ProgressBody = { invited: 2, reserved: 2, sent: 2, withdrawn: 0, ended: 0, mailed: true };

test('invitations are through when each has its seat, fell, was taken back or ran out', () => {
  assert.equal(isThrough(sentTwo), true);
  assert.equal(isThrough({ ...sentTwo, reserved: 1 }), false);
  assert.equal(isThrough({ ...sentTwo, reserved: 1, withdrawn: 1 }), true);
  assert.equal(isThrough({ ...sentTwo, reserved: 1, ended: 1 }), true);
  assert.equal(isThrough({ ...sentTwo, reserved: 0, ended: 2 }), true);
});
