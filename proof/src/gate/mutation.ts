/**
 * Mutation testing of the decision core, in the soak: Stryker changes the core in every place it knows how to, and the
 * direct tests of the core have to fail. A mutant that they do not notice is a rule that nobody has written down.
 */
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Goal, Part, PartContext, PartResult } from './part.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const core = 'packages/engine/src/core';
const scoreWanted = 90;

/**
 * Files of the core without rules: types, the list of policy numbers (each is a choice with its reason, and what it does
 * is tested by the rules that read it), and the language of the tests.
 */
const withoutRules: ReadonlySet<string> = new Set(['types', 'policy', 'testing']);

/** Every file of the core that has rules in it. */
export async function filesWithRules(): Promise<string[]> {
  const names = await readdir(join(root, core));
  return names
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => name.slice(0, -'.ts'.length))
    .filter((name) => !withoutRules.has(name))
    .sort();
}

export const mutation: Part = {
  name: 'mutation',
  title: 'mutants of the core',
  async run(context: PartContext): Promise<PartResult> {
    const { mutants, output } = await mutate(await filesWithRules(), context);
    const killed = mutants.filter(({ status }) => status === 'Killed' || status === 'Timeout').length;
    // What does not compile is no mutant that anybody could have shipped.
    const valid = mutants.filter(({ status }) => !['CompileError', 'RuntimeError', 'Ignored'].includes(status)).length;
    const score = valid === 0 ? 0 : (killed / valid) * 100;
    const survivors = mutants.filter(({ status }) => status === 'Survived' || status === 'NoCoverage');
    const ended = !context.signal.aborted && mutants.length > 0;
    const goal: Goal = {
      title: 'mutants of the core noticed by its tests',
      wanted: `>= ${scoreWanted} %`,
      got: ended ? `${score.toFixed(1)} % of ${valid}` : `no report: ${output.trim().split('\n').at(-1)}`,
      met: ended && score >= scoreWanted,
    };
    return {
      goals: [goal],
      violations: [],
      faults: mutants.length,
      data: {
        survivors: {
          kind: 'table',
          title: 'Mutants that survived',
          columns: ['file', 'line', 'mutator', 'became'],
          rows: survivors.map(({ file, line, mutator, replacement }) => [file, line, mutator, replacement]),
        },
      },
    };
  },
};

export interface Mutant {
  readonly file: string;
  readonly line: number;
  readonly mutator: string;
  readonly replacement: string;
  readonly status: string;
}

/** In a copy of the core, because Stryker writes beside what it mutates. */
export async function mutate(
  files: readonly string[],
  { signal, progress }: Pick<PartContext, 'signal' | 'progress'>,
): Promise<{ mutants: Mutant[]; output: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'mutants-'));
  try {
    await mkdir(join(directory, core), { recursive: true });
    await cp(join(root, core), join(directory, core), { recursive: true });
    await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
    await writeFile(join(directory, 'package.json'), '{"type":"module"}');
    await writeFile(join(directory, 'stryker.config.json'), JSON.stringify(configuration(files, await testsOfCore())));
    const output = await runStryker(directory, signal, (done, total) =>
      progress({ done, total, faults: done, note: 'Stryker' }),
    );
    const report = await readFile(join(directory, 'mutants.json'), 'utf8').catch((error: NodeJS.ErrnoException) => {
      // Without a report there is no score; the caller says so with the output.
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    return { mutants: report === null ? [] : mutantsOf(report), output };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function testsOfCore(): Promise<string[]> {
  const names = await readdir(join(root, core));
  // Random commands take half a second, which for each of five thousand mutants is hours; and the direct tests have to notice.
  const direct = names.filter((name) => name.endsWith('.test.ts') && name !== 'random-commands.test.ts');
  return direct.map((name) => `${core}/${name}`);
}

/** Node runs the mutated TypeScript itself; mutants are switched on one after the other in one instrumented copy. */
function configuration(files: readonly string[], coreTests: readonly string[]): object {
  return {
    testRunner: 'core-in-process',
    plugins: [fileURLToPath(new URL('./mutation-runner.ts', import.meta.url))],
    mutate: files.map((file) => `${core}/${file}.ts`),
    coreTests,
    warnings: { unknownOptions: false },
    coverageAnalysis: 'perTest',
    concurrency: 2,
    // All tests together take a second; a mutant that never comes to an end is a mutant that was noticed.
    timeoutMS: 10_000,
    reporters: ['json', 'progress-append-only'],
    jsonReporter: { fileName: 'mutants.json' },
    symlinkNodeModules: true,
    allowConsoleColors: false,
  };
}

function runStryker(
  directory: string,
  signal: AbortSignal,
  told: (done: number, total: number) => void,
): Promise<string> {
  const stryker = join(root, 'node_modules/@stryker-mutator/core/bin/stryker.js');
  const child = spawn(process.execPath, [stryker, 'run'], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  let output = '';
  const hear = (chunk: Buffer) => {
    const text = chunk.toString();
    output = (output + text).slice(-20_000);
    // `Mutation testing 41% (elapsed: <1m, remaining: <1m) 71/170 tested (3 survived, 0 timed out)`
    const counted = /(\d+)\/(\d+) tested/.exec(text);
    if (counted) told(Number(counted[1]), Number(counted[2]));
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`${output}\n${error.message}`));
    child.once('close', () => resolve(output));
  });
}

/** The report follows the schema of mutation-testing-elements; only what is needed is read. */
function mutantsOf(report: string): Mutant[] {
  const { files } = JSON.parse(report) as {
    files: Record<
      string,
      {
        mutants: {
          mutatorName: string;
          replacement?: string;
          status: string;
          location: { start: { line: number } };
        }[];
      }
    >;
  };
  return Object.entries(files).flatMap(([file, { mutants }]) =>
    mutants.map(({ mutatorName, replacement, status, location }) => ({
      file,
      line: location.start.line,
      mutator: mutatorName,
      replacement: (replacement ?? '').replace(/\s+/g, ' ').slice(0, 120),
      status,
    })),
  );
}
