/** A slice of the gate; the stores, the schedules on PostgreSQL and the branches of the core have test files of their own. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../src/gate/main.ts', import.meta.url));
const parts = ['schedules', 'exhaustive-search', 'planted-bugs', 'postgres-crashes'];

test('a slice of the proof meets its goals, says so in its last line, and leaves a report', async () => {
  const report = await mkdtemp(join(tmpdir(), 'proof-report-'));
  try {
    const only = parts.flatMap((part) => ['--only', part]);
    const { out, code } = await run(['--size', 'slice', '--seed', '1', '--report', report, ...only]);
    assert.equal(code, 0, out);
    assert.match(out.trim().split('\n').at(-1) ?? '', /^[1-9]\d* passed, 0 failed$/);
    const page = await readFile(join(report, 'index.html'), 'utf8');
    assert.match(page, /How often each fault struck in each state of an account/);
  } finally {
    await rm(report, { recursive: true, force: true });
  }
});

test('a part that nobody knows is refused', async () => {
  const { out, code } = await run(['--only', 'nothing']);
  assert.equal(code, 2);
  assert.match(out, /There is no part called nothing/);
});

function run(args: readonly string[]): Promise<{ out: string; code: number | null }> {
  const environment = { ...process.env };
  delete environment.NODE_TEST_CONTEXT;
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [main, ...args], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    const hear = (chunk: Buffer) => {
      out += chunk.toString();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('close', (code) => resolve({ out, code }));
  });
}
