import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { takeLock } from '../src/process-lock.ts';
import { Child } from '../src/supervisor/child.ts';
import { identify, isRunning } from '../src/supervisor/kernel-process.ts';
import { openLog } from '../src/supervisor/log.ts';
import { openStateDirectory, readOrMakeSecrets } from '../src/supervisor/state-directory.ts';

const scratch = mkdtempSync(join(tmpdir(), 'seatbelt-parts-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

function programOf(name: string, text: string): string {
  const file = join(scratch, `${name}.mjs`);
  writeFileSync(file, text);
  return file;
}

describe('a child of the supervisor', () => {
  test('that can never run is given up after some tries, with the way it ended', async () => {
    const { promise: givenUp, resolve } = Promise.withResolvers<string>();
    let starts = 0;
    const child = new Child({
      name: 'part',
      command: [programOf('broken', 'process.exit(7);')],
      environment: process.env,
      graceMs: 1_000,
      log: openLog(false, () => {}),
      onGivenUp: resolve,
      onStarted: () => {
        starts += 1;
      },
    });
    child.start();
    assert.match(await givenUp, /The part ended 6 times .* with code 7/);
    assert.equal(starts, 6);
    await child.stop();
  });

  test('that does not hear SIGTERM is killed when its grace is over', async () => {
    const { promise: heard, resolve } = Promise.withResolvers<void>();
    const child = new Child({
      name: 'part',
      command: [
        programOf('deaf', `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('deaf');`),
      ],
      environment: process.env,
      graceMs: 200,
      log: openLog(false, (line) => {
        if (line.includes('deaf')) resolve();
      }),
      onGivenUp: assert.fail,
      onStarted: () => {},
    });
    child.start();
    await heard;
    const known = identify(child.processId ?? 0);
    assert.ok(known !== undefined);
    await child.stop();
    assert.equal(isRunning(known), false);
  });
});

describe('the log', () => {
  async function lines(pretty: boolean, written: string[]): Promise<string[]> {
    const seen: string[] = [];
    const log = openLog(pretty, (line) => seen.push(line));
    const child = spawn(process.execPath, [
      programOf(`writer-${pretty}`, written.map((line) => `console.log(${JSON.stringify(line)});`).join('\n')),
    ]);
    log.follow('dashboard', child.stdout);
    await once(child, 'close');
    return seen;
  }
  const record = JSON.stringify({
    level: 50,
    time: 0,
    msg: 'It failed.',
    organization: 'org_1',
    err: { message: 'why' },
  });

  test('is one JSON object a line where nobody watches, also for programs that write words', async () => {
    const seen = (await lines(false, ['Ready in 1 s', record, '{ not json'])).map((line) => JSON.parse(line));
    assert.deepEqual(
      seen.map(({ program, msg }) => [program, msg]),
      [
        ['dashboard', 'Ready in 1 s'],
        ['dashboard', 'It failed.'],
        ['dashboard', '{ not json'],
      ],
    );
  });

  test('is lines for a person on a terminal, with the error', async () => {
    const [words = '', failed = ''] = await lines(true, ['Ready in 1 s', record]);
    assert.match(words, /dashboard.*Ready in 1 s/);
    assert.match(failed, /00:00:00.*dashboard.*It failed\..*organization=org_1[\s\S]*why/);
  });
});

test('a lock ends with its process, kill -9 included, and with nothing else', async () => {
  const name = `test ${process.pid} ${Date.now()}`;
  const holder = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { takeLock } from ${JSON.stringify(join(import.meta.dirname, '../src/process-lock.ts'))};
       console.log((await takeLock(${JSON.stringify(name)})) !== undefined);
       setInterval(() => {}, 1000);`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [answer] = await once(holder.stdout, 'data');
  assert.equal(String(answer).trim(), 'true');
  assert.equal(await takeLock(name), undefined);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  const lock = await takeLock(name);
  assert.ok(lock !== undefined);
  assert.equal(await takeLock(name), undefined, 'also this process has it only once');
  await lock.release();
});

test('a full disk is said in a sentence, and nothing half is left on it', (t) => {
  const disk = join(scratch, 'disk');
  mkdirSync(disk);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]).status !== 0) {
    t.skip('needs root and a machine on which root may mount');
    return;
  }
  try {
    const state = openStateDirectory({ SEATBELT_STATE_DIR: join(disk, 'state') });
    spawnSync('dd', ['if=/dev/zero', `of=${join(disk, 'filler')}`, 'bs=4k'], { stdio: 'ignore' });
    assert.throws(() => readOrMakeSecrets(state), {
      name: 'StartProblem',
      message: /no space left on the disk of .*secrets\.json/,
    });
    assert.deepEqual(readdirSync(state.folder), ['.gitignore']);
  } finally {
    execFileSync('umount', ['-l', disk]);
  }
});

test('a user with neither a home nor a name has a place for cached files', {
  skip: process.getuid?.() === 0 ? false : 'needs root, to become such a user',
}, (t) => {
  const script = `
    import { cacheDirectory } from ${JSON.stringify(join(import.meta.dirname, '../src/cache-directory.ts'))};
    console.log(cacheDirectory());
  `;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    uid: 54_321,
    gid: 54_321,
    cwd: '/',
    env: { TMPDIR: tmpdir() },
    encoding: 'utf8',
  });
  if (status === null || /EACCES.*cache-directory/.test(stderr)) return t.skip('others cannot read this checkout');
  assert.equal(stdout.trim(), join(tmpdir(), 'seatbelt-54321'), stderr);
  rmSync(stdout.trim(), { recursive: true });
});
