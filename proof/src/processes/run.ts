/**
 * The proof with real processes, alone:
 *
 *     node proof/src/processes/run.ts --kills 20 --seed 1            processes killed and frozen
 *     node proof/src/processes/run.ts --crashes 15 --seed 1          PostgreSQL killed
 */
import { parseArgs } from 'node:util';
import { timelineOf } from './recovery.ts';
import { runKilling } from './run-killing.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    freezes: { type: 'string' },
    seed: { type: 'string', default: '1' },
    organizations: { type: 'string', default: '120' },
    'lease-ms': { type: 'string' },
  },
});
const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort());

const kills = Number(values.kills);
const began = performance.now();
let lastNote = '';
const result = await runKilling({
  seed: Number(values.seed),
  kills,
  freezes: values.freezes === undefined ? Math.ceil(kills / 12) : Number(values.freezes),
  stripeRestarts: Math.ceil(kills / 80),
  organizations: Number(values.organizations),
  foreign: 3,
  leaseMs: values['lease-ms'] === undefined ? null : Number(values['lease-ms']),
  until: null,
  signal: ending.signal,
  progress({ kills: done, faults, note }) {
    const text = `${done} kills, ${faults} faults: ${note}`;
    if (text === lastNote) return;
    lastNote = text;
    process.stderr.write(`${((performance.now() - began) / 1_000).toFixed(1).padStart(6)} s  ${text}\n`);
  },
});
const { findings, recoveries, evidence } = result;
process.stdout.write(
  `${JSON.stringify({ kills: result.kills, freezes: result.freezes, faults: result.faultCounts, settledMs: result.settledMs }, null, 2)}\n`,
);
const times = recoveries.all.flatMap(({ tookMs }) => tookMs ?? []).sort((a, b) => a - b);
process.stdout.write(
  `${evidence.stories.length} stories; ${recoveries.interrupting} strikes interrupted ${recoveries.all.length} changes; recovery p50 ${times[Math.floor(times.length / 2)]} ms, max ${times.at(-1)} ms\n`,
);
process.stdout.write(`${recoveries.worst.join('\n')}\n`);
for (const { guarantee, organization, message } of findings) {
  process.stdout.write(`VIOLATION ${guarantee} ${organization ?? ''}: ${message}\n`);
  const story = /story (s\d+)/.exec(message)?.[1];
  if (story !== undefined && organization !== null) {
    const change = evidence.changes.get(organization)?.find(({ reason }) => reason === `story ${story}`)?.id ?? '';
    process.stdout.write(`${timelineOf(evidence, result.strikes, { organization, story, change }).join('\n')}\n`);
  }
}
process.stdout.write(`${findings.length} violations\n`);
process.exitCode = findings.length === 0 ? 0 : 1;
