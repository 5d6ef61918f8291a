/** What an operator may say. */
import { quantityFor } from './quantity-for.ts';
import { refuse } from './refusals.ts';
import type { Step } from './step.ts';
import type { Command } from './types.ts';
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
  step.update({ pausedReason: null });
  step.audit('resumed', { actor: command.actor, reason: command.reason, note: 'Writes to Stripe go on.' });
}

export function changeTerms(step: Step, command: Extract<Command, { type: 'change_terms' }>): void {
  const terms = { ...step.account.terms, ...command.terms };
  const before = step.account;
  if (
    before.push !== null &&
    quantityFor(before.settledSeats, terms) !== quantityFor(before.settledSeats, before.terms)
  ) {
    refuse('too_many_pending', 'A change is on its way to Stripe. Change how seats are counted once it is through.');
  }
  step.update({ terms });
  step.audit('terms_changed', {
    actor: command.actor,
    reason: command.reason,
    note: `Terms are now ${JSON.stringify(terms)}.`,
  });
}
