/**
 * Changes that wait for a date or for a person. They move no count and hold nothing until their time comes; then they
 * wait like any other change, in the order in which they were accepted.
 */
import { policy } from './policy.ts';
import type { Account, SeatChange } from './types.ts';

export function isParked(change: SeatChange): boolean {
  return change.status === 'scheduled' || change.status === 'awaiting_approval';
}

/** Open changes as the state has them: those that count, and those that are parked. */
export function apart(open: readonly SeatChange[]): { waiting: SeatChange[]; parked: SeatChange[] } {
  return { waiting: open.filter((change) => !isParked(change)), parked: open.filter(isParked) };
}

/** When somebody is needed for a parked change next; null: none is parked, or none can go on now. */
export function parkedDueAt(account: Account, parked: readonly SeatChange[], paused: boolean): number | null {
  const lapses = parked.flatMap((change) => (change.status === 'awaiting_approval' ? [change.waitsUntil ?? 0] : []));
  const times = [ripeAt(account, parked, paused), ...lapses].filter((time) => time !== null);
  return times.length > 0 ? Math.min(...times) : null;
}

/**
 * When Stripe is to be read because a scheduled change is about to take effect. null: none is scheduled, or the account
 * cannot take it now; what keeps it makes the account due again when it is over.
 */
export function ripeAt(account: Account, parked: readonly SeatChange[], paused: boolean): number | null {
  if (paused || account.push !== null || account.hold !== null) return null;
  if (account.link === null || account.status === 'ended') return null;
  const times = parked.flatMap((change) =>
    change.status === 'scheduled' && change.waitsUntil !== null ? [change.waitsUntil - policy.scheduleLeadMs] : [],
  );
  if (times.length === 0) return null;
  // A look that failed is made again when its delay is over.
  return Math.max(Math.min(...times), account.lookTries > 0 ? (account.nextLookAt ?? 0) : 0);
}
