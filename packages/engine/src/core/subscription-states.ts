/**
 * What may be changed in which state of the subscription, as it was last seen: one row for each state Stripe has
 * (docs/states.md repeats them). A state without a row here lets Stripe be the judge.
 * https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses
 */
import { paidFirst } from './billing-policy.ts';
import type { Refusal } from './refusals.ts';
import type { Step } from './step.ts';
import type { Account } from './types.ts';

/** Why billing cannot be changed that way now, and what to do; null: it can. */
export function refusalByState(account: Account, direction: 'increase' | 'decrease'): Refusal | null {
  const { observed, terms } = account;
  if (observed === null) return null;
  if (observed.schedule !== null) {
    return {
      code: 'managed_by_schedule',
      message:
        `The subscription is managed by the schedule ${observed.schedule}, whose next phase would overwrite the change. ` +
        'Change the schedule, or release it (it leaves the subscription as it is) and ask again.',
    };
  }
  switch (observed.status) {
    case 'incomplete':
      return {
        code: 'subscription_incomplete',
        message: 'The first invoice of the subscription is not paid yet. Pay it, then change the seats.',
      };
    case 'paused':
      return {
        code: 'subscription_paused',
        message: 'The subscription is paused and bills nothing. Resume it, then change the seats.',
      };
    case 'unpaid':
    case 'past_due':
      // A smaller bill needs nobody's money. A larger one is bought by who pays for it first, and `unpaid` charges nobody.
      if (direction === 'decrease' || (observed.status === 'past_due' && paidFirst(terms.increase))) return null;
      return {
        code: 'payment_overdue',
        message: 'An invoice of the subscription is overdue. Pay it, then buy seats.',
      };
    default:
      break;
  }
  if (direction === 'increase' && observed.pausedCollection !== null && paidFirst(terms.increase)) {
    return {
      code: 'collection_paused',
      message:
        'Collecting payments is paused for this subscription, and seats are given out here only when they are paid for. ' +
        'Resume collection, then buy seats.',
    };
  }
  return null;
}

/** Seats that were given out and are not paid are nobody's secret. */
export function watchOverdue(step: Step): void {
  const { observed, status } = step.account;
  if (observed === null) return;
  const overdue = status !== 'ended' && (observed.status === 'past_due' || observed.status === 'unpaid');
  if (overdue) {
    step.openIncident(
      'payment_overdue',
      'watch',
      null,
      `The subscription is ${observed.status}: an invoice is not paid.`,
    );
  } else {
    step.closeIncidents('payment_overdue', null, 'Nothing is overdue any more.');
  }
}
