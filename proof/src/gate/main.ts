/**
 * `npm run proof`: the gate. `npm run soak -- --minutes 60`: the same parts, until the time is up.
 * The last line is `N passed, N failed`, counted in goals; the exit code is 1 when one was missed or something was violated.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { programOptions, refuseOptions, wholeNumber } from '@seatbelt/dev/program-options';
import type { Size } from './part.ts';
import { registered, registeredForSoak } from './registry.ts';
import { reportPage } from './report/page.ts';
import { runGate } from './run-gate.ts';
import { countGoals, verdict } from './verdict.ts';

const help = `npm run proof: break it in every way we know, and see that the numbers meet.

  --only <part>      only this part; may be repeated: ${[...registered, ...registeredForSoak].map(({ name }) => name).join(', ')}
  --seed <n>         where the random choices begin (default: 1; for a soak: the present time in seconds)
  --size <size>      slice (a minute), gate (every CI run), soak (until the time is up)
  --minutes <n>      for a soak: how long (default: 60)
  --report <folder>  where the report goes (default: proof/report)
`;

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const { values } = programOptions(help, {
  options: {
    only: { type: 'string', multiple: true, default: [] },
    seed: { type: 'string' },
    size: { type: 'string', default: 'gate' },
    minutes: { type: 'string', default: '60' },
    report: { type: 'string', default: join(root, 'proof/report') },
    help: { type: 'boolean', default: false },
  },
});

const size = sizeOf(values.size);
const minutes = Number(values.minutes);
const seed =
  values.seed === undefined
    ? size === 'soak'
      ? Math.floor(Date.now() / 1_000)
      : 1
    : wholeNumber(help, 'seed', values.seed, 1);
const known = [...registered, ...registeredForSoak];
const unknownPart = values.only.find((name) => !known.some((part) => part.name === name));
if (values.help) console.log(help);
else if (size === null) refuseOptions(help, `--size is slice, gate or soak, not "${values.size}".`);
else if (!(minutes > 0)) refuseOptions(help, `--minutes is above 0, not "${values.minutes}".`);
else if (unknownPart !== undefined) refuseOptions(help, `There is no part called ${unknownPart}.`);
else process.exitCode = await prove(size);

function sizeOf(text: string): Size | null {
  return text === 'slice' || text === 'gate' || text === 'soak' ? text : null;
}

async function prove(chosen: Size): Promise<number> {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupted.abort());
  const began = new Date();
  const all = chosen === 'soak' ? known : registered;
  const parts = values.only.length === 0 ? all : known.filter(({ name }) => values.only.includes(name));
  console.log(`Seatbelt's proof, size ${chosen}, seed ${seed}: ${parts.map(({ name }) => name).join(', ')}\n`);
  // The parts start hundreds of processes of the same modules: what one has compiled the next ones take from there.
  const compiled = await mkdtemp(join(tmpdir(), 'seatbelt-compiled-'));
  process.env.NODE_COMPILE_CACHE ??= compiled;
  const { ended, rows } = await runGate({
    parts,
    size: chosen,
    seed,
    until: chosen === 'soak' ? began.getTime() + minutes * 60_000 : null,
    signal: interrupted.signal,
    live: process.stdout.isTTY === true && process.env.CI === undefined,
    write: (text) => process.stdout.write(text),
  }).finally(() => rm(compiled, { recursive: true, force: true }));

  const file = join(values.report, 'index.html');
  await mkdir(values.report, { recursive: true });
  await writeFile(file, reportPage({ size: chosen, seed, began, ended, rows, root }));
  await writeFile(join(values.report, 'results.json'), `${JSON.stringify({ size: chosen, seed, began, ended })}\n`);
  console.log(verdict(ended, rows, relative(process.cwd(), file)));
  const { met, missed, stopped } = countGoals(ended);
  console.log(`\n${met} passed, ${missed} failed`);
  return missed > 0 || (stopped > 0 && chosen !== 'soak') ? 1 : 0;
}
