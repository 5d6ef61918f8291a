/** Holding an account until somebody, or a later look, resolves it. */
import { policy } from './policy.ts';
import type { Step } from './step.ts';
import type { Account } from './types.ts';
export function hold(
  step: Step,
  code: NonNullable<Account['hold']>['code'],
  observedQuantity: number | null,
  message: string,
  push: string | null,
): void {
  const known = step.account.hold;
  const same = known?.code === code && known.observedQuantity === observedQuantity;
  step.update({
    status: 'held',
    hold: same ? known : { since: known?.since ?? step.now, code, observedQuantity, message },
    nextLookAt: step.now + policy.heldLookMs,
  });
  if (same) return;
  step.openIncident(code === 'drift' ? 'drift' : 'held', 'act', push, message);
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
