import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, describe, test } from 'node:test';
import { identify, isRunning } from '../src/supervisor/kernel-process.ts';
import { endLeftChildren, readRunning, rememberRunning } from '../src/supervisor/leftovers.ts';
import { openStateDirectory, type StateDirectory, writeJson } from '../src/supervisor/state-directory.ts';

const scratch = mkdtempSync(join(tmpdir(), 'seatbelt-leftovers-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

const sleepers: ChildProcess[] = [];
afterEach(async () => {
  for (const sleeper of sleepers.splice(0)) await end(sleeper);
});

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** A process that does nothing, and its number. */
async function sleeper(): Promise<{ child: ChildProcess; processId: number; exit: Promise<unknown[]> }> {
  const child = spawn('sleep', ['600'], { stdio: 'ignore' });
  sleepers.push(child);
  const exit = once(child, 'exit');
  await once(child, 'spawn');
  assert.ok(child.pid !== undefined);
  return { child, processId: child.pid, exit };
}

let folders = 0;
function newState(): StateDirectory {
  folders += 1;
  return openStateDirectory({ SEATBELT_STATE_DIR: join(scratch, `state-${folders}`) });
}

/** Runs it as on a system without /proc. */
async function offLinux<T>(run: () => T | Promise<T>): Promise<T> {
  const here = Object.getOwnPropertyDescriptor(process, 'platform');
  assert.ok(here !== undefined);
  Object.defineProperty(process, 'platform', { ...here, value: 'darwin' });
  try {
    return await run();
  } finally {
    Object.defineProperty(process, 'platform', here);
  }
}

async function withoutPs<T>(run: () => T | Promise<T>): Promise<T> {
  const { PATH } = process.env;
  process.env.PATH = scratch;
  try {
    return await run();
  } finally {
    process.env.PATH = PATH;
  }
}

describe('what a killed start has left', () => {
  test('is ended', async () => {
    const state = newState();
    const { processId, exit } = await sleeper();
    rememberRunning(state, 'http://localhost', [processId]);
    assert.equal(await endLeftChildren(state), 1);
    assert.deepEqual(await exit, [null, 'SIGTERM']);
  });

  test('may end by itself between the look and the signal', async (t) => {
    const state = newState();
    const { child, processId } = await sleeper();
    rememberRunning(state, 'http://localhost', [processId]);
    t.mock.method(process, 'kill', (asked: number) => {
      assert.equal(asked, processId);
      child.kill('SIGKILL');
      throw Object.assign(new Error('kill ESRCH'), { code: 'ESRCH', syscall: 'kill' });
    });
    assert.equal(await endLeftChildren(state), 1);
  });

  test('and may not be ended by this user, is named in a sentence', {
    skip: process.getuid?.() === 0 ? false : 'needs root, to have a process that this user may not end',
  }, async () => {
    const { processId } = await sleeper();
    const home = mkdtempSync(join(tmpdir(), 'seatbelt-leftovers-'));
    chownSync(home, 65_534, 65_534);
    const script = `
      const module = (name) => import(${JSON.stringify(join(import.meta.dirname, '../src/supervisor/'))} + name);
      const { rememberRunning, endLeftChildren } = await module('leftovers.ts');
      const { openStateDirectory } = await module('state-directory.ts');
      // Only now: the checkout may be readable by its owner alone.
      process.setgroups([]);
      process.setgid(65_534);
      process.setuid(65_534);
      const state = openStateDirectory(process.env);
      rememberRunning(state, 'http://localhost', [${processId}]);
      await endLeftChildren(state).catch(({ name, code, message }) => console.log(JSON.stringify({ name, code, message })));
    `;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: '/',
      env: { SEATBELT_STATE_DIR: join(home, 'state') },
      encoding: 'utf8',
    });
    rmSync(home, { recursive: true, force: true });
    assert.equal(stderr, '');
    const { name, code, message } = JSON.parse(stdout);
    assert.deepEqual([name, code], ['StartProblem', 'not_permitted']);
    assert.match(message, new RegExp(`Process ${processId}.*belongs to another user`));
  });
});

describe('what a killed start has left, where there is no /proc', {
  skip: spawnSync('ps', ['-p', '1']).error === undefined ? false : 'this machine has no ps',
}, () => {
  test('is ended, by the starting time that ps tells', async () => {
    const state = newState();
    const { processId, exit } = await sleeper();
    await offLinux(async () => {
      rememberRunning(state, 'http://localhost', [processId]);
      assert.match(readRunning(state)?.children[0]?.startedAt ?? '', /^\w{3} \w{3} +\d+ \d\d:\d\d:\d\d \d{4}$/);
      assert.equal(await endLeftChildren(state), 1);
    });
    assert.deepEqual(await exit, [null, 'SIGTERM']);
  });

  test('is not what has its number now', async () => {
    const state = newState();
    const { child, processId } = await sleeper();
    writeJson(state.running, { children: [{ processId, startedAt: 'Thu Jan  1 00:00:01 1970' }] });
    await offLinux(async () => assert.equal(await endLeftChildren(state), 0));
    assert.equal(child.signalCode, null);
  });

  test('gets no signal while its starting time is not known, neither then nor now', async () => {
    const state = newState();
    const { child, processId } = await sleeper();
    const [known] = await offLinux(() => [identify(processId)]);
    for (const then of [{ processId, startedAt: 'unknown' }, known]) {
      writeJson(state.running, { children: [then] });
      await offLinux(() => withoutPs(async () => assert.equal(await endLeftChildren(state), 0)));
    }
    writeJson(state.running, { children: [{ processId, startedAt: 'unknown' }] });
    await offLinux(async () => assert.equal(await endLeftChildren(state), 0));
    assert.equal(child.signalCode, null);
  });

  test('a process is not called ended because nobody can tell when it began', async () => {
    const { child, processId } = await sleeper();
    await offLinux(async () => {
      const known = identify(processId);
      assert.ok(known !== undefined);
      await withoutPs(() => assert.equal(isRunning(known), true));
      assert.equal(isRunning({ processId, startedAt: 'unknown' }), true);
      await end(child);
      assert.equal(isRunning(known), false);
      await withoutPs(() => assert.equal(isRunning(known), false));
    });
  });

  test('a dead process that nobody has reaped runs no more', async () => {
    // The shell becomes a program that never asks about its children.
    const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 600'], { stdio: ['ignore', 'pipe', 'ignore'] });
    sleepers.push(parent);
    const [line] = await once(parent.stdout, 'data');
    const processId = Number(String(line));
    await offLinux(async () => {
      const deadline = performance.now() + 10_000;
      while (identify(processId) !== undefined) assert.ok(performance.now() < deadline, 'it is seen as dead');
    });
    assert.equal(process.kill(processId, 0), true, 'and its number is still taken');
  });
});
