import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('./bin.ts', import.meta.url));

async function run(...args: string[]): Promise<{ status: number | null; error: string }> {
  const child = execFile(process.execPath, [bin, ...args]);
  let error = '';
  child.stderr?.on('data', (text: string) => {
    error += text;
  });
  const [status] = await once(child, 'close');
  return { status, error };
}

test('what was typed wrong is said in a sentence, with the usage', async () => {
  for (const [args, sentence] of [
    [['--seed', 'x'], /--seed is a whole number/],
    [['--port', '99999'], /--port is a whole number from 0 to 65535/],
    [['--port', ''], /--port is a whole number/],
    [['--prot', '1'], /Unknown option '--prot'/],
  ] as const) {
    const { status, error } = await run(...args);
    assert.equal(status, 2, error);
    assert.match(error, sentence);
    assert.match(error, /\[--port 12111\]/);
    assert.doesNotMatch(error, /^ +at /m, 'no stack');
  }
});

test('a port that is in use is named, without a stack', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const { status, error } = await run('--port', String(port));
  other.close();
  assert.equal(status, 1);
  assert.match(error, new RegExp(`address already in use 127\\.0\\.0\\.1:${port}`));
  assert.doesNotMatch(error, /^ +at /m, 'no stack');
});
