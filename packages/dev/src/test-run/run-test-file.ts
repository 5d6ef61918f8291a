import { join } from 'node:path';
import { run } from 'node:test';
import { inspect } from 'node:util';
import { repositoryRoot } from '../repository.ts';
import type { Failure, Job, Skip } from './result.ts';

/** Runs one test file in a process of its own; when it does not end in time the sentence names it and what hung. */
export function testFileJob(file: string, withinSeconds: number): Job {
  const waits = file.startsWith('apps/') || file.includes('.browser.');
  return { title: file, waits, run: (signal) => runTestFile(file, withinSeconds, signal) };
}

async function runTestFile(file: string, withinSeconds: number, whole: AbortSignal): ReturnType<Job['run']> {
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  const failures: Failure[] = [];
  const skips: Skip[] = [];
  const underWay = new Map<string, number>();
  let passed = 0;
  let output = '';
  // Enough to see what happened before a failure, and bounded.
  const collect = (text: string) => {
    output = (output + text).slice(-8_000);
  };

  const tooLate = AbortSignal.timeout(withinSeconds * 1000);
  const absolute = join(repositoryRoot, file);
  const stream = run({
    files: [absolute],
    cwd: repositoryRoot,
    signal: AbortSignal.any([whole, tooLate]),
  });
  stream.on('test:dequeue', ({ name }) => underWay.set(name, (underWay.get(name) ?? 0) + 1));
  stream.on('test:complete', ({ name }) => {
    const left = (underWay.get(name) ?? 1) - 1;
    if (left === 0) underWay.delete(name);
    else underWay.set(name, left);
  });
  stream.on('test:stdout', ({ message }) => collect(message));
  stream.on('test:stderr', ({ message }) => collect(message));
  stream.on('test:diagnostic', ({ message }) => {
    // Errors outside any test come this way, between the runner's own counts, which we have already.
    if (!/^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+$/.test(message)) collect(`${message}\n`);
  });
  stream.on('test:pass', ({ name, details, skip }) => {
    if (details.type === 'suite' || name === absolute || name === file) return;
    if (skip === undefined || skip === false) passed += 1;
    else skips.push({ file, name, reason: typeof skip === 'string' ? skip : 'no reason given' });
  });
  stream.on('test:fail', ({ name, details }) => {
    // A suite or a parent fails with its subtests, which were reported already; an aborted one is reported below.
    const kind = 'failureType' in details.error ? details.error.failureType : undefined;
    if (kind === 'subtestsFailed' || whole.aborted || tooLate.aborted) return;
    failures.push({ file, name: name === absolute ? file : name, details: describe(details.error) });
  });

  // The stream ends when the file's process has ended.
  for await (const _event of stream) {
    // Everything is collected above.
  }

  if (tooLate.aborted) {
    const hanging = [...underWay.keys()].filter((name) => name !== absolute && name !== file);
    failures.push({
      file,
      name: `${file} did not end within ${withinSeconds} s`,
      details:
        hanging.length === 0
          ? 'No test was under way: something keeps the process alive.'
          : `Under way: ${hanging.join('; ')}`,
    });
  } else if (whole.aborted) {
    failures.push({ file, name: `${file} was stopped with the whole run`, details: '' });
  } else if (passed + skips.length + failures.length === 0) {
    failures.push({ file, name: file, details: 'The file has no tests.' });
  }
  if (failures.length > 0 && output.trim() !== '') {
    const last = failures.at(-1);
    if (last !== undefined) last.details += `\n--- output of ${file} ---\n${output.trim()}`;
  }
  return { title: file, passed, failures, skips, seconds: seconds() };
}

/** The cause is what the test threw; the wrapper around it says only that it failed. */
function describe(error: Error): string {
  const cause = error.cause ?? error;
  if (typeof cause === 'string') return cause;
  return inspect(cause, { depth: 4 });
}
