import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type EmbeddedPostgres,
  PostgresProblem,
  type PostgresVersion,
  removeAbandonedCluster,
  startPostgres,
} from './embedded-postgres/index.ts';
import { ownFolder } from './own-folder.ts';
import { programOptions, wholeNumber } from './program-options.ts';
import { environmentWithOurTools } from './repository.ts';
import { scratchDirectories, scratchDirectory } from './scratch-directory.ts';
import { sharedServerSettings, sharedServerVariable } from './shared-server.ts';
import { againAlone } from './test-run/again-alone.ts';
import { buildJob, checkJobs } from './test-run/checks.ts';
import { findTestFiles } from './test-run/find-test-files.ts';
import { Progress, printSummary } from './test-run/report.ts';
import { runJobs } from './test-run/run-jobs.ts';
import { buildTitle } from './test-run/run-test-file.ts';
import { testFileJobs } from './test-run/test-file-jobs.ts';

// A healthy file takes seconds, the longest ones a minute and a half, on two slow cores that others use as well.
const fileWithinSeconds = 240;
// The whole takes minutes on two quiet cores. Where others want them too it takes several times as long and is no less true.
const wholeWithinSeconds = 30 * 60;

const help = `npm test: types, lint and every test of the repository, on PostgreSQL servers of its own.

  --only <part>   only test files whose path contains this, without types and lint; may be repeated
  --at-once <n>   how many files run side by side (default: two more than there are processors, because many wait)
`;

const { values } = programOptions(help, {
  options: {
    only: { type: 'string', multiple: true, default: [] },
    'at-once': { type: 'string', default: String(availableParallelism() + 2) },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(help);
else process.exitCode = await testEverything(values.only, wholeNumber(help, 'at-once', values['at-once'], 1));

/** Returns the exit code. */
async function testEverything(only: string[], atOnce: number): Promise<number> {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupted.abort());
  const whole = AbortSignal.any([interrupted.signal, AbortSignal.timeout(wholeWithinSeconds * 1000)]);

  const files = findTestFiles(only);
  if (files.length === 0) {
    console.log(`No test file has ${only.join(' or ')} in its path.\n\n0 passed, 0 failed`);
    return 1;
  }
  let servers: EmbeddedPostgres[];
  try {
    servers = await startServers();
  } catch (error) {
    // A full disk or a missing package is said in a sentence; anything else is a bug of ours and shows its stack.
    if (!(error instanceof PostgresProblem)) throw error;
    console.log(`${error.message}\n\n0 passed, 1 failed`);
    return 1;
  }
  // Two hundred files load the same modules: what one process has compiled the next ones take from there.
  const compiled = await mkdtemp(join(tmpdir(), 'seatbelt-compiled-'));
  process.env.NODE_COMPILE_CACHE ??= compiled;
  // Tests that start programs get our Node, too.
  Object.assign(process.env, environmentWithOurTools());
  try {
    const testFiles = testFileJobs(files, compiled, fileWithinSeconds);
    const build = testFiles.some(({ after }) => after === buildTitle) ? [buildJob()] : [];
    const jobs = [...build, ...(only.length === 0 ? checkJobs() : []), ...testFiles];
    const progress = new Progress(jobs.length);
    const results = await againAlone(await runJobs(jobs, atOnce, whole, progress), testFiles, whole, progress);
    progress.end();
    printSummary(results);
    return results.some((result) => result.failures.length > 0) ? 1 : 0;
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    await removeLeftServers();
    await rm(compiled, { recursive: true, force: true });
  }
}

/** The servers that all test files share; each file makes databases of its own there. */
async function startServers(): Promise<EmbeddedPostgres[]> {
  await removeLeftServers();
  const folder = serversIn(scratchDirectory());
  const servers = await Promise.all(([18, 15] as const).map((version) => startServer(version, folder)));
  return servers.filter((server) => server !== undefined);
}

async function startServer(version: PostgresVersion, folder: string): Promise<EmbeddedPostgres | undefined> {
  try {
    const server = await startPostgres({
      dataDir: join(folder, `${process.pid}-${version}`),
      version,
      durable: false,
      settings: sharedServerSettings,
    });
    process.env[sharedServerVariable(version)] = server.url;
    return server;
  } catch (error) {
    // The older version is there for Linux x64 only; the tests that want it say that they are skipped.
    if (version === 15 && error instanceof PostgresProblem && error.code === 'no_binaries') return undefined;
    throw error;
  }
}

function serversIn(place: string): string {
  return join(place, 'test-runs');
}

/** This run's clusters, and those of runs that were killed. Clusters of runs that are under way stay. */
async function removeLeftServers(): Promise<void> {
  for (const folder of scratchDirectories().map(serversIn)) {
    ownFolder(folder);
    const names = (await readdir(folder)).map((name) => name.replace(/\.unfinished-.*$/, ''));
    for (const name of new Set(names)) await removeAbandonedCluster(join(folder, name));
  }
}
