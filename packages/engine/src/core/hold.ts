/** Holding an account until somebody, or a later look, resolves it. */
import { policy } from './policy.ts';
import { quantityFor } from './quantity-for.ts';
import { refuse } from './refusals.ts';
import type { Step } from './step.ts';
import type { Account, Cause, Hold, QuantitiesSeen } from './types.ts';

export function hold(
  step: Step,
  why: {
    readonly code: NonNullable<Account['hold']>['code'];
    readonly observedQuantity: number | null;
    readonly cause: Cause | null;
    readonly message: string;
    readonly push: string | null;
  },
): void {
  const { code, observedQuantity, cause, message, push } = why;
  const known = step.account.hold;
  const same = known?.code === code && known.observedQuantity === observedQuantity && known.cause === cause;
  step.update({
    status: 'held',
    hold: same ? known : { since: known?.since ?? step.now, code, observedQuantity, cause, message },
    nextLookAt: step.now + policy.heldLookMs,
  });
  if (same) return;
  const kind = code === 'drift' ? 'drift' : 'held';
  // The incident names the cause; where more is known now, another one says so.
  if (known !== null && known.cause !== cause) step.closeIncidents(kind, push, 'More is known about it now.');
  // What could be answered without a person was only to be watched; now one has to act.
  const watched = step.openIncidents.some((open) => open.kind === kind && open.push === push && open.action !== 'act');
  if (watched) step.closeIncidents(kind, push, 'It could not be answered without a person.');
  step.retellIncidents(kind, push, message);
  step.openIncident(kind, 'act', push, message, cause);
  step.audit(push ? 'push_held' : 'drift_found', { push, note: message });
}

/** @param by the person who says so, where it is one; otherwise what was seen says so. */
export function releaseHold(step: Step, note: string, by: { actor?: string; reason?: string | null } = {}): void {
  if (step.account.hold === null) return;
  step.update({ status: 'active', hold: null, nextLookAt: null });
  step.audit('hold_released', { note, ...by });
  for (const incident of step.openIncidents) {
    if (incident.kind === 'drift' || incident.kind === 'held') step.closeIncidents(incident.kind, incident.push, note);
  }
}

/** A word on a hold is about the numbers its author saw. Where they have moved it is not theirs any more. */
export function refuseIfMoved({ settledSeats, terms }: Account, held: Hold, seen: QuantitiesSeen | undefined): void {
  if (seen === undefined) return;
  const expected = quantityFor(settledSeats, terms);
  if (held.observedQuantity === seen.observed && expected === seen.expected) return;
  refuse(
    'numbers_moved',
    `Stripe bills ${held.observedQuantity ?? 'nothing'} by now and ${expected} was agreed on; ` +
      `it was ${seen.observed ?? 'nothing'} and ${seen.expected} when this was decided. Nothing was done.`,
  );
}
