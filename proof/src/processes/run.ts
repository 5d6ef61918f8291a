/**
 * The proof with real processes, alone:
 *
 *     node proof/src/processes/run.ts --kills 20 --seed 1            server processes killed and frozen
 *     node proof/src/processes/run.ts --crashes 16 --seed 1          PostgreSQL killed, whole and in parts
 */
import { parseArgs } from 'node:util';
import type { Ended } from './end.ts';
import { timelineOf } from './recovery.ts';
import { runCrashing } from './run-crashing.ts';
import { runKilling } from './run-killing.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    crashes: { type: 'string' },
    freezes: { type: 'string' },
    seed: { type: 'string', default: '1' },
    organizations: { type: 'string', default: '200' },
    'lease-ms': { type: 'string' },
  },
});
const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort());

const began = performance.now();
let said = '';
const say = (text: string) => {
  if (text === said) return;
  said = text;
  process.stderr.write(`${((performance.now() - began) / 1_000).toFixed(1).padStart(6)} s  ${text}\n`);
};
const common = {
  seed: Number(values.seed),
  organizations: Number(values.organizations),
  leaseMs: values['lease-ms'] === undefined ? null : Number(values['lease-ms']),
  until: null,
  signal: ending.signal,
};

try {
  if (values.crashes === undefined) await killing(Number(values.kills));
  else await crashing(Number(values.crashes));
} catch (error) {
  if (!ending.signal.aborted) throw error;
  say('stopped; nothing is left running');
  process.exitCode = 130;
}

async function killing(kills: number): Promise<void> {
  const result = await runKilling({
    ...common,
    kills,
    freezes: values.freezes === undefined ? Math.ceil(kills / 12) : Number(values.freezes),
    stripeRestarts: Math.ceil(kills / 80),
    foreign: 3,
    progress: ({ kills: done, faults, note }) => say(`${done} kills, ${faults} faults: ${note}`),
  });
  print(result, { kills: result.kills, freezes: result.freezes, stripeRestarts: result.stripeRestarts });
}

async function crashing(count: number): Promise<void> {
  const result = await runCrashing({
    ...common,
    crashes: count,
    progress: ({ crashes, note }) => say(`${crashes} crashes: ${note}`),
  });
  const { crashes, acknowledged, unacknowledged } = result;
  print(result, { crashes, acknowledged, unacknowledged });
}

function print({ evidence, findings, recoveries, strikes, faultCounts, settledMs }: Ended, figures: object): void {
  const times = recoveries.all.flatMap(({ tookMs }) => tookMs ?? []).sort((a, b) => a - b);
  const summary = {
    ...figures,
    requests: evidence.stories.length,
    proxies: faultCounts,
    settledMs,
    strikesThatInterruptedAChange: recoveries.interrupting,
    interruptedChanges: recoveries.all.length,
    recoveryMs: { p50: times[Math.floor(times.length / 2)] ?? null, max: times.at(-1) ?? null },
  };
  process.stdout.write(`${JSON.stringify(summary, null, 2)}\nThe slowest recovery:\n${recoveries.worst.join('\n')}\n`);
  for (const { guarantee, organization, message } of findings) {
    process.stdout.write(`\nVIOLATION of ${guarantee} ${organization ?? ''}: ${message}\n`);
    const story = /story (s\d+)/.exec(message)?.[1];
    if (story === undefined || organization === null) continue;
    const change = evidence.changes.get(organization)?.find(({ reason }) => reason === `story ${story}`)?.id ?? '';
    process.stdout.write(`${timelineOf(evidence, strikes, { organization, story, change }).join('\n')}\n`);
  }
  process.stdout.write(`\n${findings.length} violations\n`);
  process.exitCode = findings.length === 0 ? 0 : 1;
}
