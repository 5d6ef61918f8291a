/**
 * Bugs planted into the store on PostgreSQL, in a copy of the engine: the conformance suite has to find each of them.
 *
 *   node proof/src/planted-stores.ts [--only name] [--json]
 */
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Failure } from './conformance/run.ts';
import { original, type Planted } from './planted-bugs.ts';
import { plantedInStore } from './planted-store-bugs.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

export interface FoundInStore {
  readonly name: string;
  /** The case, or the story, that found it; null: nothing did. */
  readonly by: string | null;
  readonly message: string;
}

/** Plants one bug into a copy of its own and lets the suite look for it. */
export async function huntInStore(bug: Planted, signal?: AbortSignal): Promise<FoundInStore> {
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
    const out = await run(directory, signal);
    const line = out.trim().split('\n').at(-1) ?? '';
    // A copy that does not come to its report was broken altogether: it was found, but by no case of the suite.
    if (!line.startsWith('{')) return { name: bug.name, by: 'it does not run', message: line };
    const [first] = (JSON.parse(line) as { failures: readonly Failure[] }).failures;
    return { name: bug.name, by: first?.what ?? null, message: first?.message ?? '' };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function run(directory: string, signal: AbortSignal | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    const args = ['proof/src/conformance/main.ts', '--json', '--versions', '18', '--stories', '10'];
    const child = spawn(process.execPath, args, {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A test runner above would have it report in another language.
      env: { ...process.env, NODE_TEST_CONTEXT: undefined },
      ...(signal ? { signal } : {}),
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
  const { values } = parseArgs({ options: { only: { type: 'string' }, json: { type: 'boolean', default: false } } });
  const found: FoundInStore[] = [];
  for (const bug of plantedInStore) {
    if (values.only !== undefined && !bug.name.includes(values.only)) continue;
    const result = await huntInStore(bug);
    found.push(result);
    if (!values.json) console.log(`${result.by === null ? 'MISSED' : 'caught'}  ${bug.name}\n        by: ${result.by}`);
  }
  const missed = found.filter(({ by }) => by === null);
  if (values.json) console.log(JSON.stringify(found));
  else console.log(`\n${found.length - missed.length} of ${found.length} planted bugs of the store caught`);
  process.exitCode = missed.length > 0 ? 1 : 0;
}
