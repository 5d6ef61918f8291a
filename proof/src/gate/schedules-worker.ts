/** A worker of the part `schedules`: plays chunks of seeds and adds up what they did. */
import { parentPort } from 'node:worker_threads';
import type { FaultPoint } from '../focus.ts';
import { runSchedule } from '../schedule.ts';

// A story makes thousands of errors that are meant; where each came from is asked only when a seed is played again.
Error.stackTraceLimit = 0;

export interface Chunk {
  readonly first: number;
  readonly count: number;
}

/** What came of a chunk. Violations are in the order of their seeds; the chunk ends at the first one. */
export interface Played {
  readonly schedules: number;
  readonly events: number;
  readonly faults: Readonly<Partial<Record<FaultPoint, number>>>;
  readonly writes: number;
  readonly accepted: number;
  readonly held: number;
  readonly met: Readonly<Record<string, number>>;
  /** Virtual milliseconds from the end of the faults until the last open change ended, where one was open. */
  readonly recoveries: readonly number[];
  /** How many seeds had used up a quota of the subscription when the faults ended; their recovery is as long as Stripe's. */
  readonly quotasUsedUp: number;
  /** Virtual milliseconds until another process had what a dead one had been at. */
  readonly pickUps: readonly number[];
  readonly slowestPickUp: { readonly seed: number; readonly ms: number } | null;
  readonly slowest: { readonly seed: number; readonly ms: number } | null;
  readonly violation: { readonly seed: number; readonly guarantee: string; readonly what: string } | null;
}

export async function play({ first, count }: Chunk): Promise<Played> {
  const faults: Partial<Record<FaultPoint, number>> = {};
  const met: Record<string, number> = {};
  const recoveries: number[] = [];
  const pickUps: number[] = [];
  let slowestPickUp: Played['slowestPickUp'] = null;
  const sum = { schedules: 0, events: 0, writes: 0, accepted: 0, held: 0, quotasUsedUp: 0 };
  let slowest: Played['slowest'] = null;
  let violation: Played['violation'] = null;
  for (let seed = first; seed < first + count && violation === null; seed += 1) {
    const outcome = await runSchedule(seed);
    sum.schedules += 1;
    sum.events += outcome.events;
    sum.writes += outcome.stripeWrites;
    sum.accepted += outcome.accepted;
    if (outcome.held) sum.held += 1;
    for (const [name, times] of outcome.faults) faults[name] = (faults[name] ?? 0) + times;
    for (const [pair, times] of outcome.met) met[pair] = (met[pair] ?? 0) + times;
    const { recoveryMs, quotaUsedUp } = outcome;
    if (quotaUsedUp) sum.quotasUsedUp += 1;
    for (const ms of outcome.pickUps) {
      pickUps.push(ms);
      if (slowestPickUp === null || ms > slowestPickUp.ms) slowestPickUp = { seed, ms };
    }
    if (recoveryMs !== null && recoveryMs > 0 && !quotaUsedUp) {
      recoveries.push(recoveryMs);
      if (slowest === null || recoveryMs > slowest.ms) slowest = { seed, ms: recoveryMs };
    }
    const broken = outcome.violations[0];
    if (broken) violation = { seed, ...broken };
  }
  return { ...sum, faults, met, recoveries, pickUps, slowestPickUp, slowest, violation };
}

parentPort?.on('message', (chunk: Chunk) => {
  void play(chunk).then((played) => parentPort?.postMessage(played));
});
