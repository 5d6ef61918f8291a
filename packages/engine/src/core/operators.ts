/** What an operator may say. */
import { contradictionIn } from './billing-policy.ts';
import { recount, rollBack } from './change.ts';
import { releaseHold } from './hold.ts';
import { openPush } from './push.ts';
import { quantityFor } from './quantity-for.ts';
import { nothingUsed } from './quotas.ts';
import { invariant, refuse } from './refusals.ts';
import { refuseUnlessBillable, refuseWhileBusy } from './request.ts';
import { isUnread, itself, type Step } from './step.ts';
import { mergedTerms } from './terms.ts';
import type { Account, Command, OpenPush } from './types.ts';
export function pause(step: Step, command: Extract<Command, { type: 'pause' }>): void {
  step.update({ pausedReason: command.reason });
  step.audit('paused', {
    actor: command.actor,
    reason: command.reason,
    note: `Writes to Stripe are paused: ${command.reason}`,
  });
}

export function resume(step: Step, command: Extract<Command, { type: 'resume' }>): void {
  if (step.account.pausedReason === null) return;
  // What was found during the pause and could not be put right waits for this; a look says what is still so.
  step.update({ pausedReason: null, nextLookAt: step.now });
  step.audit('resumed', { actor: command.actor, reason: command.reason, note: 'Writes to Stripe go on.' });
}

export function changeTerms(step: Step, command: Extract<Command, { type: 'change_terms' }>): void {
  const before = step.account;
  const terms = mergedTerms(before.terms, command.terms);
  // Others may have changed what these do not go with since they were said.
  const contradiction = contradictionIn(terms);
  if (contradiction) refuse('terms_contradict', `${contradiction.field}: ${contradiction.message}`);
  const billed = quantityFor(before.settledSeats, before.terms);
  const differs = (seats: number) => quantityFor(seats, terms) !== quantityFor(seats, before.terms);
  const linked = before.link !== null && before.status !== 'ended';
  if (before.push !== null && (differs(before.settledSeats) || differs(before.push.target.seats))) {
    refuse('too_many_pending', 'A change is on its way to Stripe. Change how seats are counted once it is through.');
  }
  const rebill = linked && differs(before.settledSeats);
  if (rebill) refuseUnlessBillable(step);
  if (rebill && isUnread(before)) {
    refuse(
      'too_many_pending',
      'What the subscription it was linked to bills is being read. Change the terms after that.',
    );
  }
  step.update({ terms });
  // What waits to take seats away is bounded by the terms.
  recount(step);
  step.audit('terms_changed', {
    actor: command.actor,
    reason: command.reason,
    note: `Terms are now ${JSON.stringify(terms)}.`,
  });
  if (!rebill) return;
  // The same seats are another quantity from now on, and Stripe has to be told like of any other change.
  refuseWhileBusy(step);
  const { pushId } = command;
  invariant(pushId !== undefined, 'terms that bill another quantity need an id for the push', {
    organization: before.organization,
  });
  openPush(step, {
    id: pushId,
    sendNow: true,
    target: before.settledSeats,
    changes: [],
    origin: 'resolve',
    fromQuantity: billed,
    prorationDate: null,
  });
}

/** A hold that says there is nothing to bill any more, so that another link is the way out. */
export function isItemMissing(hold: Account['hold']): boolean {
  return hold !== null && hold.observedQuantity === null;
}

/**
 * Another subscription bills this account from now on. The first look at it settles what the numbers mean there:
 * until then what was settled before is what is compared.
 */
export function relink(step: Step, command: Extract<Command, { type: 'relink' }>): void {
  const { account } = step;
  // Somebody was faster, so it bills already, or whoever asked hears that another one does.
  if (account.link !== null && account.status !== 'ended' && !isItemMissing(account.hold)) return;
  if (account.push !== null && account.status === 'ended') {
    refuse('too_many_pending', 'An unpaid invoice of the former subscription is being voided. Link again once it is.');
  }
  // What became of it nobody can say any more: what it was to change is gone.
  const lost = account.hold !== null && account.hold.observedQuantity === null ? account.push : null;
  if (lost !== null) endHeld(step, lost, 'Linked to another subscription.');
  recount(step);
  releaseHold(step, 'Linked to another subscription.', { actor: command.actor, reason: command.reason });
  // Money is given back by people: a purchase that links itself says nothing of it.
  if (command.actor !== itself) {
    for (const { kind, push } of step.openIncidents) {
      if (kind === 'paid_for_nothing') step.closeIncidents(kind, push, 'Linked to another subscription.');
    }
  }
  if (lost?.state === 'awaiting_payment') {
    const message = `Invoice ${lost.payment?.invoice} was for seats of a subscription item that is gone. Void it, or refund it if it was paid.`;
    step.openIncident('paid_for_nothing', 'act', lost.id, message);
  }
  step.update({
    link: command.link,
    status: 'active',
    hold: null,
    tails: [],
    observed: null,
    revertedAt: [],
    reversedAt: [],
    quotaUsed: nothingUsed,
    nextLookAt: step.now,
  });
  step.audit('linked', {
    actor: command.actor,
    reason: command.reason,
    note: `Linked to subscription ${command.link.subscription}, item ${command.link.item}.`,
  });
  const message = 'What it was to change at Stripe is gone, and the organization was linked to another subscription.';
  for (const change of lost ? step.carriedBy(lost) : []) rollBack(step, change, 'resolved', message);
}

/** A person ends a push whose outcome nobody could say. What it carries is open again. */
export function endHeld(step: Step, push: OpenPush, message: string): void {
  const { requestId } = push;
  step.endPush({ push, outcome: 'held', code: 'resolved', message, requestId, endedAt: step.now });
  for (const change of step.carriedBy(push)) step.put({ ...change, push: null, status: 'requested' });
  step.closeIncidents('in_doubt', push.id, 'Resolved by a person.');
  step.closeIncidents('idempotency_broken', push.id, 'Resolved by a person.');
}
