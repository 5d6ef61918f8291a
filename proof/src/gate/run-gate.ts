/** Runs the parts side by side, shows how far they are, and stops all of them at the first violation. */
import { availableParallelism } from 'node:os';
import type { Size } from './part.ts';
import type { Registered } from './registry.ts';
import { type Ended, runPart } from './run-part.ts';
import { type Row, Screen } from './screen.ts';

/** A soak that is shorter cannot do as much as the gate does in each of its parts. */
const rehearsedBelowMs = 60 * 60_000;

export interface GateOptions {
  readonly parts: readonly Registered[];
  readonly size: Size;
  readonly seed: number;
  readonly until: number | null;
  readonly signal: AbortSignal;
  /** A terminal that can be drawn on. */
  readonly live: boolean;
  readonly write: (text: string) => void;
}

export async function runGate(options: GateOptions): Promise<{ ended: readonly Ended[]; rows: readonly Row[] }> {
  const { parts, size, seed, until } = options;
  const rows = parts.map(
    ({ name, title }): Row => ({
      name,
      title,
      state: 'waiting',
      now: { done: 0, total: null, faults: 0 },
      beganAt: 0,
      endedAt: null,
    }),
  );
  const violated = new AbortController();
  const signal = AbortSignal.any([options.signal, violated.signal]);
  const screen = new Screen(rows, options.live, options.write);
  const ended: Ended[] = [];
  const rehearsal = until !== null && until - Date.now() < rehearsedBelowMs;
  const runRow = async (row: Row, file: string, until: number | null): Promise<void> => {
    row.state = 'running';
    row.beganAt = performance.now();
    screen.began(row);
    const end = await runPart({ name: row.name, file, size, seed, until, rehearsal }, signal, (now) => {
      row.now = now;
    });
    row.endedAt = performance.now();
    row.now = { ...row.now, faults: Math.max(row.now.faults, end.result.faults) };
    const { goals, violations } = end.result;
    row.state = end.stopped ? 'stopped' : violations.length > 0 || goals.some(({ met }) => !met) ? 'failed' : 'done';
    screen.ended(row);
    ended.push(end);
    if (violations.length > 0) violated.abort();
  };

  try {
    const jobs = parts.map(
      ({ waits, file }, index): Job => ({ waits, run: (end) => runRow(rows[index] as Row, file, end) }),
    );
    if (until === null) await sideBySide(jobs, Math.max(2, Math.floor(availableParallelism())), signal);
    else await inShares(jobs, until, signal);
  } finally {
    screen.close();
  }
  const order = new Map(parts.map(({ name }, index) => [name, index]));
  ended.sort((a, b) => (order.get(a.name) ?? 0) - (order.get(b.name) ?? 0));
  return { ended, rows };
}

interface Job {
  readonly waits: boolean;
  readonly run: (until: number | null) => Promise<void>;
}

/** A part that computes is put beside one that waits, as long as there are both. */
async function sideBySide(jobs: readonly Job[], atOnce: number, signal: AbortSignal): Promise<void> {
  const left = [...jobs];
  let waitingNow = 0;
  const take = (): Job | undefined => {
    const wanted = waitingNow === 0;
    const index = left.findIndex((job) => job.waits === wanted);
    return left.splice(Math.max(index, 0), 1)[0];
  };
  const lane = async (): Promise<void> => {
    while (!signal.aborted) {
      const job = take();
      if (job === undefined) return;
      if (job.waits) waitingNow += 1;
      await job.run(null);
      if (job.waits) waitingNow -= 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}

/**
 * A soak: one part that waits beside one that computes, as in the gate, each with its share of the time that is left. All of
 * them at once would be ten on the processors of two, and what is late then would say nothing about what was promised.
 */
async function inShares(jobs: readonly Job[], until: number, signal: AbortSignal): Promise<void> {
  const lane = async (waits: boolean): Promise<void> => {
    const left = jobs.filter((job) => job.waits === waits);
    for (let job = left.shift(); job !== undefined && !signal.aborted; job = left.shift()) {
      const share = Math.floor((until - Date.now()) / (left.length + 1));
      await job.run(left.length === 0 ? until : Date.now() + share);
    }
  };
  await Promise.all([lane(true), lane(false)]);
}
