/** What an owner says about a change that the guard parked. */
import { endParked } from './change.ts';
import { untilOf } from './parked.ts';
import { invariant, refuse, SeatRefused } from './refusals.ts';
import { acceptRequest, holdersOf } from './request.ts';
import type { Step } from './step.ts';
import type { Command, SeatChange } from './types.ts';

/** The change an owner decides about. @throws SeatRefused */
export function awaitingApproval(step: Step, id: string): SeatChange {
  const change = step.parked.find((parked) => parked.id === id);
  if (change) {
    if (change.status === 'awaiting_approval') return change;
    refuse('not_awaiting_approval', 'This change is scheduled and waits for its date, not for an approval.');
  }
  if (step.waitingChange(id)) refuse('not_awaiting_approval', 'This change is on its way already.');
  refuse('unknown_change', 'This organization has no open change of that id.');
}

export function declineChange(step: Step, command: Extract<Command, { type: 'decline' }>): void {
  const change = awaitingApproval(step, command.change);
  endParked(step, change, {
    code: 'approval_declined',
    message: 'An owner declined it.',
    actor: command.actor,
    reason: command.reason,
  });
  step.change = { ...change, status: 'rolled_back' };
}

/** An owner's yes. The request is accepted anew, by the rules and counts of now; where they refuse it, it ends with their code. */
export function approveChange(step: Step, command: Extract<Command, { type: 'approve' }>): void {
  const change = awaitingApproval(step, command.change);
  if (untilOf(change) <= step.now) {
    // Nobody has come by since its time was over; that makes it no younger.
    step.change = change;
    lapse(step);
    return;
  }
  invariant(change.asked !== null, 'a change to be approved does not say what was asked', { change: change.id });
  const named = holdersOf(change.asked);
  invariant(
    named.every((name) => command.holders.includes(name)),
    'an approval does not name the holders that were asked for',
    { change: change.id },
  );
  let refused: SeatRefused | null = null;
  try {
    acceptRequest(step, change.asked, change);
  } catch (error) {
    // A pause says nothing about what was asked for: it still waits, and can be approved when the pause is over.
    if (!(error instanceof SeatRefused) || error.code === 'paused') throw error;
    refused = error;
  }
  step.audit('change_approved', {
    change: change.id,
    actor: command.actor,
    reason: command.reason,
    note: 'An owner approved it.',
  });
  if (refused) endParked(step, change, { code: refused.code, message: refused.message });
}

/** Nobody has decided in time. */
export function lapse(step: Step): void {
  for (const change of step.parked) {
    if (change.status !== 'awaiting_approval' || untilOf(change) > step.now) continue;
    endParked(step, change, {
      code: 'approval_expired',
      message: 'Nobody approved it within a week, so it was taken back.',
      actor: 'seatbelt',
    });
  }
}
