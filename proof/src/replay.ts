/** Tells the story of one seed: `node proof/src/replay.ts <seed>`. */
import { planOf } from './plan.ts';
import { runSchedule } from './schedule.ts';

const seed = Number(process.argv[2]);
if (!Number.isInteger(seed)) {
  console.error('Give a seed: node proof/src/replay.ts 4711');
  process.exit(2);
}
const { random: _random, ...plan } = planOf(seed);
console.log(JSON.stringify({ ...plan, rates: Object.fromEntries(plan.rates) }, null, 1));
const outcome = await runSchedule(seed, true);
for (const line of outcome.lines) console.log(line);
for (const { guarantee, what } of outcome.violations) console.log(`\nVIOLATED ${guarantee}: ${what}`);
console.log(`\nseed ${seed}: ${outcome.violations.length === 0 ? 'holds' : 'VIOLATED'} after ${outcome.events} events`);
process.exitCode = outcome.violations.length === 0 ? 0 : 1;
