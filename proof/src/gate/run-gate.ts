/** Runs the parts side by side, shows how far they are, and stops all of them at the first violation. */
import { availableParallelism } from 'node:os';
import type { Size } from './part.ts';
import type { Registered } from './registry.ts';
import { type Ended, runPart } from './run-part.ts';
import { type Row, Screen } from './screen.ts';

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
  const runRow = async (row: Row): Promise<void> => {
    row.state = 'running';
    row.beganAt = performance.now();
    screen.began(row);
    const end = await runPart({ name: row.name, size, seed, until }, signal, (now) => {
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
    await sideBySide(
      parts.map(({ waits }, index) => ({ waits, run: () => runRow(rows[index] as Row) })),
      // A soak gives every part the whole time; a run of a known size gets done two at a time.
      size === 'soak' ? parts.length : Math.max(2, Math.floor(availableParallelism())),
      signal,
    );
  } finally {
    screen.close();
  }
  const order = new Map(parts.map(({ name }, index) => [name, index]));
  ended.sort((a, b) => (order.get(a.name) ?? 0) - (order.get(b.name) ?? 0));
  return { ended, rows };
}

interface Job {
  readonly waits: boolean;
  readonly run: () => Promise<void>;
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
      await job.run();
      if (job.waits) waitingNow -= 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}
