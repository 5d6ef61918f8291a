/** Puts one planted bug into a copy of the engine and asks the checks, one after the other, until one of them finds it. */
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { original, type Planted } from './planted-bugs.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

export type Check = 'schedules' | 'search' | 'direct tests';
export const checks: readonly Check[] = ['schedules', 'search', 'direct tests'];

export interface Caught {
  readonly by: Check;
  /** The guarantee that was seen broken; for direct tests the number of tests that failed. */
  readonly saw: string;
  /** Schedules played, or states searched, until then. */
  readonly after: number;
  /** The seed that showed it; null where seeds play no part. */
  readonly seed: number | null;
}

export interface Hunted {
  readonly name: string;
  readonly caught: readonly Caught[];
  /** The bug did not let a check come to its report. That is no catch: the place or the text of the bug is wrong. */
  readonly broken: string | null;
  readonly seconds: number;
}

export interface HuntOptions {
  /** Schedules at most. */
  readonly count: number;
  /** Ask the next check although one has found it. */
  readonly everyCheck: boolean;
  readonly checks: readonly Check[];
  /** Seeds to try before all others, by the name of the bug. */
  readonly seeds?: Readonly<Record<string, number>>;
  readonly signal?: AbortSignal | undefined;
}

/** States searched at most in each small world: bugs show in short stories. */
const searchLimit = 30_000;

/** A copy of the engine and the proof that can be broken, beside the modules of the repository. */
export async function copyOfEngine(): Promise<{ directory: string; remove: () => Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'planted-'));
  await mkdir(join(directory, 'packages/engine'), { recursive: true });
  await cp(join(root, 'packages/engine/src'), join(directory, 'packages/engine/src'), { recursive: true });
  await cp(join(root, 'packages/engine/package.json'), join(directory, 'packages/engine/package.json'));
  await cp(join(root, 'proof/src'), join(directory, 'proof/src'), { recursive: true });
  await writeFile(join(directory, 'package.json'), '{"type":"module"}');
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
}

export async function hunt(directory: string, bug: Planted, options: HuntOptions): Promise<Hunted> {
  const beganAt = performance.now();
  const { file, text: healthy } = await original(directory, bug);
  await writeFile(
    file,
    healthy.replace(bug.from, () => bug.to),
  );
  const caught: Caught[] = [];
  let broken: string | null = null;
  try {
    for (const check of inOrder(options.checks, bug.first)) {
      if (options.signal?.aborted || broken !== null) break;
      if (caught.length > 0 && !options.everyCheck) break;
      const { found, trouble } = await ask[check](directory, options, options.seeds?.[bug.name] ?? null);
      if (found) caught.push({ by: check, ...found });
      broken = trouble;
    }
  } finally {
    await writeFile(file, healthy);
  }
  return { name: bug.name, caught, broken, seconds: (performance.now() - beganAt) / 1_000 };
}

function inOrder(asked: readonly Check[], first: Check | undefined): Check[] {
  return asked.toSorted((a, b) => Number(b === first) - Number(a === first));
}

interface Answer {
  readonly found: Omit<Caught, 'by'> | null;
  readonly trouble: string | null;
}

type Asked = (directory: string, options: HuntOptions, seedFirst: number | null) => Promise<Answer>;

const ask: Readonly<Record<Check, Asked>> = {
  schedules: async (directory, { count, signal }, seedFirst) => {
    if (seedFirst !== null) {
      const answer = await playFrom(directory, seedFirst, 1, signal);
      if (answer.found !== null || answer.trouble !== null) return answer;
    }
    return playFrom(directory, 1, count, signal);
  },
  search: async (directory, { signal }) => {
    const out = await run(
      directory,
      ['proof/src/search/main.ts', '--small', '--limit', String(searchLimit), '--json'],
      signal,
    );
    const report = lastJson(out) as { worlds: number; counterexample: { guarantee: string } | null }[] | null;
    const seen = report?.reduce((sum, { worlds }) => sum + worlds, 0) ?? 0;
    const counterexample = report?.find((one) => one.counterexample !== null)?.counterexample;
    return {
      found: counterexample ? { saw: counterexample.guarantee, after: seen, seed: null } : null,
      trouble: report === null ? lastLines(out) : null,
    };
  },
  'direct tests': async (directory, { signal }) => {
    // In one process: the files share nothing, and most of what each took was its start.
    const args = ['--test', '--test-isolation=none', '--test-reporter=tap', 'packages/engine/src/core/*.test.ts'];
    const out = await run(directory, args, signal);
    const failed = /^# fail (\d+)/m.exec(out)?.[1];
    return {
      found: failed === undefined || failed === '0' ? null : { saw: `${failed} fail`, after: 0, seed: null },
      trouble: failed === undefined ? lastLines(out) : null,
    };
  },
};

async function playFrom(
  directory: string,
  first: number,
  count: number,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const args = ['proof/src/schedules.ts', '--count', String(count), '--seed', String(first), '--json'];
  const out = await run(directory, args, signal);
  const report = lastJson(out) as { schedules: number; violated: { seed: number; guarantee: string }[] } | null;
  const violated = report?.violated[0];
  return {
    found: report && violated ? { saw: violated.guarantee, after: report.schedules, seed: violated.seed } : null,
    trouble: report === null ? lastLines(out) : null,
  };
}

function run(directory: string, args: readonly string[], signal: AbortSignal | undefined): Promise<string> {
  const environment = { ...process.env };
  // Node tells a test run inside a test run to be quiet; this one is read.
  delete environment.NODE_TEST_CONTEXT;
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: directory,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
    });
    let out = '';
    const hear = (chunk: Buffer) => {
      out += chunk.toString();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('error', (error) => resolve(`${out}\n${error.message}`));
    child.once('close', () => resolve(out));
  });
}

/** The last line is the report, if the check came to it. */
function lastJson(out: string): unknown {
  const line = out.trim().split('\n').at(-1) ?? '';
  return line.startsWith('{') || line.startsWith('[{') ? JSON.parse(line) : null;
}

function lastLines(out: string): string {
  return out.trim().split('\n').slice(-6).join(' | ').slice(0, 300);
}

/** Several bugs at a time, each lane in a copy of its own. */
export async function huntAll(
  bugs: readonly Planted[],
  options: HuntOptions,
  atOnce: number,
  told: (hunted: Hunted) => void,
): Promise<Hunted[]> {
  const left = [...bugs];
  const hunted: Hunted[] = [];
  const lane = async (): Promise<void> => {
    const copy = await copyOfEngine();
    try {
      for (let bug = left.shift(); bug !== undefined && !options.signal?.aborted; bug = left.shift()) {
        const one = await hunt(copy.directory, bug, options);
        hunted.push(one);
        told(one);
      }
    } finally {
      await copy.remove();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  const order = new Map(bugs.map(({ name }, index) => [name, index]));
  return hunted.sort((a, b) => (order.get(a.name) ?? 0) - (order.get(b.name) ?? 0));
}
