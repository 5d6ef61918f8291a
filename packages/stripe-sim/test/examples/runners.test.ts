import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

const { resolve } = createRequire(import.meta.url);
const here = import.meta.dirname;

/** Runs a program of an installed package with our Node; resolves with its exit code and everything it printed. */
function run(
  packageName: string,
  bin: string,
  flags: string[],
  args: string[],
): Promise<{ code: number; text: string }> {
  const program = join(dirname(resolve(`${packageName}/package.json`)), bin);
  // Without these, a runner would report to the test runner that we run in.
  const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, ...env } = process.env;
  const child = spawn(process.execPath, [...flags, program, ...args], {
    cwd: here,
    env: { ...env, CI: '1', NO_COLOR: '1' },
  });
  const { promise, resolve: done, reject } = Promise.withResolvers<{ code: number; text: string }>();
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  child.once('error', reject);
  child.once('close', (code) => done({ code: code ?? -1, text }));
  return promise;
}

test('the example for Vitest passes under Vitest', async () => {
  const { code, text } = await run('vitest', 'vitest.mjs', [], ['run', '--config', 'vitest.config.ts']);
  assert.equal(code, 0, text);
  assert.match(text, /Tests\s+.*2 passed/, text);
});

test('the example for Jest passes under Jest', async () => {
  const { code, text } = await run(
    'jest',
    'bin/jest.js',
    ['--experimental-vm-modules', '--no-warnings'],
    ['--config', 'jest.config.json'],
  );
  assert.equal(code, 0, text);
  assert.match(text, /Tests:\s+2 passed/, text);
});
