import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { OptionsError, readOptions } from '../src/demo/options.ts';
import type { StoryReport } from '../src/demo/report.ts';
import { stories } from '../src/demo/stories/index.ts';
import { sidesTable } from '../src/demo/table.ts';
import { wrap } from '../src/demo/terminal.ts';
import { environmentWithOurTools, repositoryRoot } from '../src/repository.ts';
import { ensureDashboardBuilt } from '../src/supervisor/dashboard-build.ts';
import { isRunning } from '../src/supervisor/kernel-process.ts';
import type { Running } from '../src/supervisor/leftovers.ts';

/** `npm run demo:faults` as a process, seen from outside. */

const scratch = mkdtempSync(join(tmpdir(), 'seatbelt-demo-test-'));
after(() => rmSync(scratch, { recursive: true, force: true }));
before(async () => {
  await ensureDashboardBuilt(() => {});
});

type Told = { code: number | null; said: string; complained: string; lines: string[] };

/** Runs the demo to its end; `onLine` hears each line as it is told. */
async function demo(
  words: string[],
  onLine: (line: string, kill: (signal: NodeJS.Signals) => void) => void = () => {},
) {
  const { PATH, HOME, NODE_COMPILE_CACHE } = process.env;
  const child = spawn(process.execPath, [join(repositoryRoot, 'packages/dev/src/demo-faults.ts'), ...words], {
    cwd: repositoryRoot,
    env: environmentWithOurTools({ PATH, HOME, NODE_COMPILE_CACHE, TMPDIR: scratch }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const told: Told = { code: null, said: '', complained: '', lines: [] };
  createInterface({ input: child.stdout }).on('line', (line) => {
    told.lines.push(line);
    told.said += `${line}\n`;
    onLine(line, (signal) => child.kill(signal));
  });
  child.stderr.on('data', (chunk: Buffer) => {
    told.complained += chunk.toString();
  });
  told.code = await new Promise((resolve) => child.once('close', resolve));
  return told;
}

function stateFolders(): string[] {
  return readdirSync(scratch).filter((name) => name.startsWith('seatbelt-demo-faults-'));
}

describe('npm run demo:faults', () => {
  test('tells all of its stories, every number agrees, and it ends with 0 and leaves nothing', async () => {
    const { code, said, complained, lines } = await demo([]);
    assert.equal(code, 0, said + complained);
    assert.match(said, /POST add 2.*\n.*-> 402, rolled_back, code generic_decline, success false/);
    assert.match(said, /while Stripe is asked +12 +10 +12 +10 +intended +differ/);
    assert.match(said, /-> 202, in_doubt, success null/);
    assert.match(said, /in doubt +12 +10 +7 +12 +in_doubt +differ/);
    assert.match(said, /4 sends: 1 written, 3 answered from what it kept under the\n? +key/);
    assert.match(said, /Stripe 12 = settled 12 = seats 12; audit of \d+ entries whole/);
    assert.ok(said.includes(`${stories.length} stories told in `), said);
    assert.match(said, /Every number agrees on both sides/);
    assert.deepEqual(
      lines.filter((line) => line.length > 80),
      [],
      'readable in 80 columns',
    );
    assert.equal(said.includes('\u001b'), false, 'no colours where there is no terminal');
    assert.deepEqual(stateFolders(), []);
  });

  test('a number that disagrees at the end makes it exit with 1 and a clear line', async () => {
    const { code, said, complained } = await demo(['--only', '1,8', '--plant', '1', '--json']);
    assert.equal(code, 1, said + complained);
    const { ok, stories: told } = JSON.parse(said) as { ok: boolean; stories: StoryReport[] };
    assert.equal(ok, false);
    const [planted, other] = told;
    assert.equal(planted?.ok, false);
    assert.ok(
      planted?.checks.some((check) => !check.ok && check.what === 'Stripe bills 12 (it bills 13)'),
      JSON.stringify(planted?.checks),
    );
    assert.equal(other?.ok, true, 'the next story is told all the same');
    assert.deepEqual(
      other?.sides.map(({ moment, database, stripe }) => [moment, database?.seatCount, stripe]),
      [
        ['before', 10, 10],
        ['held', 10, 14],
        ['at the end', 14, 14],
      ],
    );
    assert.deepEqual(stateFolders(), []);
  });

  test('Ctrl-C leaves nothing running', async () => {
    let running: Running | undefined;
    const { code, said, complained } = await demo(['--only', '6'], (line, kill) => {
      if (!line.includes('Killed')) return;
      const folder = stateFolders()[0];
      assert.ok(folder !== undefined, 'a state folder');
      running = JSON.parse(readFileSync(join(scratch, folder, 'running.json'), 'utf8'));
      kill('SIGINT');
    });
    assert.equal(code, 130, said + complained);
    assert.ok(running?.supervisor !== undefined && running.children.length > 0, 'the product ran');
    assert.deepEqual([running.supervisor, ...running.children].filter(isRunning), []);
    assert.deepEqual(stateFolders(), [], 'database and folder are gone');
  });

  test('a story that does not exist is said in a sentence', async () => {
    const { code, complained } = await demo(['--only', '10']);
    assert.equal(code, 2);
    assert.match(complained, /There is no story "10"; they go from 1 to 9/);
    assert.doesNotMatch(complained, /\n\s+at /, 'no stack');
  });
});

test('stories are numbered in the order in which they are told', () => {
  assert.deepEqual(
    stories.map(({ number }) => number),
    [1, 2, 3, 4, 5, 6, 7, 8, 9],
  );
});

test('options: several stories, in any spelling; unknown words are refused', () => {
  assert.deepEqual(readOptions(['--only', '2, 3', '--only', '5']).only, [2, 3, 5]);
  assert.equal(readOptions([]).only.length, stories.length);
  assert.throws(() => readOptions(['--onyl', '2']), OptionsError);
  assert.throws(() => readOptions(['--plant', '0']), OptionsError);
});

test('lines are broken between words, and a long word stands alone', () => {
  assert.deepEqual(wrap('one two three\nfour', 7), ['one two', 'three', 'four']);
  assert.deepEqual(wrap('a incomprehensible b', 4), ['a', 'incomprehensible', 'b']);
});

test('a moment at which the sides differ, or one side is silent, is marked in the table', () => {
  const database = { seatCount: 12, settledSeats: 10, usedSeats: 7, pushState: 'in_doubt' };
  const table = sidesTable(
    [
      { moment: 'equal', database: { ...database, settledSeats: 12, pushState: null }, stripe: 12 },
      { moment: 'open', database, stripe: 12 },
      { moment: 'silent', database: null, stripe: 12 },
    ],
    '',
  ).split('\n');
  assert.deepEqual(
    table.map((line) => line.includes('differ')),
    [false, false, true, true],
  );
});
