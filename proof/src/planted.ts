/**
 * Planted bugs: each is one that a careful engineer could have written. It is put into a copy of the engine, and the
 * checks have to find it: the schedules within 10,000 seeds, or the direct tests of the core.
 *
 *   node proof/src/planted.ts [--count 10000] [--only name] [--json]
 */
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { original, type Planted, planted } from './planted-bugs.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '10000' },
    only: { type: 'string' },
    /** Begin with this one, by its place in the list. */
    from: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

interface Found {
  readonly name: string;
  readonly seeds: number | null;
  readonly guarantee: string | null;
  readonly directTests: number | null;
}

/** A copy of the engine and the proof that can be broken, beside the modules of the repository. */
async function copyOfEngine(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'planted-'));
  await mkdir(join(directory, 'packages/engine'), { recursive: true });
  await cp(join(root, 'packages/engine/src'), join(directory, 'packages/engine/src'), { recursive: true });
  await cp(join(root, 'packages/engine/package.json'), join(directory, 'packages/engine/package.json'));
  await cp(join(root, 'proof/src'), join(directory, 'proof/src'), { recursive: true });
  await writeFile(join(directory, 'package.json'), '{"type":"module"}');
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
  return directory;
}

function run(directory: string, args: readonly string[]): Promise<{ readonly out: string; readonly code: number }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    const hear = (chunk: Buffer) => {
      out += chunk.toString();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('close', (code) => resolve({ out, code: code ?? 1 }));
  });
}

async function hunt(directory: string, bug: Planted): Promise<Found> {
  const { file, text: healthy } = await original(directory, bug);
  let text = healthy.replace(bug.from, () => bug.to);
  if (bug.to.includes('quantityRequest('))
    text = `import { quantityFor as quantityOf } from './quantity-for.ts';\n${text}`.replace(
      'quantityFor(step.account.seatCount',
      'quantityOf(step.account.seatCount',
    );
  await writeFile(file, text);
  try {
    const played = await run(directory, ['proof/src/schedules.ts', '--count', values.count, '--seed', '1', '--json']);
    const report = lastJson(played.out);
    const caught = report.violated[0] ?? null;
    const tests = await run(directory, ['--test', '--test-reporter=tap', 'packages/engine/src/core/*.test.ts']);
    const failed = /^# fail (\d+)/m.exec(tests.out)?.[1];
    return {
      name: bug.name,
      seeds: caught ? report.schedules : null,
      guarantee: caught?.guarantee ?? null,
      directTests: failed === undefined || failed === '0' ? null : Number(failed),
    };
  } finally {
    await writeFile(file, healthy);
  }
}

interface Report {
  readonly schedules: number;
  readonly violated: readonly { readonly guarantee: string }[];
}

function lastJson(out: string): Report {
  const line = out.trim().split('\n').at(-1) ?? '';
  if (line.startsWith('{')) return JSON.parse(line) as Report;
  // The process did not come to its report: the bug broke it altogether.
  return { schedules: 0, violated: [{ guarantee: `broken: ${line.slice(0, 60)}` }] };
}

const directory = await copyOfEngine();
try {
  const results: Found[] = [];
  for (const bug of planted) await original(directory, bug);
  for (const bug of planted.slice(Number(values.from) - 1)) {
    if (values.only !== undefined && !bug.name.includes(values.only)) continue;
    const found = await hunt(directory, bug);
    results.push(found);
    const bySeeds = found.seeds === null ? 'not by seeds' : `${found.guarantee} after ${found.seeds} schedules`;
    const byTests = found.directTests === null ? 'no direct test' : `${found.directTests} direct tests`;
    if (!values.json)
      console.log(
        `${found.seeds === null && found.directTests === null ? 'MISSED' : 'caught'}  ${bug.name.padEnd(68)} ${bySeeds.padEnd(28)} ${byTests}`,
      );
  }
  const missed = results.filter((found) => found.seeds === null && found.directTests === null);
  if (values.json) console.log(JSON.stringify(results));
  else console.log(`\n${results.length - missed.length} of ${results.length} planted bugs caught`);
  process.exitCode = missed.length > 0 ? 1 : 0;
} finally {
  await rm(directory, { recursive: true, force: true });
}
