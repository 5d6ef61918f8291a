import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { freePort } from '../src/free-port.ts';
import { repositoryRoot } from '../src/repository.ts';
import { ensureDashboardBuilt } from '../src/supervisor/dashboard-build.ts';
import { isRunning } from '../src/supervisor/kernel-process.ts';
import { bareEnvironment, eventually, everyProcess, newStateFolder, program, running, start } from './starting.ts';

before(async () => {
  await ensureDashboardBuilt(() => {});
});

describe('what is taken away from a running product', () => {
  test('its folder: it ends and says why', async () => {
    const product = await start({ SEATBELT_STATE_DIR: newStateFolder() });
    const processes = await everyProcess(product);
    const postmaster = Number(readFileSync(join(product.state, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
    // As root it may be behind a symlink.
    const cluster = realpathSync(join(product.state, 'postgres'));
    renameSync(cluster, `${cluster}-moved`);
    renameSync(product.state, `${product.state}-moved`);
    // It would find out by itself, but only within a minute.
    process.kill(postmaster, 'SIGQUIT');
    assert.equal(await product.ended, 1);
    const said = product.lines.filter((line) => !line.startsWith('{')).join('\n');
    assert.match(said, /data directory .* is not there any more/);
    assert.doesNotMatch(said, /^\s+at /m, 'no stack');
    assert.deepEqual(processes.filter(isRunning), []);
    rmSync(`${cluster}-moved`, { recursive: true, force: true });
  });

  test('its record of what runs: it says so, and stops everything all the same', async () => {
    const product = await start({ SEATBELT_STATE_DIR: newStateFolder() });
    const processes = await everyProcess(product);
    rmSync(join(product.state, 'running.json'));
    mkdirSync(join(product.state, 'running.json'));
    product.process.kill('SIGINT');
    assert.equal(await product.ended, 1);
    const said = product.lines.filter((line) => !line.startsWith('{')).join('\n');
    assert.match(said, /running\.json is a folder where a file belongs/);
    assert.doesNotMatch(said, /^\s+at /m, 'no stack');
    assert.match(product.lines.join('\n'), /The worker has stopped[\s\S]*Everything is stopped/);
    assert.deepEqual(processes.filter(isRunning), []);
  });

  test('who reads what it says: it stops in order', async () => {
    const product = await start({ SEATBELT_STATE_DIR: newStateFolder() });
    const processes = await everyProcess(product);
    product.process.stdout?.destroy();
    // It says when a part has died.
    const [worker] = running(product).children;
    assert.ok(worker !== undefined);
    process.kill(worker.processId, 'SIGKILL');
    assert.equal(await product.ended, 0);
    assert.doesNotMatch(product.lines.join('\n'), /EPIPE|^\s+at /m);
    assert.deepEqual(processes.filter(isRunning), []);
  });

  test('the space for what it says: it goes on', {
    skip: existsSync('/dev/full') ? false : 'no /dev/full',
  }, async () => {
    const port = await freePort();
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, [program], {
      cwd: repositoryRoot,
      env: bareEnvironment({ PORT: String(port), SEATBELT_STATE_DIR: newStateFolder() }),
      stdio: ['ignore', full, 'ignore'],
    });
    closeSync(full);
    const ended = once(child, 'close');
    await eventually('it answers', async () => {
      assert.equal(child.exitCode, null, 'it runs');
      return await fetch(`http://127.0.0.1:${port}/api/health`).then(
        (answer) => answer.ok,
        () => false,
      );
    });
    child.kill('SIGINT');
    assert.deepEqual(await ended, [0, null]);
  });
});
