/** Plays many seeds: `node proof/src/schedules.ts --count 20000 --seed 1`. Stops at the first violation unless told to go on. */
import { programOptions, wholeNumber } from '@seatbelt/dev/program-options';
import { runSchedule } from './schedule.ts';

// A story makes thousands of errors that are meant; where each came from is asked only when a seed is played again.
Error.stackTraceLimit = 0;

const usage = 'usage: node proof/src/schedules.ts [--count 20000] [--seed 1] [--keep-going] [--matrix] [--json]';
const { values } = programOptions(usage, {
  options: {
    count: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    'keep-going': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    matrix: { type: 'boolean', default: false },
  },
});
const count = wholeNumber(usage, 'count', values.count, 1);
const firstSeed = wholeNumber(usage, 'seed', values.seed, 0);

const beganAt = performance.now();
const totals = { schedules: 0, events: 0, faults: 0, writes: 0, accepted: 0, held: 0 };
const faults = new Map<string, number>();
const met = new Map<string, number>();
const violated: { seed: number; guarantee: string; what: string }[] = [];
let toldAt = beganAt;

for (let seed = firstSeed; seed < firstSeed + count; seed += 1) {
  const outcome = await runSchedule(seed);
  totals.schedules += 1;
  totals.events += outcome.events;
  totals.writes += outcome.stripeWrites;
  totals.accepted += outcome.accepted;
  if (outcome.held) totals.held += 1;
  for (const [name, times] of outcome.faults) {
    faults.set(name, (faults.get(name) ?? 0) + times);
    totals.faults += times;
  }
  for (const [pair, times] of outcome.met) met.set(pair, (met.get(pair) ?? 0) + times);
  for (const violation of outcome.violations) {
    violated.push({ seed, ...violation });
    if (!values.json) console.log(`seed ${seed} VIOLATED ${violation.guarantee}: ${violation.what}`);
  }
  if (violated.length > 0 && !values['keep-going']) break;
  if (!values.json && performance.now() - toldAt > 5_000) {
    toldAt = performance.now();
    console.log(line());
  }
}

function line(): string {
  const rate = totals.schedules / ((performance.now() - beganAt) / 1_000);
  const each = (value: number) => (value / totals.schedules).toFixed(1);
  return (
    `${totals.schedules} of ${count} schedules, ${rate.toFixed(0)}/s; each: ${each(totals.events)} events, ` +
    `${each(totals.faults)} faults, ${each(totals.accepted)} changes, ${each(totals.writes)} writes; ` +
    `${totals.held} held at the end; ${violated.length} violations`
  );
}

if (values.json) {
  console.log(
    JSON.stringify({
      ...totals,
      seconds: (performance.now() - beganAt) / 1_000,
      faults: Object.fromEntries(faults),
      met: Object.fromEntries(met),
      violated,
    }),
  );
} else {
  console.log(line());
  console.log(
    [...faults]
      .sort((a, b) => b[1] - a[1])
      .map(([name, times]) => `${name} ${times}`)
      .join(', '),
  );
  if (values.matrix) printMatrix();
  const first = violated[0];
  if (first) console.log(`\nReplay the first one with: node proof/src/replay.ts ${first.seed}`);
}
process.exitCode = violated.length > 0 ? 1 : 0;

/** In which state of the account each kind of fault struck, and how often. */
function printMatrix(): void {
  const pairs = [...met].map(([pair, times]) => ({ pair: pair.split(' x '), times }));
  const states = [...new Set(pairs.map(({ pair }) => pair[0] ?? ''))].sort();
  const kinds = [...new Set(pairs.map(({ pair }) => pair[1] ?? ''))].sort();
  console.log(`\n${''.padEnd(22)}${states.map((state) => state.padStart(20)).join('')}`);
  for (const kind of kinds) {
    const cells = states.map((state) => String(met.get(`${state} x ${kind}`) ?? 0).padStart(20));
    console.log(kind.padEnd(22) + cells.join(''));
  }
}
