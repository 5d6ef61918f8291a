import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem, Unreachable } from './api.ts';
import { readTrouble } from './read-trouble.ts';

test('a reading that was turned away is not blamed on the database', () => {
  const answered = (status: number, code: string) =>
    readTrouble(new Problem({ type: `urn:x:${code}`, title: code, status, detail: code, code }));
  assert.equal(answered(401, 'unauthorized'), 'signed_out');
  assert.equal(answered(403, 'forbidden'), 'no_access');
  assert.equal(answered(404, 'unknown_organization'), 'no_access');
  assert.equal(answered(503, 'database_unavailable'), 'database');
  assert.equal(readTrouble(new Unreachable('The server did not answer.')), 'unreachable');
});
