import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { run } from 'node:test';
import { inspect } from 'node:util';
import { repositoryRoot } from '../repository.ts';
import type { Failure, Job, Skip } from './result.ts';

/** The job that builds the dashboard; whatever starts one comes after it. */
export const buildTitle = 'build of the dashboard';

/** Runs one test file in a process of its own; when it does not end in time the sentence names it and what hung. */
export function testFileJob(file: string, withinSeconds: number): Job {
  return {
    title: file,
    waits: file.startsWith('apps/') || file.includes('.browser.') || startsProduct(file),
    ...(startsProduct(file) ? { after: buildTitle } : {}),
    run: (signal) => runTestFiles(file, [file], join(repositoryRoot, file), withinSeconds, signal),
  };
}

/**
 * Runs several files in one process, one after another. Counts and failures stay those of each file.
 *
 * @param entry where the program that loads them is written
 */
export function testFilesJob(title: string, files: readonly string[], entry: string, withinSeconds: number): Job {
  const imports = files.map((file) => `import ${JSON.stringify(join(repositoryRoot, file))};\n`);
  writeFileSync(entry, imports.join(''));
  return { title, run: (signal) => runTestFiles(title, files, entry, withinSeconds, signal) };
}

/** A file says itself that it wants the built dashboard. */
export function startsProduct(file: string): boolean {
  return /\b(ensureDashboardBuilt|startDashboard)\(/.test(readFileSync(join(repositoryRoot, file), 'utf8'));
}

async function runTestFiles(
  title: string,
  files: readonly string[],
  program: string,
  withinSeconds: number,
  whole: AbortSignal,
): ReturnType<Job['run']> {
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  const failures: Failure[] = [];
  const skips: Skip[] = [];
  const underWay = new Map<string, number>();
  const withoutTests = new Set(files);
  let passed = 0;
  let output = '';
  // Enough to see what happened before a failure, and bounded.
  const collect = (text: string) => {
    output = (output + text).slice(-8_000);
  };

  const tooLate = AbortSignal.timeout(withinSeconds * 1000);
  // The process itself is reported like a test, under one of these names.
  const isProcess = (name: string) => name === program || name === relative(repositoryRoot, program);
  // Where a file leaves its tests to another one that it imports, they are its own all the same.
  const fileOf = ({ file }: { readonly file?: string | undefined }) =>
    files.length === 1 || file === undefined ? title : relative(repositoryRoot, file);
  const stream = run({
    files: [program],
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
  stream.on('test:pass', (event) => {
    const { name, details, skip } = event;
    if (details.type === 'suite' || isProcess(name)) return;
    const file = fileOf(event);
    withoutTests.delete(file);
    if (skip === undefined || skip === false) passed += 1;
    else skips.push({ file, name, reason: typeof skip === 'string' ? skip : 'no reason given' });
  });
  stream.on('test:fail', (event) => {
    const { name, details } = event;
    const file = fileOf(event);
    withoutTests.delete(file);
    // A suite or a parent fails with its subtests, which were reported already; an aborted one is reported below.
    const kind = 'failureType' in details.error ? details.error.failureType : undefined;
    if (kind === 'subtestsFailed' || whole.aborted || tooLate.aborted) return;
    failures.push({ file, name: isProcess(name) ? title : name, details: describe(details.error) });
  });

  // The stream ends when the file's process has ended.
  for await (const _event of stream) {
    // Everything is collected above.
  }

  if (tooLate.aborted) {
    const hanging = [...underWay.keys()].filter((name) => !isProcess(name));
    failures.push({
      file: title,
      name: `${title} did not end within ${withinSeconds} s`,
      details:
        hanging.length === 0
          ? 'No test was under way: something keeps the process alive.'
          : `Under way: ${hanging.join('; ')}`,
    });
  } else if (whole.aborted) {
    failures.push({ file: title, name: `${title} was stopped with the whole run`, details: '' });
  } else if (failures.length === 0) {
    for (const file of withoutTests) failures.push({ file, name: file, details: 'The file has no tests.' });
  }
  if (failures.length > 0 && output.trim() !== '') {
    const last = failures.at(-1);
    if (last !== undefined) last.details += `\n--- output of ${title} ---\n${output.trim()}`;
  }
  return { title, passed, failures, skips, seconds: seconds() };
}

/** The cause is what the test threw; the wrapper around it says only that it failed. */
function describe(error: Error): string {
  const cause = error.cause ?? error;
  if (typeof cause === 'string') return cause;
  return inspect(cause, { depth: 4 });
}
