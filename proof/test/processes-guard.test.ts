/** A run that is killed leaves no process behind, not even a frozen one. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const children = pathToFileURL(join(import.meta.dirname, '../src/processes/place/children.ts')).href;

/** A run with one process, which it freezes; it says who that is and goes on until it is killed. */
const run = `
import { Children } from ${JSON.stringify(children)};
const children = new Children(process.argv[1]);
const child = await children.start(['-e', 'console.log("up"); setInterval(() => {}, 1000)'], process.env);
child.process.kill('SIGSTOP');
console.log(child.pid);
setInterval(() => {}, 1000);
`;

test('the frozen process of a run that got SIGKILL is gone soon after it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'seatbelt-guard-'));
  try {
    const parent = spawn(process.execPath, ['--input-type=module-typescript', '-e', run, join(folder, 'log')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pid = Number(
      await new Promise<string>((resolve) => parent.stdout.once('data', (line) => resolve(String(line)))),
    );
    assert.ok(isThere(pid), 'the process is up');
    parent.kill('SIGKILL');
    const deadline = Date.now() + 20_000;
    while (isThere(pid) && Date.now() < deadline) await pause(20);
    assert.ok(!isThere(pid), `process ${pid} outlived the run that started it`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

/** A dead process whose number nobody has taken back yet (a container without an init) is not there any more. */
function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch (error) {
    if (['ESRCH', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}
