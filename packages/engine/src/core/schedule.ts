/**
 * Decreases that take effect when the paid period is over. They are kept here and not in Stripe's schedules, which take two
 * calls with a crash in between, and then own the subscription. About an hour before the period ends Stripe is told the
 * new quantity without proration, so that the renewal is billed for it.
 */
import { endParked, recount } from './change.ts';
import { policy } from './policy.ts';
import { refuse } from './refusals.ts';
import type { Step } from './step.ts';
import { refusalByState } from './subscription-states.ts';
import type { Account, BillingBehavior, SeatChange } from './types.ts';

/** When a decrease asked for now takes effect. @throws SeatRefused where no period follows, or none is known. */
export function endOfPaidPeriod(account: Account): number {
  const { observed } = account;
  const end = observed?.item?.currentPeriodEnd ?? null;
  if (observed === null || end === null) {
    refuse('subscription_not_changeable', 'When the paid period ends is not known yet. Ask again in a moment.');
  }
  if (observed.cancelAtPeriodEnd || (observed.cancelAt !== null && observed.cancelAt <= end)) {
    refuse(
      'subscription_ending',
      'The subscription is canceled at the end of this period, so there is no later bill to make smaller.',
    );
  }
  return end;
}

/** A plan change moves the end of the period, and what waits for that moment moves along. */
export function followPeriod(step: Step): void {
  const item = step.account.observed?.item;
  if (!item || item.currentPeriodEnd === null || item.currentPeriodStart === null) return;
  for (const change of step.parked) {
    const { waitsUntil } = change;
    if (change.status !== 'scheduled' || waitsUntil === null || waitsUntil === item.currentPeriodEnd) continue;
    // That period is over: it was renewed before Stripe could be told.
    if (item.currentPeriodStart >= waitsUntil) continue;
    step.put({ ...change, waitsUntil: item.currentPeriodEnd });
    step.audit('schedule_moved', {
      change: change.id,
      note: `The paid period now ends at ${new Date(item.currentPeriodEnd).toISOString()}; the decrease takes effect then.`,
    });
  }
}

/** What is due has been read of Stripe just now: from here on it is a change like any other, checked again when it is folded. */
export function ripen(step: Step, seenAt: number): void {
  for (const change of step.parked) {
    const { waitsUntil } = change;
    if (change.status !== 'scheduled' || waitsUntil === null || waitsUntil - policy.scheduleLeadMs > seenAt) continue;
    const refusal = refusalByState(step.account, 'decrease');
    if (refusal) {
      endParked(step, change, refusal);
      continue;
    }
    step.put({ ...change, status: 'requested' });
    const missed = isMissed(step, waitsUntil);
    if (missed) {
      step.openIncident(
        'schedule_missed',
        'watch',
        null,
        'A decrease was due at the end of the period, which was renewed at the old number of seats. It is made now, with credit.',
      );
    }
    recount(step);
    step.audit('schedule_due', {
      change: change.id,
      note: missed
        ? 'The period was renewed before Stripe could be told. The decrease is made now, with credit.'
        : 'The paid period is about to end, so the decrease is told to Stripe.',
    });
  }
}

/** Before the period ends nothing is credited: it was paid for and used. After a renewal that came first, the rest of it is. */
export function scheduledProration(
  step: Step,
  changes: readonly SeatChange[],
): BillingBehavior['prorationBehavior'] | null {
  const [first] = changes;
  if (first === undefined || changes.some((change) => change.waitsUntil === null)) return null;
  if (!changes.some(({ waitsUntil }) => waitsUntil !== null && isMissed(step, waitsUntil))) return 'none';
  const { prorationBehavior } = step.account.terms.decrease;
  return prorationBehavior === 'none' ? 'create_prorations' : prorationBehavior;
}

function isMissed(step: Step, waitsUntil: number): boolean {
  const start = step.account.observed?.item?.currentPeriodStart ?? null;
  return step.now >= waitsUntil || (start !== null && start >= waitsUntil);
}
