import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const folder = join(import.meta.dirname, '..');
const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

function run(...flags: string[]) {
  const command = [...flags, join(folder, bin.seatbelt), '--help'];
  return spawnSync(process.execPath, command, { encoding: 'utf8', timeout: 30_000 });
}

test('the command of the repository says which Node it needs to one that reads no TypeScript', () => {
  const { status, stdout, stderr } = run('--no-experimental-strip-types');
  assert.deepEqual([status, stdout], [2, '']);
  assert.match(stderr, /^seatbelt needs Node 22\.18 or newer here, and this is v[\d.]+\. Use npx seatbelt\b.*\n$/);
});

test('and runs in one that does', () => {
  const { status, stdout } = run();
  assert.equal(status, 0);
  assert.match(stdout, /^Usage: seatbelt /);
});
