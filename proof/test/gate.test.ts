/** The gate itself: what it makes of parts that find something, miss something, or are not there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Registered } from '../src/gate/registry.ts';
import { loadPart, registered, registeredForSoak } from '../src/gate/registry.ts';
import { reportPage } from '../src/gate/report/page.ts';
import { runGate } from '../src/gate/run-gate.ts';
import { countGoals, verdict } from '../src/gate/verdict.ts';
import type { Told } from './gate-parts/timed.ts';

const violating = part('violating', '../../test/gate-parts/violating.ts');
const waiting = part('waiting', '../../test/gate-parts/waiting.ts');
const missingGoal = part('missing-goal', '../../test/gate-parts/missing-goal.ts');

function part(name: string, file: string): Registered {
  return { name, title: name, file, waits: false };
}

async function run(parts: readonly Registered[], signal = new AbortController().signal) {
  const said: string[] = [];
  const { ended, rows } = await runGate({
    parts,
    size: 'slice',
    seed: 1,
    until: null,
    signal,
    live: false,
    write: (text) => said.push(text),
  });
  return { ended, rows, said: said.join('') };
}

test('a violation stops the parts beside it, and is told with its guarantee, its seed and its timeline', async () => {
  const { ended, rows } = await run([waiting, violating]);
  assert.deepEqual(
    ended.map(({ name, stopped }) => ({ name, stopped })),
    [
      { name: 'waiting', stopped: true },
      { name: 'violating', stopped: false },
    ],
  );
  assert.deepEqual(countGoals(ended), { met: 0, missed: 1, stopped: 1 });
  const text = verdict(ended, rows, 'report.html');
  for (const piece of ['G5', 'seed 7', 'node proof/src/replay.ts 7', 'first', 'then', '1 violation(s)']) {
    assert.ok(text.includes(piece), `${piece} is not in:\n${text}`);
  }
});

test('a part that is not there is a goal missed, never skipped', async () => {
  const { ended } = await run([part('nowhere', './nowhere.ts')]);
  assert.deepEqual(countGoals(ended), { met: 0, missed: 1, stopped: 0 });
});

test('a part under another name than the one that was asked for is a goal missed', async () => {
  const { ended } = await run([part('else', '../../test/gate-parts/waiting.ts')]);
  assert.equal(countGoals(ended).missed, 1);
});

test('a part without a result is told with its error and with what its processes wrote', async () => {
  const { ended, rows } = await run([part('breaking', '../../test/gate-parts/breaking.ts')]);
  assert.deepEqual(countGoals(ended), { met: 0, missed: 1, stopped: 0 });
  const text = verdict(ended, rows, 'report.html');
  for (const piece of ['A process ended by itself with 1.', 'the disk is full']) assert.ok(text.includes(piece), text);
});

test('a goal that was missed is counted, and the others go on', async () => {
  const { ended, rows, said } = await run([missingGoal]);
  assert.deepEqual(countGoals(ended), { met: 1, missed: 1, stopped: 0 });
  assert.match(verdict(ended, rows, 'report.html'), /1 goal\(s\) missed/);
  assert.match(said, /2 of 2 .*5 faults/);
});

test('a soak gives each part its share of the time, one that waits beside one that computes', async () => {
  const file = '../../test/gate-parts/timed.ts';
  const until = Date.now() + 4_000;
  const { ended } = await runGate({
    parts: [part('first', file), part('second', file), { ...part('beside', file), waits: true }],
    size: 'soak',
    seed: 1,
    until,
    signal: new AbortController().signal,
    live: false,
    write: () => {},
  });
  const [one, two, beside] = ended.map(({ result }) => result.data.told as Told);
  assert.ok(one && two && beside);
  assert.ok(one.until !== null && one.until < until, 'the first leaves time for the second');
  assert.ok(two.began >= one.ended, 'two that compute are not side by side');
  assert.deepEqual([two.until, beside.until], [until, until]);
  assert.ok(beside.began < one.ended, 'one that waits is beside them');
  assert.deepEqual([one.rehearsal, two.rehearsal, beside.rehearsal], [true, true, true], 'four seconds prove little');
});

test('whoever stops the gate leaves no part running', async () => {
  const stop = new AbortController();
  const running = run([waiting], stop.signal);
  stop.abort();
  const { ended } = await running;
  assert.deepEqual(countGoals(ended), { met: 0, missed: 0, stopped: 1 });
});

test('the report draws what a part gave it, names what cannot be, and trusts no text', async () => {
  const { ended, rows } = await run([missingGoal]);
  const page = reportPage({ size: 'slice', seed: 1, began: new Date(0), ended, rows, root: process.cwd() });
  assert.match(page, /<td class="cell thin"[^>]*>7<\/td>/);
  assert.match(page, /nothing is sent &#60;then&#62;/);
  assert.match(page, /p50 3 ms, p90 500 ms/);
  assert.doesNotMatch(page, /(src|href)="http/);
});

test('every part that is registered is there, under its name', async () => {
  for (const one of [...registered, ...registeredForSoak]) assert.equal((await loadPart(one)).name, one.name);
});
