import type { Progress } from './report.ts';
import type { Job, Result } from './result.ts';

/** More files than this failing is not a crowded machine. */
const filesTriedAgain = 3;

/**
 * A test file that failed beside others is run once more by itself. What passes then counts as passed, and stays in the
 * summary with what it said the first time: a crowded machine may be the reason, a race in the product may be as well, and
 * somebody has to look. Types and lint fail by themselves and are not asked twice.
 */
export async function againAlone(
  results: readonly Result[],
  testFiles: readonly Job[],
  signal: AbortSignal,
  progress: Progress,
): Promise<Result[]> {
  const failed = results.filter(({ failures }) => failures.length > 0);
  const jobs = new Map(testFiles.map((job) => [job.title, job]));
  const tooMany = failed.length > filesTriedAgain;
  const judged: Result[] = [];
  for (const result of results) {
    const job = jobs.get(result.title);
    if (result.failures.length === 0 || job === undefined || tooMany || signal.aborted) {
      judged.push(result);
      continue;
    }
    progress.again(job.title);
    const second = await job.run(signal);
    progress.ranAgain(second);
    judged.push(second.failures.length > 0 ? second : { ...second, failedBesideOthers: result.failures });
  }
  return judged;
}
