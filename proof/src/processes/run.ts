/** The proof with real processes, alone. */
import { programOptions, wholeNumber } from '@seatbelt/dev/program-options';
import type { Ended } from './end.ts';
import { timelineOf } from './recovery.ts';
import { runCrashing } from './run-crashing.ts';
import { runKilling } from './run-killing.ts';

const usage = `usage: node proof/src/processes/run.ts [options]

  --kills <n>          server processes killed (default: 20) and --freezes <n> frozen
  --crashes <n>        instead: PostgreSQL killed, whole and in parts
  --seed <n>           where the random choices begin (default: 1)
  --organizations <n>  default: 200
  --lease-ms <n>`;
const { values } = programOptions(usage, {
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
const orNull = (name: string, text: string | undefined) =>
  text === undefined ? null : wholeNumber(usage, name, text, name === 'lease-ms' ? 1 : 0);
const kills = wholeNumber(usage, 'kills', values.kills, 1);
const crashes = orNull('crashes', values.crashes);
const freezes = orNull('freezes', values.freezes);
const common = {
  seed: wholeNumber(usage, 'seed', values.seed, 0),
  organizations: wholeNumber(usage, 'organizations', values.organizations, 1),
  leaseMs: orNull('lease-ms', values['lease-ms']),
  until: null,
  signal: ending.signal,
};

try {
  if (crashes === null) await killing();
  else await crashing(crashes);
} catch (error) {
  if (!ending.signal.aborted) throw error;
  say('stopped; nothing is left running');
  process.exitCode = 130;
}

async function killing(): Promise<void> {
  const result = await runKilling({
    ...common,
    kills,
    freezes: freezes ?? Math.ceil(kills / 12),
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
