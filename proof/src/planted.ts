/**
 * Planted bugs: each is one that a careful engineer could have written. It is put into a copy of the engine, and the
 * checks have to find it: the schedules within 10,000 seeds, the exhaustive search, or the direct tests of the core.
 */
import { availableParallelism } from 'node:os';
import { programOptions, refuseOptions, wholeNumber } from '@seatbelt/dev/program-options';
import { planted } from './planted-bugs.ts';
import { checks, type Hunted, huntAll } from './planted-hunt.ts';
import { readSeeds, writeSeeds } from './planted-seeds.ts';

const usage =
  'usage: node proof/src/planted.ts [--count 10000] [--only name] [--every-check] [--check search] [--write-seeds] [--json]';
const { values } = programOptions(usage, {
  options: {
    count: { type: 'string', default: '10000' },
    only: { type: 'string', multiple: true, default: [] },
    /** Ask all three of each bug, instead of stopping at the first that finds it. */
    'every-check': { type: 'boolean', default: false },
    check: { type: 'string', multiple: true, default: [...checks] },
    /** Keeps the seeds that found them, for the gate to try first. */
    'write-seeds': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const bugs = planted.filter(({ name }) => values.only.length === 0 || values.only.some((part) => name.includes(part)));
if (bugs.length === 0) refuseOptions(usage, `No planted bug has ${values.only.join(' or ')} in its name.`);
const count = wholeNumber(usage, 'count', values.count, 1);
const unknownCheck = values.check.find((name) => !checks.some((check) => check === name));
if (unknownCheck !== undefined) refuseOptions(usage, `--check is one of ${checks.join(', ')}, not "${unknownCheck}".`);
const hunted = await huntAll(
  bugs,
  {
    count,
    everyCheck: values['every-check'],
    checks: checks.filter((check) => values.check.includes(check)),
  },
  availableParallelism(),
  (one) => {
    if (!values.json) console.log(line(one));
  },
);
if (values['write-seeds']) {
  const found = hunted.flatMap(({ name, caught }) =>
    caught.flatMap(({ seed }) => (seed === null ? [] : [[name, seed]])),
  );
  writeSeeds({ ...(values.only.length > 0 ? readSeeds() : {}), ...Object.fromEntries(found) });
}
const missed = hunted.filter(({ caught }) => caught.length === 0);
if (values.json) console.log(JSON.stringify(hunted));
else console.log(`\n${hunted.length - missed.length} of ${hunted.length} planted bugs caught`);
process.exitCode = missed.length > 0 || hunted.length === 0 ? 1 : 0;

function line({ name, caught, broken, seconds }: Hunted): string {
  const by = caught
    .map(({ by: check, saw, after }) => `${check}: ${saw}${after > 0 ? ` after ${after}` : ''}`)
    .join('; ');
  const said = broken === null ? by : `BROKEN ${broken}`;
  return `${caught.length === 0 ? 'MISSED' : 'caught'}  ${name.padEnd(68)} ${seconds.toFixed(1).padStart(5)} s  ${said}`;
}
