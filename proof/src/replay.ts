/** Tells the story of one seed: `node proof/src/replay.ts <seed> [--postgres]`. On PostgreSQL it is another story. */
import { parseArgs } from 'node:util';
import { planOf } from './plan.ts';
import { startCluster, withSlot } from './real-database/cluster.ts';
import { type Outcome, runSchedule } from './schedule.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { postgres: { type: 'boolean', default: false } },
});
const seed = Number(positionals[0]);
if (!Number.isInteger(seed)) {
  console.error('Give a seed: node proof/src/replay.ts 4711 [--postgres]');
  process.exit(2);
}

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
