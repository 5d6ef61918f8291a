/** The decision core is covered by its own tests, every branch of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coverageOf, measureCoverage } from '../src/gate/core-coverage.ts';

test('the tests of the core reach every branch of it', async () => {
  const { report, code } = await measureCoverage();
  assert.deepEqual(coverageOf(report), { lines: 100, branches: 100, functions: 100 }, report);
  assert.equal(code, 0, report);
});
