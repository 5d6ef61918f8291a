/** Tells the story of one seed: `node proof/src/replay.ts <seed> [--postgres]`. On PostgreSQL it is another story. */
import { programOptions, refuseOptions, wholeNumber } from '@seatbelt/dev/program-options';
import { planOf } from './plan.ts';
import { startCluster, withSlot } from './real-database/cluster.ts';
import { type Outcome, runSchedule } from './schedule.ts';

const usage = 'usage: node proof/src/replay.ts <seed> [--postgres]';
const { values, positionals } = programOptions(usage, {
  allowPositionals: true,
  options: { postgres: { type: 'boolean', default: false } },
});
const [word, ...more] = positionals;
if (word === undefined || more.length > 0) refuseOptions(usage, 'It plays one seed.');
const seed = wholeNumber(usage, 'seed', word, 0);

async function onPostgres(): Promise<Outcome> {
  await using cluster = await startCluster(1);
  return await withSlot(cluster.urls[0] ?? '', (slot) => runSchedule(seed, true, slot));
}

const { random: _random, ...plan } = planOf(seed);
console.log(JSON.stringify({ ...plan, rates: Object.fromEntries(plan.rates) }, null, 1));
const outcome = await (values.postgres ? onPostgres() : runSchedule(seed, true));
for (const line of outcome.lines) console.log(line);
for (const { guarantee, what } of outcome.violations) console.log(`\nVIOLATED ${guarantee}: ${what}`);
console.log(`\nseed ${seed}: ${outcome.violations.length === 0 ? 'holds' : 'VIOLATED'} after ${outcome.events} events`);
process.exitCode = outcome.violations.length === 0 ? 0 : 1;
