/** The decision core is covered by its own tests, every branch of it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const core = 'packages/engine/src/core';

test('the tests of the core reach every branch of it', () => {
  const environment = { ...process.env };
  // Node tells a test run inside a test run to be quiet; this one is read.
  delete environment.NODE_TEST_CONTEXT;
  const { stdout, status } = spawnSync(
    process.execPath,
    [
      '--test',
      '--test-reporter=tap',
      '--experimental-test-coverage',
      '--test-coverage-branches=100',
      '--test-coverage-lines=100',
      '--test-coverage-functions=100',
      `--test-coverage-include=${core}/*.ts`,
      `--test-coverage-exclude=${core}/*.test.ts`,
      `--test-coverage-exclude=${core}/testing.ts`,
      `${core}/*.test.ts`,
    ],
    { cwd: root, env: environment, encoding: 'utf8' },
  );
  const report = stdout.slice(stdout.indexOf('# start of coverage report'));
  assert.match(report, /decide\.ts/, `no coverage report came out:\n${stdout.slice(-2_000)}`);
  assert.equal(status, 0, report);
});
