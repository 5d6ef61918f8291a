import type { Progress } from './report.ts';
import type { Job, Result } from './result.ts';

/**
 * Runs all jobs, `atOnce` of them side by side. Half of the lanes begin with those that wait and the other half with those
 * that compute, each in their order, so that the processors are neither idle nor fought over; then everybody takes what is left.
 * A job that comes after another one is passed over until that one is over, whatever came of it.
 */
export async function runJobs(jobs: Job[], atOnce: number, signal: AbortSignal, progress: Progress): Promise<Result[]> {
  const results: Result[] = [];
  const left = [...jobs];
  const over = new Set<string>();
  let somethingIsOver = Promise.withResolvers<void>();
  const titles = new Set(jobs.map(({ title }) => title));
  // What is not part of this run, because only some files are, is waited for by nobody.
  const ready = ({ after }: Job) => after === undefined || over.has(after) || !titles.has(after);
  const take = (waits: boolean): Job | undefined => {
    const wanted = left.findIndex((job) => ready(job) && (job.waits ?? false) === waits);
    const index = wanted === -1 ? left.findIndex(ready) : wanted;
    return index === -1 ? undefined : left.splice(index, 1)[0];
  };
  const lane = async (waits: boolean) => {
    while (left.length > 0) {
      const job = take(waits);
      if (job === undefined) {
        await somethingIsOver.promise;
        continue;
      }
      progress.started(job.title);
      const result = await job.run(signal);
      results.push(result);
      progress.finished(result);
      over.add(job.title);
      somethingIsOver.resolve();
      somethingIsOver = Promise.withResolvers();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, (_, index) => lane(index % 2 === 0)));
  return results;
}
