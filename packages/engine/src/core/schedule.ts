/**
 * Decreases that take effect when the paid period is over. They are kept here and not in Stripe's schedules, which take two
 * calls with a crash in between, and then own the subscription. About an hour before the period ends Stripe is told the
 * new quantity without proration, so that the renewal is billed for it.
 */
import { fewerAlready } from './batch.ts';
import { endParked, recount } from './change.ts';
import { policy } from './policy.ts';
import { refuse } from './refusals.ts';
import type { Step } from './step.ts';
import { refusalByState } from './subscription-states.ts';
import type { Account, BillingBehavior, OpenPush, SeatChange } from './types.ts';

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
    if (change.setSeats !== null && change.setSeats > step.account.settledSeats) {
      endParked(step, change, { code: 'overtaken', message: fewerAlready });
      continue;
    }
    step.put({ ...change, status: 'requested' });
    const missed = isMissed(step, waitsUntil);
    if (missed) sayMissed(step);
    recount(step);
    step.audit('schedule_due', {
      change: change.id,
      note: missed
        ? 'The period was renewed before Stripe could be told. The decrease is made now, with credit.'
        : 'The paid period is about to end, so the decrease is told to Stripe.',
    });
  }
}

function sayMissed(step: Step): void {
  step.openIncident(
    'schedule_missed',
    'watch',
    null,
    'A decrease was due at the end of the period, which was renewed at the old number of seats. It is made now, with credit.',
  );
}

/** The push asks for no credit although the period that it was made for is over by now. */
export function cameTooLate(step: Step, push: OpenPush): boolean {
  if (new URLSearchParams(push.request.body).get('proration_behavior') !== 'none') return false;
  const proration = scheduledProration(step, step.carriedBy(push));
  return proration !== null && proration !== 'none';
}

/** Its request surely never ran, so it is dropped, and what it carried is asked for anew, with credit for the new period. */
export function dropTooLate(step: Step, push: OpenPush): void {
  const message = 'The period was renewed before Stripe could be told, so it is asked for anew, with credit.';
  const { requestId } = push;
  step.endPush({ push, outcome: 'superseded', code: 'superseded', message, requestId, endedAt: step.now });
  for (const change of step.waiting.filter(({ id }) => push.changes.includes(id))) step.put({ ...change, push: null });
  sayMissed(step);
  recount(step);
  step.audit('push_superseded', { push: push.id, note: message });
}

/**
 * Confirmed after the period was renewed, by a request that may have run before or after that. If it ran after, the new
 * period was billed at the old number and nothing was credited: only the invoice tells, so a person reads it.
 */
export function sayMaybeUncredited(step: Step, push: OpenPush): void {
  step.openIncident(
    'schedule_missed',
    'watch',
    push.id,
    'A decrease without proration was confirmed only after the period was renewed. If the renewal was billed at the old ' +
      'number of seats, the difference was not credited: look at the invoice.',
  );
}

/** What was told for a while is not told for ever. */
export function closeUncredited(step: Step): void {
  for (const { kind, push, openedAt } of step.openIncidents) {
    if (kind !== 'schedule_missed' || push === null || step.now - openedAt < policy.heldLookMs) continue;
    step.closeIncidents(kind, push, 'It was told, and Stripe was read again since.');
  }
}

/** While that is told, somebody reads Stripe again to end it, whatever looks and holds there are before. */
export function watchUncredited(step: Step): void {
  if (step.account.nextLookAt !== null) return;
  const told = step.openIncidents.find(({ kind, push }) => kind === 'schedule_missed' && push !== null);
  if (told) step.update({ nextLookAt: told.openedAt + policy.heldLookMs });
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
