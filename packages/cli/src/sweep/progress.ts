import type { SweepRow } from 'seatbelt';
import type { Io } from '../io.ts';
import { duration } from '../output/times.ts';

const barWidth = 30;
/** Without a terminal a line is printed at most this often. */
const lineEveryMs = 5_000;

/** Shows how far a sweep is and how long it will take, on standard error: a bar on a terminal, lines elsewhere. */
export function sweepProgress(io: Io): { at(sweep: SweepRow): void; end(): void } {
  const began = performance.now();
  let first: number | null = null;
  let shown = false;
  let lineAt = began;
  return {
    at(sweep) {
      // What an earlier run had compared already took none of this one's time.
      first ??= Math.max(sweep.subscriptions - 100, 0);
      const text = line(sweep, sweep.subscriptions - first, performance.now() - began);
      if (io.errIsTerminal) io.err(`\r\u001b[K${text}`);
      else if (performance.now() - lineAt >= lineEveryMs) {
        lineAt = performance.now();
        io.err(`${text}\n`);
      }
      shown = true;
    },
    end() {
      if (io.errIsTerminal && shown) io.err('\n');
    },
  };
}

/** @param fresh subscriptions compared in `passedMs`. */
export function line(sweep: SweepRow, fresh: number, passedMs: number): string {
  if (sweep.state !== 'walking') return `${sweep.subscriptions} compared, reading what was not listed`;
  // Nobody knows how many there are before the end; as many as are linked is the least.
  const total = Math.max(sweep.expected, sweep.subscriptions);
  const part = total === 0 ? 1 : sweep.subscriptions / total;
  const filled = Math.round(part * barWidth);
  const leftMs = fresh === 0 ? null : ((total - sweep.subscriptions) / fresh) * passedMs;
  const left = leftMs === null ? '' : `, ${duration(leftMs)} left`;
  const found = sweep.findings === 0 ? '' : `, ${sweep.findings} found`;
  return `[${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}] ${sweep.subscriptions}/${total}${found}${left}`;
}
