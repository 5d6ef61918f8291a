/**
 * Bursts: seats taken one after the other (an import, 200 invites) settle down first, so that they are one change of the
 * bill and one invoice. Only usage settles. An owner who sets the number is waiting for the answer, and takes all of it along.
 */
import { policy } from './policy.ts';
import type { Account, SeatChange } from './types.ts';

/** When what waits is to be told to Stripe; 0: now. */
export function settledAt(account: Account, waiting: readonly SeatChange[]): number {
  const { settleMs, maxWaitMs } = account.terms;
  const riding = waiting.filter((change) => change.push === null && change.hangsOn === null);
  if (settleMs === 0 || riding.length === 0) return 0;
  if (riding.some((change) => change.setSeats !== null || change.alone)) return 0;
  const asked = riding.map((change) => change.requestedAt);
  const quiet = Math.min(Math.max(...asked) + settleMs, Math.min(...asked) + maxWaitMs);
  // What belongs to the period that is about to end is billed in it.
  const end = account.observed?.item?.currentPeriodEnd ?? null;
  return end === null || end < Math.min(...asked) ? quiet : Math.min(quiet, end - policy.scheduleLeadMs);
}
