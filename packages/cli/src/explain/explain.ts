import { seatsOver } from 'seatbelt/operator';
import { duration, plural } from '../output/times.ts';
import { type Agreement, agreementOf } from './agreement.ts';
import type { Explanation, Facts } from './facts.ts';
import { overdueForMs, whatHappensNext } from './what-happens-next.ts';
import { whatIsOpen } from './what-is-open.ts';
import { whatIsTrue } from './what-is-true.ts';
import { whatYouCanDo } from './what-you-can-do.ts';

/** The whole answer to "what is going on with this organization?". Pure: everything it says follows from the facts. */
export function explain(facts: Facts): Explanation {
  const agreement = agreementOf(facts);
  const { state } = facts;
  return {
    headline: headline(facts, agreement),
    whatIsTrue: whatIsTrue(facts, agreement),
    whatIsOpen: whatIsOpen(facts),
    whatHappensNext: whatHappensNext(facts, agreement),
    whatYouCanDo: whatYouCanDo(facts, agreement),
    needsPerson:
      state.account.hold !== null ||
      agreement === 'differ' ||
      overdueForMs(facts) !== null ||
      state.incidents.some((incident) => incident.action === 'act'),
  };
}

/** One line; the first thing that matters, the worst first. */
function headline(facts: Facts, agreement: Agreement): string {
  const { state } = facts;
  const { account } = state;
  const name = account.organization;
  if (account.status === 'ended') return `${name}: the Stripe subscription has ended; no seats are available.`;
  if (account.link === null) return `${name} has no Stripe subscription yet.`;
  if (account.hold !== null) return `${name} is held: the two sides differ and somebody has to say which one counts.`;
  if (agreement === 'differ') return `${name}: Stripe and the database differ, and no change of ours is open.`;
  if (account.pausedReason !== null || state.installationPaused !== null) return `${name} is paused.`;
  if (account.push?.state === 'in_doubt') {
    return `${name}: a change has been in doubt for ${duration(state.now - (account.push.doubt?.since ?? state.now))}.`;
  }
  if (account.push?.state === 'awaiting_payment') return `${name}: a change waits for a payment.`;
  if (account.push !== null) return `${name}: Stripe is being asked for a change.`;
  if (state.waiting.length > 0)
    return `${name}: ${plural(state.waiting.length, 'accepted change')} not sent to Stripe yet.`;
  const over = seatsOver(account, state.waiting);
  if (over > 0) return `${name} is over capacity by ${plural(over, 'seat')}.`;
  const parked = parkedText(facts);
  if (agreement === 'unknown') {
    return `${name}: at rest as far as the database knows; Stripe could not be read.${parked}`;
  }
  return `${name}: at rest, and both sides agree.${parked}`;
}

/** What has been agreed on for later, and what an owner is asked. */
function parkedText({ state }: Facts): string {
  const count = (status: string) => state.parked.filter((change) => change.status === status).length;
  const [scheduled, asked] = [count('scheduled'), count('awaiting_approval')];
  const told = [
    ...(scheduled > 0 ? ['a decrease is scheduled'] : []),
    ...(asked > 0 ? [`${plural(asked, 'purchase')} ${asked === 1 ? 'waits' : 'wait'} for an owner's approval`] : []),
  ].join(', and ');
  return told === '' ? '' : ` ${told.charAt(0).toUpperCase()}${told.slice(1)}.`;
}
