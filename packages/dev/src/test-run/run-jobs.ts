import type { Progress } from './report.ts';
import type { Job, Result } from './result.ts';

/**
 * Runs all jobs, `atOnce` of them side by side. Half of the lanes begin with those that wait and the other half with those
 * that compute, each in their order, so that the processors are neither idle nor fought over; then everybody takes what is left.
 */
export async function runJobs(jobs: Job[], atOnce: number, signal: AbortSignal, progress: Progress): Promise<Result[]> {
  const results: Result[] = [];
  const left = [...jobs];
  const take = (waits: boolean): Job | undefined => {
    const index = left.findIndex((job) => (job.waits ?? false) === waits);
    return left.splice(Math.max(index, 0), 1)[0];
  };
  const lane = async (waits: boolean) => {
    for (let job = take(waits); job !== undefined; job = take(waits)) {
      progress.started(job.title);
      const result = await job.run(signal);
      results.push(result);
      progress.finished(result);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, (_, index) => lane(index % 2 === 0)));
  return results;
}
