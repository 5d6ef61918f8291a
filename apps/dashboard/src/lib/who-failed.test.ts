import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem, Unreachable } from './api.ts';
import { whoFailed } from './who-failed.ts';

test('only what Stripe did is said of Stripe', () => {
  const answered = (status: number, code: string) =>
    whoFailed(new Problem({ type: `urn:x:${code}`, title: code, status, detail: code, code }), true);
  assert.equal(answered(502, 'stripe_unavailable'), 'stripe');
  assert.equal(answered(503, 'stripe_unavailable'), 'stripe');
  assert.equal(answered(503, 'database_unavailable'), 'database');
  assert.equal(answered(500, 'internal_error'), 'server');
  assert.equal(answered(401, 'unauthorized'), 'turned_away');
  assert.equal(whoFailed(new Unreachable('The server did not answer.'), true), 'server');
  assert.equal(whoFailed(new Unreachable('The server did not answer.'), false), 'offline');
});
