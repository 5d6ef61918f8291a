/**
 * The comparison by one command: runs the five programs, prints the table, and with `--write` puts table and picture into
 * `docs/`.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { programOptions, refuseOptions, wholeNumber } from '@seatbelt/dev/program-options';
import { type Comparison, compare } from './compare.ts';
import { descriptions } from './described.ts';
import { picture } from './picture.ts';
import { type ProgramName, programNames } from './programs.ts';
import { sizes } from './sizes.ts';
import { faultTable, markdown, table } from './table.ts';

const usage = `usage: node proof/src/comparison/run.ts [--seed 20261122] [--size slice|gate|page] [--only <program>]... [--write]
programs: ${programNames.join(', ')}`;
const { values } = programOptions(usage, {
  options: {
    seed: { type: 'string', default: '20261122' },
    size: { type: 'string', default: 'page' },
    only: { type: 'string', multiple: true },
    write: { type: 'boolean', default: false },
  },
});
const seed = wholeNumber(usage, 'seed', values.seed, 0);
const size = Object.entries(sizes).find(([name]) => name === values.size)?.[1];
if (!size) refuseOptions(usage, `--size is one of ${Object.keys(sizes).join(', ')}.`);
const only = (values.only ?? programNames).map((name): ProgramName => {
  const found = programNames.find((candidate) => candidate === name);
  return found ?? refuseOptions(usage, `There is no program "${name}".`);
});
if (values.write && (only.length < programNames.length || values.size !== 'page')) {
  refuseOptions(usage, 'Only a whole run in the size "page" is written to docs/.');
}

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());
const began = loadavg()[0] ?? Number.NaN;
let shown = '';
const comparison = await compare(
  size,
  seed,
  {
    signal: interrupted.signal,
    tell: ({ program, faults }) => {
      if (program === shown) return;
      shown = program;
      process.stderr.write(`${program} (faults so far: ${faults})\n`);
    },
  },
  only,
);
process.stdout.write(`${table(comparison)}\n\n${faultTable(comparison)}\n`);
for (const { program, left } of comparison.programs) {
  if (program === 'Seatbelt' && left.length > 0) {
    process.stdout.write(`\nSeatbelt left something, which it may not:\n${left.join('\n')}\n`);
    process.exitCode = 1;
  }
}
if (values.write) await writeDocs(comparison);

/** The page's text is written by hand; what is measured stands between two marks and is replaced as a whole. */
async function writeDocs(measured: Comparison): Promise<void> {
  const docs = new URL('../../../docs/', import.meta.url);
  await writeFile(new URL('comparison.svg', docs), picture(measured));
  const page = new URL('comparison.md', docs);
  const text = await readFile(page, 'utf8');
  const start = '<!-- measured: made by proof/src/comparison/run.ts, not by hand -->';
  const end = '<!-- end of what is measured -->';
  const [before, rest] = text.split(start);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error('docs/comparison.md has lost its two marks.');
  await writeFile(page, `${before}${start}\n\n${measuredText(measured)}\n\n${end}${after}`);
  process.stdout.write('\nWritten: docs/comparison.md and docs/comparison.svg\n');
}

function measuredText(measured: Comparison): string {
  const { organizations, together, kills, connectionCuts, share, processes } = measured.size;
  const now = loadavg()[0] ?? Number.NaN;
  const seatbelt = measured.programs.find(({ program }) => program === 'Seatbelt');
  return [
    `Measured ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC, seed ${measured.seed}: ${organizations * together} people join ${organizations} organizations, ${together} at once each; faults at Stripe for ${Math.round(share * 100)} % of the organizations, ${kills} SIGKILLs of ${processes} processes, ${connectionCuts} attempts to cut a database connection. Load average of the machine ${began.toFixed(1)} before and ${now.toFixed(1)} after, on two cores; no time is compared.`,
    '![What is left of the same faults in five programs](comparison.svg)',
    table(measured),
    'What struck, and what the callers heard at first:',
    faultTable(measured),
    `Seatbelt’s worker needed ${seatbelt?.minutesToRest ?? 'no'} polls with a minute of stored time between them until nothing was open. Its callers who heard nothing or “not known yet” asked again with their key and heard: ${seatbelt?.heard.success} times yes, ${seatbelt?.heard.failure} times no over all callers.`,
    'What each was configured to do, and what it does not claim:',
    markdown(
      ['program', 'versions', 'configured to', 'does not claim'],
      measured.programs.map(({ program, versions }) => [
        program,
        versions,
        descriptions[program].configuredTo,
        descriptions[program].doesNotClaim,
      ]),
    ).replaceAll('---:', '---'),
  ].join('\n\n');
}
