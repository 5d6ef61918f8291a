/** The process in which one part runs: it is told what to do by its parent, and tells how far it is and how it ended. */
import type { PartResult, Progress, Size } from './part.ts';
import { loadPart } from './registry.ts';

export interface Order {
  readonly name: string;
  /** The module that exports the part, relative to this folder. */
  readonly file: string;
  readonly size: Size;
  readonly seed: number;
  readonly until: number | null;
  readonly rehearsal: boolean;
}

export type Report =
  | { readonly type: 'progress'; readonly now: Progress }
  | { readonly type: 'result'; readonly result: PartResult }
  | { readonly type: 'failed'; readonly message: string };

/** Often enough to look alive, rarely enough not to cost anything. */
const progressEveryMs = 200;

async function runOrder(order: Order): Promise<void> {
  const stop = new AbortController();
  process.on('message', (message) => {
    if (message === 'stop') stop.abort();
  });
  // A parent that died cannot say so.
  process.on('disconnect', () => stop.abort());
  // Ctrl-C reaches every process of the terminal; the parent decides what follows from it.
  process.on('SIGINT', () => stop.abort());
  process.on('SIGTERM', () => stop.abort());

  let toldAt = 0;
  try {
    const part = await loadPart(order);
    const result = await part.run({
      ...order,
      signal: stop.signal,
      progress: (now) => {
        if (performance.now() - toldAt < progressEveryMs && now.done !== now.total) return;
        toldAt = performance.now();
        void tell({ type: 'progress', now });
      },
    });
    await tell({ type: 'result', result });
  } catch (error) {
    await tell({ type: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
  // A handle that a part left open must not keep the gate waiting; what it left running is found by its own test.
  process.exit(0);
}

function tell(report: Report): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected) process.send?.(report, () => resolve());
    else resolve();
  });
}

process.once('message', (order) => void runOrder(order as Order));
