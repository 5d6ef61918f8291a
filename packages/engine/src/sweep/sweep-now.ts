import { randomUUID } from 'node:crypto';
import { policy } from '../core/policy.ts';
import { InvalidInput } from '../failures.ts';
import { wholeSeats } from '../input.ts';
import { recordDuties } from '../store/duties.ts';
import { abandonSweep, giveSweepBack, openSweep, type SweepRow, takeSweep } from '../store/sweeps.ts';
import { silentAfter } from '../watch/silent-after.ts';
import { runSweep, type SweepContext } from './sweep.ts';

export interface SweepOptions {
  /** true: report only. false: differences are answered as the terms say. Default: the first sweep of an installation reports. */
  readonly dryRun?: boolean;
  /** Accounts it may change before it stops and a person is asked. Default 100. */
  readonly repairLimit?: number;
  /** List calls in a second. Default 20, of the 100 that Stripe allows an account. */
  readonly callsPerSecond?: number;
  /** Told after every page. */
  readonly onProgress?: (sweep: SweepRow) => void;
  /** Ends it after the page at hand; the next sweep goes on there. */
  readonly signal?: AbortSignal;
}

export interface SweepReport extends SweepRow {
  /** It went on with a sweep that was cut short. */
  readonly resumed: boolean;
  /**
   * Why Stripe could not be read any further; null: it could. The next sweep goes on there, or begins anew where this one has
   * `stopped`, because Stripe no longer knows the subscription that it stood at.
   */
  readonly failed: string | null;
}

/** A whole sweep in this process, or the rest of one that was cut short. */
export async function sweepNow(context: SweepContext, options: SweepOptions): Promise<SweepReport> {
  const { database } = context;
  const repairLimit = options.repairLimit === undefined ? null : wholeSeats('repairLimit', options.repairLimit, 0);
  const callsPerSecond = options.callsPerSecond ?? policy.sweepCallsPerSecond;
  if (!(callsPerSecond > 0)) throw new InvalidInput('callsPerSecond', 'callsPerSecond must be a number above 0.');
  let sweep = await takeSweep(database, policy.sweepLeaseMs);
  // One that was begun as something else is not turned into this one in the middle.
  if (sweep !== null && !isAsAsked(sweep, options.dryRun, repairLimit)) {
    await abandonSweep(database, sweep.id);
    sweep = null;
  }
  const resumed = sweep !== null && sweep.pages > 0;
  if (sweep === null) {
    await openSweep(database, {
      id: randomUUID(),
      dryRun: options.dryRun ?? null,
      repairLimit: repairLimit ?? policy.sweepRepairs,
    });
    sweep = await takeSweep(database, policy.sweepLeaseMs);
  }
  if (sweep === null) {
    throw new InvalidInput(
      'sweep',
      'Another process is sweeping right now. What it leaves is gone on with in a minute.',
    );
  }
  const stretch = await runSweep(context, sweep, {
    left: () => options.signal?.aborted !== true,
    callsPerSecond,
    onProgress: options.onProgress,
  });
  if (!stretch.takenOver) await giveSweepBack(database, sweep.id);
  const report = { ...stretch.sweep, resumed, failed: stretch.failed };
  if (report.state === 'finished') {
    const silentAfterMs = silentAfter.sweep(policy.sweepEveryMs);
    await recordDuties(database, [{ name: 'sweep', report, silentAfterMs }]);
  }
  return report;
}

function isAsAsked(sweep: SweepRow, dryRun: boolean | undefined, repairLimit: number | null): boolean {
  return (dryRun ?? sweep.dryRun) === sweep.dryRun && (repairLimit ?? sweep.repairLimit) === sweep.repairLimit;
}
