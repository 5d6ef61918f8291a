import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../repository.ts';
import type { Job } from './result.ts';
import { startsProduct, testFileJob, testFilesJob } from './run-test-file.ts';

/**
 * Places whose files share a process, up to that many of them: starting one and warming it up costs more than most of them
 * do. A file belongs to the first place that its path begins with. All that a test has is its own, a database included.
 */
const shared: readonly { readonly place: string; readonly filesAtMost: number }[] = [
  { place: 'packages/engine/src/core', filesAtMost: 50 },
  { place: 'packages/engine/src', filesAtMost: 16 },
  // They wait more than they compute, so several processes wait at once.
  { place: 'packages/engine/test', filesAtMost: 10 },
  { place: 'packages/stripe-sim', filesAtMost: 50 },
  { place: 'apps/dashboard/src', filesAtMost: 50 },
];

/** A job for each file, and one for the files of a place that share a process. These take longest, so they come first. */
export function testFileJobs(files: readonly string[], folder: string, withinSeconds: number): Job[] {
  const groups = shared.flatMap(({ place, filesAtMost }, index) => {
    const here = files.filter((file) => placeOf(file) === index && sharesProcess(file));
    const parts = Math.ceil(here.length / filesAtMost);
    return Array.from({ length: parts }, (_, part) => ({
      title: parts === 1 ? place : `${place}, part ${part + 1} of ${parts}`,
      // Every so manieth: neighbours in size often take equally long.
      files: here.filter((_file, at) => at % parts === part),
    }));
  });
  const together = groups.filter((group) => group.files.length > 1);
  const alone = files.filter((file) => !together.some((group) => group.files.includes(file)));
  return [
    ...together.map((group, index) =>
      testFilesJob(
        `${group.title} (${group.files.length} files)`,
        group.files,
        join(folder, `together-${index}.test.ts`),
        withinSeconds,
      ),
    ),
    ...alone.map((file) => testFileJob(file, withinSeconds)),
  ];
}

function placeOf(file: string): number {
  return shared.findIndex(({ place }) => file.startsWith(`${place}/`));
}

/** Hooks at the top of a file are the whole process's, and so is a Sentry; a browser or a product is too much beside anything. */
function sharesProcess(file: string): boolean {
  if (file.includes('.browser.') || startsProduct(file)) return false;
  return !/^(before|beforeEach|afterEach)\(|from '@sentry\/node'/m.test(
    readFileSync(join(repositoryRoot, file), 'utf8'),
  );
}
