/** Every branch, line and function of the decision core is reached by its own tests. */
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Goal, Part, PartContext, PartResult } from './part.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const core = 'packages/engine/src/core';

export const coreCoverage: Part = {
  name: 'core-coverage',
  title: 'every branch of the core',
  async run(context: PartContext): Promise<PartResult> {
    context.progress({ done: 0, total: 1, faults: 0, note: 'the tests of the core' });
    const { report, code } = await measureCoverage(context.signal);
    context.progress({ done: 1, total: 1, faults: 0 });
    const measured = coverageOf(report);
    const goals = (['lines', 'branches', 'functions'] as const).map((what): Goal => {
      const share = measured?.[what] ?? null;
      return {
        title: `${what} of the core reached by its tests`,
        wanted: '100 %',
        got: share === null ? 'no figure came out' : `${share} %`,
        met: share === 100,
      };
    });
    const tests: Goal = { title: 'tests of the core', wanted: 'all pass', got: `code ${code}`, met: code === 0 };
    return {
      goals: [...goals, tests],
      violations: [],
      faults: 0,
      data: { coverage: { kind: 'timeline', title: 'coverage of the core', lines: report.split('\n') } },
    };
  },
};

/** Runs the tests of the core with coverage. The report is Node's own, in its TAP form. */
export async function measureCoverage(signal?: AbortSignal): Promise<{ report: string; code: number }> {
  // Code that comes from a cache has less precise coverage.
  const environment: NodeJS.ProcessEnv = { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' };
  // Node tells a test run inside a test run to be quiet; this one is read.
  delete environment.NODE_TEST_CONTEXT;
  const child = spawn(
    process.execPath,
    [
      '--test',
      '--test-reporter=tap',
      '--experimental-test-coverage',
      '--test-coverage-branches=100',
      '--test-coverage-lines=100',
      '--test-coverage-functions=100',
      `--test-coverage-include=${core}/*.ts`,
      `--test-coverage-exclude=${core}/*.test.ts`,
      `--test-coverage-exclude=${core}/testing.ts`,
      `${core}/*.test.ts`,
    ],
    { cwd: root, env: environment, stdio: ['ignore', 'pipe', 'inherit'], signal },
  );
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  const code = await new Promise<number>((resolve) => {
    child.once('error', () => resolve(1));
    child.once('close', (ended) => resolve(ended ?? 1));
  });
  const from = out.indexOf('# start of coverage report');
  return { report: from === -1 ? out.slice(-2_000) : out.slice(from), code };
}

/** The line about all files: `# all files | 100.00 | 100.00 | 100.00 |` (lines, branches, functions). */
export function coverageOf(report: string): { lines: number; branches: number; functions: number } | null {
  const found = /^# all files\s*\|\s*([\d.]+)\s*\|\s*([\d.]+)\s*\|\s*([\d.]+)/m.exec(report);
  if (!found) return null;
  return { lines: Number(found[1]), branches: Number(found[2]), functions: Number(found[3]) };
}
