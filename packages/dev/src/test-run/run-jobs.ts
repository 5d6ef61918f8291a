import type { Progress } from './report.ts';
import type { Job, Result } from './result.ts';

/** Runs all jobs, `atOnce` of them side by side, in their order. */
export async function runJobs(jobs: Job[], atOnce: number, signal: AbortSignal, progress: Progress): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = [...jobs];
  const lane = async () => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      progress.started(job.title);
      const result = await job.run(signal);
      results.push(result);
      progress.finished(result);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return results;
}
