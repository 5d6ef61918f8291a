import { randomUUID } from 'node:crypto';
import { policy } from '../core/policy.ts';
import { takeTurn, turnNow } from '../store/cursors.ts';
import { recordDuties } from '../store/duties.ts';
import { giveSweepBack, openSweep, type SweepRow, takeSweep } from '../store/sweeps.ts';
import { runSweep, type SweepContext } from '../sweep/sweep.ts';
import { silentAfter } from '../watch/silent-after.ts';
import { sweepCursor } from './follow-events.ts';

/** What one round did of a sweep. */
export interface SweepSlice {
  readonly id: string;
  readonly state: SweepRow['state'];
  readonly dryRun: boolean;
  /** All in all, those of earlier rounds included. */
  readonly subscriptions: number;
  readonly rereads: number;
  readonly repairs: number;
  readonly findings: number;
  /** Why Stripe could not be read any further; null: it could. */
  readonly failed: string | null;
}

/**
 * The sweep on schedule: begins one when its time has come, and goes on with whichever is open for as long as the round
 * lasts. What a killed process left is gone on with here as well. null: there is nothing to do.
 */
export async function sweepSlice(
  context: SweepContext,
  left: () => boolean,
  everyMs: number = policy.sweepEveryMs,
): Promise<SweepSlice | null> {
  const { database } = context;
  if (!left()) return null;
  if ((await takeTurn(database, sweepCursor, everyMs)) !== null) {
    await openSweep(database, { id: randomUUID(), dryRun: null, repairLimit: policy.sweepRepairs });
  }
  const sweep = await takeSweep(database, policy.sweepLeaseMs);
  if (sweep === null) return null;
  const stretch = await runSweep(context, sweep, { left, callsPerSecond: policy.sweepCallsPerSecond });
  if (!stretch.takenOver) await giveSweepBack(database, sweep.id);
  const { id, state, dryRun, subscriptions, rereads, repairs, findings } = stretch.sweep;
  const slice = { id, state, dryRun, subscriptions, rereads, repairs, findings, failed: stretch.failed };
  // It did not compare everything, and not because a person has to look first.
  if (state === 'stopped' && stretch.failed !== null) await turnNow(database, sweepCursor);
  if (state === 'finished') {
    await recordDuties(database, [{ name: 'sweep', report: slice, silentAfterMs: silentAfter.sweep(everyMs) }]);
  }
  return slice;
}
