import assert from 'node:assert/strict';
import { test } from 'node:test';
import { againAlone } from '../src/test-run/again-alone.ts';
import { Progress } from '../src/test-run/report.ts';
import type { Job, Result } from '../src/test-run/result.ts';

/** A file whose runs go as told, one after the other. */
function fileThat(title: string, ...runs: ('passes' | 'fails')[]): Job & { left(): number } {
  return {
    title,
    left: () => runs.length,
    async run(): Promise<Result> {
      const failures = runs.shift() === 'passes' ? [] : [{ file: title, name: 'a test', details: 'it failed' }];
      return { title, passed: 1 - failures.length, failures, skips: [], seconds: 0 };
    },
  };
}

async function judge(jobs: readonly Job[], files: readonly Job[] = jobs) {
  const signal = new AbortController().signal;
  const first = await Promise.all(jobs.map((job) => job.run(signal)));
  return againAlone(first, files, signal, new Progress(jobs.length));
}

test('a file that passes alone has passed, and what it said before stays', async () => {
  const [calm, shaky] = await judge([fileThat('calm', 'passes'), fileThat('shaky', 'fails', 'passes')]);
  assert.deepEqual([calm?.passed, calm?.failedBesideOthers], [1, undefined]);
  assert.deepEqual([shaky?.passed, shaky?.failures], [1, []]);
  assert.deepEqual(
    shaky?.failedBesideOthers?.map(({ details }) => details),
    ['it failed'],
  );
});

test('a file that fails alone too has failed', async () => {
  const [broken] = await judge([fileThat('broken', 'fails', 'fails')]);
  assert.deepEqual([broken?.failures.length, broken?.failedBesideOthers], [1, undefined]);
});

test('types and lint are not asked twice', async () => {
  const types = fileThat('types', 'fails', 'passes');
  const [judged] = await judge([types], []);
  assert.equal(judged?.failures.length, 1);
  assert.equal(types.left(), 1);
});

test('many failures are not a crowded machine: nothing is tried again', async () => {
  const files = ['one', 'two', 'three', 'four'].map((title) => fileThat(title, 'fails', 'passes'));
  const judged = await judge(files);
  assert.equal(judged.filter(({ failures }) => failures.length === 1).length, 4);
});
