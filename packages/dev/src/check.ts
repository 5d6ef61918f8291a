import { checkJobs } from './test-run/checks.ts';
import { Progress, printSummary } from './test-run/report.ts';
import { runJobs } from './test-run/run-jobs.ts';

/** `npm run check`: types and lint, without the tests. */
const jobs = checkJobs();
const progress = new Progress(jobs.length);
const results = await runJobs(jobs, 2, new AbortController().signal, progress);
progress.end();
printSummary(results);
process.exitCode = results.some((result) => result.failures.length > 0) ? 1 : 0;
