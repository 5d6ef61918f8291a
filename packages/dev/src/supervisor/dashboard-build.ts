import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { takeLock } from '../process-lock.ts';
import { environmentWithOurTools, repositoryRoot } from '../repository.ts';
import { StartProblem } from './start-problem.ts';
import { readJson, writeJson } from './state-directory.ts';

const dashboard = join(repositoryRoot, 'apps', 'dashboard');
const output = join(dashboard, '.next');
const stamp = join(output, 'seatbelt-build.json');

/** Next.js' own program; run it with our Node. */
export const nextProgram: string = join(repositoryRoot, 'node_modules', 'next', 'dist', 'bin', 'next');

// Everything that a build depends on: the dashboard, the packages it compiles in, and the versions of all others.
const ingredients = [
  'apps/dashboard',
  'packages/engine/src',
  'packages/stripe-sim/src',
  'packages/widget/src',
  'package-lock.json',
];
const notIngredients = new Set(['node_modules', '.next', 'test', 'next-env.d.ts']);

/** The dashboard could not be built; the message holds what Next.js said. */
export class BuildFailed extends Error {
  override readonly name = 'BuildFailed';
}

/**
 * Builds the dashboard unless the build that is there was made from exactly these sources. Safe to call from several
 * processes at once: one builds, the others wait for it. `say` gets a line for each thing worth showing; `signal` stops it.
 *
 * @throws BuildFailed, or the reason of the signal
 */
export async function ensureDashboardBuilt(
  say: (line: string) => void,
  signal: AbortSignal = new AbortController().signal,
): Promise<{ built: boolean }> {
  try {
    return await ensureBuilt(say, signal);
  } catch (error) {
    throw isAboutFiles(error) ? new BuildFailed(cannotBeWritten(error), { cause: error }) : error;
  }
}

function isAboutFiles(error: unknown): error is Error {
  return error instanceof StartProblem || (error instanceof Error && 'syscall' in error);
}

function cannotBeWritten({ message }: Error): string {
  return `The dashboard could not be built, because something in its folder is in the way. Is ${output} another user's? ${message}`;
}

async function ensureBuilt(say: (line: string) => void, signal: AbortSignal): Promise<{ built: boolean }> {
  const digest = digestOf(ingredients);
  if (builtFrom() === digest) return { built: false };
  const lock = await waitForLock(say, signal);
  try {
    if (builtFrom() === digest) return { built: false };
    // Without its stamp a half build is no build.
    await rm(stamp, { force: true });
    await build(say, signal);
    // Whoever may read the build may read what it was made from.
    writeJson(stamp, { digest }, 0o644);
    return { built: true };
  } finally {
    await lock.release();
  }
}

/** Whether the build that is there was made from exactly these sources. Builds nothing. */
export function isDashboardBuilt(): boolean {
  return builtFrom() === digestOf(ingredients);
}

function builtFrom(): string | undefined {
  return readJson<{ digest: string }>(stamp)?.digest;
}

// A build takes half a minute on two busy cores.
const buildWithinMs = 10 * 60_000;

async function waitForLock(say: (line: string) => void, signal: AbortSignal): ReturnType<typeof takeLockOrThrow> {
  const deadline = performance.now() + buildWithinMs;
  for (let waited = 0; performance.now() < deadline; waited++) {
    const lock = await takeLock(`build ${dashboard}`);
    if (lock !== undefined) return lock;
    if (waited === 0) say('Another process is building the dashboard; waiting for it.');
    await pause(250, undefined, { signal });
  }
  return takeLockOrThrow();
}

async function takeLockOrThrow() {
  const lock = await takeLock(`build ${dashboard}`);
  if (lock === undefined) throw new BuildFailed('Another process has been building the dashboard for ten minutes.');
  return lock;
}

async function build(say: (line: string) => void, signal: AbortSignal): Promise<void> {
  const began = performance.now();
  const seconds = () => Math.round((performance.now() - began) / 1000);
  say('Building the dashboard. This happens once, and again when its sources change (about half a minute).');
  const stillAtIt = setInterval(() => say(`Still building the dashboard (${seconds()} s).`), 10_000);
  try {
    const { code, text } = await runNextBuild(signal);
    if (code !== 0) throw new BuildFailed(`The dashboard could not be built:\n${text.trim()}`);
    say(`Built the dashboard in ${seconds()} s.`);
  } finally {
    clearInterval(stillAtIt);
  }
}

function runNextBuild(signal: AbortSignal): Promise<{ code: number | null; text: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [nextProgram, 'build'], {
      cwd: dashboard,
      // Nothing of this machine's configuration belongs into a build.
      env: environmentWithOurTools({
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        CI: process.env.CI,
        NODE_ENV: 'production',
        NEXT_TELEMETRY_DISABLED: '1',
      }),
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
    });
    let text = '';
    const collect = (chunk: Buffer) => {
      text = (text + chunk.toString()).slice(-20_000);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, text }));
  });
}

/** One number for all files under these paths: names and contents. */
function digestOf(paths: string[]): string {
  const hash = createHash('sha256');
  // A build is bound to where it is (Next.js writes absolute paths) and to the Node that runs it.
  hash.update(`${repositoryRoot}\n${process.version}\n`);
  for (const path of paths) addTo(hash, path);
  return hash.digest('hex');
}

function addTo(hash: ReturnType<typeof createHash>, path: string): void {
  const absolute = join(repositoryRoot, path);
  if (!existsSync(absolute)) return;
  if (statSync(absolute).isFile()) {
    hash.update(`${path}\n`).update(readFileSync(absolute));
    return;
  }
  for (const name of readdirSync(absolute).sort()) {
    if (!notIngredients.has(name) && !/\.test\.tsx?$|\.tsbuildinfo$/.test(name)) addTo(hash, join(path, name));
  }
}
