/**
 * Changes that wait for a date or for a person. They move no count and hold nothing until their time comes; then they
 * wait like any other change, in the order in which they were accepted.
 */
import { policy } from './policy.ts';
import { invariant } from './refusals.ts';
import type { Account, SeatChange } from './types.ts';

/** The date that a parked change waits for. */
export function untilOf(change: SeatChange): number {
  invariant(change.waitsUntil !== null, 'a parked change waits for no date', { change: change.id });
  return change.waitsUntil;
}

export function isParked(change: SeatChange): boolean {
  return change.status === 'scheduled' || change.status === 'awaiting_approval';
}

/** Open changes as the state has them: those that count, and those that are parked. */
export function apart(open: readonly SeatChange[]): { waiting: SeatChange[]; parked: SeatChange[] } {
  return { waiting: open.filter((change) => !isParked(change)), parked: open.filter(isParked) };
}

/** When somebody is needed for a parked change next; null: none is parked, or none can go on now. */
export function parkedDueAt(account: Account, parked: readonly SeatChange[], paused: boolean): number | null {
  const lapses = parked.flatMap((change) => (change.status === 'awaiting_approval' ? [untilOf(change)] : []));
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
    change.status === 'scheduled' ? [untilOf(change) - policy.scheduleLeadMs] : [],
  );
  if (times.length === 0) return null;
  // A look that failed is made again when its delay is over.
  const again = [account.nextLookAt].filter((time) => time !== null && account.lookTries > 0);
  return Math.max(Math.min(...times), ...again.map(Number));
}
