/**
 * Bugs planted into the store on PostgreSQL and into the way to it, in a copy of the engine: the conformance suite has to
 * find those of the store, and the schedules on PostgreSQL those of the way.
 */
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { programOptions, refuseOptions } from '@seatbelt/dev/program-options';
import type { Failure } from './conformance/run.ts';
import type { PartResult } from './gate/part.ts';
import { original, type Planted } from './planted-bugs.ts';
import { plantedInAccess, plantedInStore } from './planted-store-bugs.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

export interface FoundInStore {
  readonly name: string;
  /** The case, or the story, that found it; null: nothing did. */
  readonly by: string | null;
  readonly message: string;
}

/** Plants one bug into a copy of its own and lets the suite look for it. */
export async function huntInStore(bug: Planted, signal?: AbortSignal): Promise<FoundInStore> {
  const line = await huntBy(
    ['proof/src/conformance/main.ts', '--json', '--versions', '18', '--stories', '10'],
    bug,
    signal,
  );
  // A copy that does not come to its report may be broken by the bug, or by the machine: nothing has found it.
  if (!line.startsWith('{')) return { name: bug.name, by: null, message: line };
  const [first] = (JSON.parse(line) as { failures: readonly Failure[] }).failures;
  return { name: bug.name, by: first?.what ?? null, message: first?.message ?? '' };
}

/** The same with the schedules on PostgreSQL. */
export async function huntInAccess(bug: Planted, signal?: AbortSignal): Promise<FoundInStore> {
  const line = await huntBy(['proof/src/real-database/main.ts', '--json', '--count', '1000'], bug, signal);
  if (!line.startsWith('{')) return { name: bug.name, by: null, message: line };
  const { violations, data } = JSON.parse(line) as PartResult;
  const [first] = violations;
  const by = first ? `${first.guarantee} after ${String(data.schedules)} schedules on PostgreSQL` : null;
  return { name: bug.name, by, message: first?.message ?? '' };
}

/** The last line of what the program says in a copy that has the bug. */
async function huntBy(program: readonly string[], bug: Planted, signal: AbortSignal | undefined): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'planted-store-'));
  try {
    await mkdir(join(directory, 'packages/engine'), { recursive: true });
    await cp(join(root, 'packages/engine/src'), join(directory, 'packages/engine/src'), { recursive: true });
    await cp(join(root, 'packages/engine/package.json'), join(directory, 'packages/engine/package.json'));
    await cp(join(root, 'proof/src'), join(directory, 'proof/src'), {
      recursive: true,
      filter: (source) => !source.endsWith('node_modules'),
    });
    await writeFile(join(directory, 'package.json'), '{"type":"module"}');
    await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
    const { file, text } = await original(directory, bug);
    await writeFile(
      file,
      text.replace(bug.from, () => bug.to),
    );
    const out = await run(directory, program, signal);
    return out.trim().split('\n').at(-1) ?? '';
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function run(directory: string, program: readonly string[], signal: AbortSignal | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, program, {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A test runner above would have it report in another language.
      env: { ...process.env, NODE_TEST_CONTEXT: undefined },
      // It stops its server before it goes.
      ...(signal ? { signal, killSignal: 'SIGINT' as const } : {}),
    });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', () => resolve(out));
  });
}

if (import.meta.main) {
  const usage = 'usage: node proof/src/planted-stores.ts [--only name] [--json]';
  const { values } = programOptions(usage, {
    options: { only: { type: 'string' }, json: { type: 'boolean', default: false } },
  });
  const found: FoundInStore[] = [];
  const hunts = [
    ...plantedInStore.map((bug) => ({ bug, hunt: huntInStore })),
    ...plantedInAccess.map((bug) => ({ bug, hunt: huntInAccess })),
  ];
  for (const { bug, hunt } of hunts) {
    if (values.only !== undefined && !bug.name.includes(values.only)) continue;
    const result = await hunt(bug);
    found.push(result);
    if (!values.json) console.log(`${result.by === null ? 'MISSED' : 'caught'}  ${bug.name}\n        by: ${result.by}`);
  }
  if (found.length === 0) refuseOptions(usage, `No planted bug has ${values.only} in its name.`);
  const missed = found.filter(({ by }) => by === null);
  if (values.json) console.log(JSON.stringify(found));
  else
    console.log(
      `\n${found.length - missed.length} of ${found.length} planted bugs of the store and the way to it caught`,
    );
  process.exitCode = missed.length > 0 ? 1 : 0;
}
