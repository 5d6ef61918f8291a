/** Runs one part in a process of its own and brings back what it ended with, whatever happens to that process. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Goal, PartResult, Progress } from './part.ts';
import type { Order, Report } from './part-process.ts';

export interface Ended {
  readonly name: string;
  readonly result: PartResult;
  /** It was stopped before it had come to its own end, so its goals say nothing. */
  readonly stopped: boolean;
  readonly seconds: number;
}

/** A part that was told to stop has this long to end its processes. */
const stopWithinMs = 20_000;

export function runPart(order: Order, signal: AbortSignal, progress: (now: Progress) => void): Promise<Ended> {
  const began = performance.now();
  const child = fork(fileURLToPath(new URL('./part-process.ts', import.meta.url)), {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let report: Exclude<Report, { type: 'progress' }> | null = null;
  let output = '';
  const hear = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4_000);
  };
  child.stdout?.on('data', hear);
  child.stderr?.on('data', hear);
  child.on('message', (message) => {
    const told = message as Report;
    if (told.type === 'progress') progress(told.now);
    else report = told;
  });
  let killer: NodeJS.Timeout | undefined;
  const stop = () => {
    if (child.connected) child.send('stop');
    killer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  child.send(order);

  return new Promise((resolve) => {
    child.once('close', (code, killedBy) => {
      clearTimeout(killer);
      signal.removeEventListener('abort', stop);
      // What its processes wrote before tells why, more often than the part itself can.
      const why = report?.type === 'failed' ? report.message : `its process ended with ${killedBy ?? `code ${code}`}`;
      const result = report?.type === 'result' ? report.result : nothing(why, output);
      resolve({
        name: order.name,
        result,
        stopped: signal.aborted && result.violations.length === 0,
        seconds: (performance.now() - began) / 1_000,
      });
    });
  });
}

/** A part that brought no result has proven nothing, and that is a goal missed. */
function nothing(why: string, output: string): PartResult {
  const [first = why, ...rest] = why.split('\n');
  const written = output.trim() === '' ? [] : output.trim().split('\n');
  const goal: Goal = { title: 'it runs', wanted: 'a result', got: first, met: false };
  return {
    goals: [goal],
    violations: [],
    faults: 0,
    data: { error: { kind: 'timeline', title: 'why', lines: [first, ...rest, ...written] } },
    failed: [first, ...rest.slice(0, 11), ...written.slice(-20)],
  };
}
