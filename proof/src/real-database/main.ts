/**
 * Plays seeds on a real PostgreSQL: `node proof/src/real-database/main.ts [--count 200] [--seed 1] [--json]`.
 * Stops at the first violation and tells its story. One seed again: `node proof/src/replay.ts <seed> --postgres`.
 */
import { programOptions, wholeNumber } from '@seatbelt/dev/program-options';
import { playOnPostgres } from '../gate/schedules-on-postgres.ts';

const usage = 'usage: node proof/src/real-database/main.ts [--count 200] [--seed 1] [--json]';
const { values } = programOptions(usage, {
  options: {
    count: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const count = wholeNumber(usage, 'count', values.count, 1);
const seed = wholeNumber(usage, 'seed', values.seed, 0);

const stop = new AbortController();
for (const word of ['SIGINT', 'SIGTERM'] as const) process.once(word, () => stop.abort());
let toldAt = performance.now();
const result = await playOnPostgres(
  {
    seed,
    until: null,
    signal: stop.signal,
    progress({ done, total, faults, note }) {
      if (values.json || performance.now() - toldAt < 5_000) return;
      toldAt = performance.now();
      console.log(`${done} of ${total} schedules, ${faults} faults, ${note}`);
    },
  },
  count,
  count,
);
if (values.json) console.log(JSON.stringify(result));
else {
  for (const { guarantee, message, replay, timeline } of result.violations) {
    console.log(timeline.join('\n'));
    console.log(`\nVIOLATED ${guarantee}: ${message}\n${replay}`);
  }
  for (const { title, wanted, got } of result.goals) console.log(`${title}: ${got} (wanted ${wanted})`);
  console.log(JSON.stringify(result.data.faultsByKind));
}
process.exitCode = result.violations.length > 0 ? 1 : 0;
