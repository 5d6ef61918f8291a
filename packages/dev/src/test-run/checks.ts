import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { environmentWithOurTools, repositoryRoot } from '../repository.ts';
import { BuildFailed, ensureDashboardBuilt } from '../supervisor/dashboard-build.ts';
import type { Job, Result } from './result.ts';
import { buildTitle } from './run-test-file.ts';

type Check = { title: string; tool: string; flags: string[] };

/** Types of every package with its tests, types of the dashboard, and lint: an error in any of them is a failed test. */
const checks: Check[] = [
  { title: 'types', tool: 'tsc', flags: ['-p', 'tsconfig.json'] },
  { title: 'types of the dashboard', tool: 'tsc', flags: ['-p', 'apps/dashboard/tsconfig.json'] },
  { title: 'types of the dashboard tests', tool: 'tsc', flags: ['-p', 'apps/dashboard/test/tsconfig.json'] },
  { title: 'types of the widget', tool: 'tsc', flags: ['-p', 'packages/widget/tsconfig.json'] },
  { title: 'lint and format', tool: 'biome', flags: ['check', '--error-on-warnings', '--max-diagnostics=200', '.'] },
];

/** The checks as jobs of the test run; `npm run check` runs the same ones alone. */
export function checkJobs(): Job[] {
  return checks
    .filter(({ flags }) => flags[0] !== '-p' || existsSync(join(repositoryRoot, flags[1] ?? '')))
    .map((check) => ({ title: check.title, run: (signal) => runCheck(check, signal) }));
}

/** Builds the dashboard before those that start one, so that none of them has its time used up by the build. */
export function buildJob(): Job {
  return {
    title: buildTitle,
    waits: true,
    async run(signal): Promise<Result> {
      const began = performance.now();
      const seconds = () => (performance.now() - began) / 1000;
      try {
        await ensureDashboardBuilt(() => {}, signal);
        return { title: buildTitle, passed: 1, failures: [], skips: [], seconds: seconds() };
      } catch (error) {
        if (!(error instanceof BuildFailed) && !signal.aborted) throw error;
        const details = error instanceof Error ? error.message : String(error);
        const failures = [{ file: 'apps/dashboard', name: buildTitle, details }];
        return { title: buildTitle, passed: 0, failures, skips: [], seconds: seconds() };
      }
    },
  };
}

async function runCheck(check: Check, signal: AbortSignal): ReturnType<Job['run']> {
  const began = performance.now();
  const { code, output } = await runTool(check, signal);
  const command = [check.tool, ...check.flags].join(' ');
  const failures =
    code === 0 ? [] : [{ file: command, name: check.title, details: output.trim() || `ended with code ${code}` }];
  return {
    title: check.title,
    passed: code === 0 ? 1 : 0,
    failures,
    skips: [],
    seconds: (performance.now() - began) / 1000,
  };
}

function runTool(check: Check, signal: AbortSignal): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const program = join(repositoryRoot, 'node_modules', '.bin', check.tool);
    const child = spawn(process.execPath, [program, ...check.flags], {
      cwd: repositoryRoot,
      env: environmentWithOurTools(),
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
    });
    let output = '';
    const collect = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', (error) => resolve({ code: null, output: `${output}\n${error.message}` }));
    child.once('close', (code) => resolve({ code, output }));
  });
}
