import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { repositoryRoot } from '../src/repository.ts';
import { findTestFiles, longerThanTheyLook } from '../src/test-run/find-test-files.ts';
import { Progress } from '../src/test-run/report.ts';
import type { Job, Result } from '../src/test-run/result.ts';
import { runJobs } from '../src/test-run/run-jobs.ts';

const scratch = mkdtempSync(join(tmpdir(), 'seatbelt-test-run-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

/** Runs a test file with this text as `npm test` would. In another process, because a test runner refuses to run inside one. */
async function runText(name: string, text: string, withinSeconds = 30): Promise<Result> {
  const file = join(scratch, `${name}.test.ts`);
  writeFileSync(file, `import assert from 'node:assert/strict';\nimport { describe, test } from 'node:test';\n${text}`);
  return drive(name, `testFileJob(${JSON.stringify(relative(repositoryRoot, file))}, ${withinSeconds})`);
}

async function drive(name: string, job: string): Promise<Result> {
  // A file, because the runner hands its own command line on to the processes that it starts.
  const driver = join(scratch, `${name}.driver.ts`);
  writeFileSync(
    driver,
    `import { testFileJob, testFilesJob } from ${JSON.stringify(join(import.meta.dirname, '../src/test-run/run-test-file.ts'))};
     const job = ${job};
     console.log(JSON.stringify(await job.run(new AbortController().signal)));`,
  );
  const environment = { ...process.env };
  delete environment.NODE_TEST_CONTEXT;
  const { stdout } = await promisify(execFile)(process.execPath, [driver], { env: environment });
  return JSON.parse(stdout);
}

test('tests are counted one by one, a suite is not a test, and a skipped one keeps its reason', async () => {
  const result = await runText(
    'mixed',
    `describe('a suite', () => { test('one', () => {}); test('two', () => {}); });
     test('three', { skip: 'no such machine' }, () => {});`,
  );
  assert.equal(result.passed, 2);
  assert.deepEqual(result.failures, []);
  assert.deepEqual(
    result.skips.map(({ name, reason }) => [name, reason]),
    [['three', 'no such machine']],
  );
});

test('a failure is counted once, with what was thrown and what the file printed', async () => {
  const result = await runText(
    'failing',
    `console.log('a line from the file');
     describe('a suite', () => { test('wrong', () => assert.equal(1 + 1, 3)); test('right', () => {}); });`,
  );
  assert.equal(result.passed, 1);
  assert.deepEqual(
    result.failures.map(({ name }) => name),
    ['wrong'],
  );
  assert.match(result.failures[0]?.details ?? '', /2 !== 3[\s\S]*a line from the file/);
});

test('a file that cannot be loaded is a failure', async () => {
  const result = await runText('broken', `import './not-there.ts';\ntest('never', () => {});`);
  assert.equal(result.passed, 0);
  assert.equal(result.failures.length, 1);
  assert.match(JSON.stringify(result.failures), /not-there/);
});

test('an error after the last test is a failure', async () => {
  const result = await runText(
    'late',
    `test('fine', () => {}); setTimeout(() => { throw new Error('too late to notice'); }, 300);`,
  );
  assert.equal(result.failures.length, 1, JSON.stringify(result));
  assert.match(JSON.stringify(result.failures), /too late to notice/);
});

test('a file without tests is a failure', async () => {
  const result = await runText('empty', '');
  assert.deepEqual(
    result.failures.map(({ details }) => details),
    ['The file has no tests.'],
  );
});

test('a test that hangs is named', async () => {
  const result = await runText(
    'hanging',
    `test('quick', () => {}); test('waits for ever', async () => { setInterval(() => {}, 1000); await new Promise(() => {}); });`,
    2,
  );
  assert.equal(result.passed, 1);
  assert.match(result.failures[0]?.name ?? '', /hanging\.test\.ts did not end within 2 s/);
  assert.match(result.failures[0]?.details ?? '', /Under way: waits for ever/);
});

/** Runs several files in one process, as `npm test` does with those of some places. */
async function runTogether(texts: Readonly<Record<string, string>>): Promise<Result> {
  const files = Object.entries(texts).map(([name, text]) => {
    const file = join(scratch, `${name}.test.ts`);
    writeFileSync(file, `import assert from 'node:assert/strict';\nimport { test } from 'node:test';\n${text}`);
    return relative(repositoryRoot, file);
  });
  return drive(
    'together',
    `testFilesJob('a place', ${JSON.stringify(files)}, ${JSON.stringify(join(scratch, 'entry.test.ts'))}, 30)`,
  );
}

test('files in one process: counts are of all, a failure names its own file, and a file without tests is one', async () => {
  const result = await runTogether({
    computes: `test('one', () => {}); test('two', () => {});`,
    miscounts: `test('wrong', () => assert.equal(1 + 1, 3));`,
    says_nothing: '',
  });
  assert.equal(result.passed, 2);
  assert.deepEqual(
    result.failures.map(({ file, name }) => [file.replace(/.*\//, ''), name]),
    [['miscounts.test.ts', 'wrong']],
  );
  const calm = await runTogether({ computes: `test('one', () => {});`, says_nothing: '' });
  assert.deepEqual(
    calm.failures.map(({ file, details }) => [file.replace(/.*\//, ''), details]),
    [['says_nothing.test.ts', 'The file has no tests.']],
  );
});

test('a job that comes after another one starts when that one is over; one that is not part of the run is not waited for', async () => {
  const order: string[] = [];
  const job = (title: string, after?: string): Job => ({
    title,
    ...(after === undefined ? {} : { after }),
    async run() {
      order.push(`${title} begins`);
      await new Promise(setImmediate);
      order.push(`${title} is over`);
      return { title, passed: 1, failures: [], skips: [], seconds: 0 };
    },
  });
  const jobs = [job('screen', 'build'), job('orphan', 'elsewhere'), job('build')];
  const results = await runJobs(jobs, 3, new AbortController().signal, new Progress(jobs.length));
  assert.equal(results.length, 3);
  assert.ok(order.indexOf('screen begins') > order.indexOf('build is over'), order.join(', '));
  assert.ok(order.indexOf('orphan begins') < order.indexOf('build is over'), order.join(', '));
});

test('the files that take longer than they look come first, and each of them is there', () => {
  assert.deepEqual(new Set(findTestFiles([]).slice(0, longerThanTheyLook.length)), new Set(longerThanTheyLook));
});
