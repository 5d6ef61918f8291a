/** Plays seeds on some databases of a cluster, several schedules at a time, and tells what came of each. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Outcome, runSchedule } from '../schedule.ts';
import { withSlot } from './cluster.ts';

// A story makes thousands of errors that are meant; where each came from is asked only when a seed is played again.
Error.stackTraceLimit = 0;

/** What of an outcome goes over to whoever adds up. */
export interface PlayedOnPostgres {
  readonly seed: number;
  readonly violations: Outcome['violations'];
  readonly faults: Readonly<Record<string, number>>;
  readonly accepted: number;
  readonly held: boolean;
  readonly statements: number;
}

const port = parentPort;
if (port === null) throw new Error('This file is run as a worker.');
const { urls } = workerData as { urls: readonly string[] };

const seeds: number[] = [];
const idle: (() => void)[] = [];
let over = false;
port.on('message', (seed: number | null) => {
  if (seed === null) over = true;
  else seeds.push(seed);
  for (const wake of idle.splice(0)) wake();
});

await Promise.all(
  urls.map((url) =>
    withSlot(url, async (slot) => {
      for (;;) {
        const seed = seeds.shift();
        if (seed === undefined) {
          if (over) return;
          port.postMessage(null);
          await new Promise<void>((wake) => idle.push(wake));
          continue;
        }
        const before = slot.statements;
        const { violations, faults, accepted, held } = await runSchedule(seed, false, slot);
        const played: PlayedOnPostgres = {
          seed,
          violations,
          faults: Object.fromEntries(faults),
          accepted,
          held,
          statements: slot.statements - before,
        };
        port.postMessage(played);
      }
    }),
  ),
);
port.close();
