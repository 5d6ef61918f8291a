import type { RefusalCode } from 'seatbelt';

import type { ProblemBody } from 'seatbelt/http';
import { withFullStop } from './full-stop.ts';

/** What a refusal says on screen: what happened, what happened to the money, and what to do about it. */
export interface Refused {
  readonly title: string;
  readonly money: string;
  readonly next: string;
  /** What the server says of this very case, where it knows numbers that the sentences do not. */
  readonly exact: string | null;
}

type EdgeCode =
  | 'invalid_input'
  | 'organization_required'
  | 'unauthorized'
  | 'forbidden'
  | 'cross_site'
  | 'unknown_organization';

/** A refusal is made before anything is written, so the money is the same in all of them. */
const untouched = 'Nothing was changed and nothing was charged.';

const sentences: Record<RefusalCode | EdgeCode, { readonly title: string; readonly next: string }> = {
  below_used: { title: 'More seats are in use than that.', next: 'Free some seats first, then lower the number.' },
  below_minimum: { title: 'That is below the contract minimum.', next: 'Choose the minimum or more.' },
  above_maximum: { title: 'That is above the most seats allowed.', next: 'Choose fewer, or ask for a higher limit.' },
  no_subscription: {
    title: 'There is no Stripe subscription to change.',
    next: 'Link the subscription of this organization first.',
  },
  subscription_not_changeable: {
    title: 'The Stripe subscription cannot be changed.',
    next: 'It has ended or is not active. A new one has to be linked.',
  },
  subscription_incomplete: {
    title: 'The first invoice of the subscription is not paid.',
    next: 'Pay it, then change the seats.',
  },
  subscription_paused: { title: 'The subscription is paused at Stripe.', next: 'Resume it there first.' },
  subscription_ending: {
    title: 'The subscription ends with this period.',
    next: 'Take the cancellation back first, then change the seats.',
  },
  collection_paused: {
    title: 'Stripe does not collect payments for this subscription at the moment.',
    next: 'Resume collecting at Stripe first.',
  },
  payment_overdue: { title: 'An invoice is overdue.', next: 'Pay it, then buy more seats.' },
  managed_by_schedule: {
    title: 'A schedule at Stripe manages this subscription.',
    next: 'Release the schedule there, or change the seats in it.',
  },
  unknown_change: { title: 'This change is not known here.', next: 'Reload the page and look at the history.' },
  not_cancellable: { title: 'It cannot be taken back any more.', next: 'Look at what became of it in the history.' },
  not_awaiting_approval: {
    title: 'It does not wait for an approval any more.',
    next: 'Look at what became of it in the history.',
  },
  terms_contradict: { title: 'These terms contradict themselves.', next: 'Change one of them.' },
  price_needed: { title: 'Stripe could not say what it costs.', next: 'Try again in a moment.' },
  too_many_pending: {
    title: 'Very many changes are waiting for Stripe already.',
    next: 'Try again when they are through.',
  },
  idempotency_key_reused: {
    title: 'This request was sent before with other contents.',
    next: 'Reload the page and try again.',
  },
  seats_changed: {
    title: 'Someone changed the seats meanwhile.',
    next: 'The screen shows the present number now. Look again, then decide.',
  },
  quote_stale: { title: 'The price quoted is out of date.', next: 'Look at the new price, then confirm.' },
  drift_unresolved: {
    title: 'Stripe and the database differ here.',
    next: 'Seats cannot grow until that is resolved. Freeing seats still works.',
  },
  not_in_use: {
    title: 'That many seats without a named holder are not in use.',
    next: 'Name the holders whose seats are to be freed.',
  },
  unknown_holder: { title: 'One of these names holds no seat.', next: 'Check the spelling.' },
  holder_exists: { title: 'That person holds a seat already.', next: 'There is nothing left to do for them.' },
  no_seat_available: {
    title: 'Not enough seats are free.',
    next: 'Free some, or allow buying what is missing.',
  },
  over_capacity: {
    title: 'More seats are in use than are paid for.',
    next: 'Free some or buy more before adding anyone.',
  },
  follows_use: {
    title: 'Billing follows the seats in use here.',
    next: 'Add or free seats below; the bill follows by itself.',
  },
  paused: { title: 'Changes at Stripe are paused.', next: 'Try again when an operator has resumed them.' },
  nothing_to_resolve: { title: 'There is nothing to resolve.', next: 'Both sides agree.' },
  numbers_moved: { title: 'The numbers have moved.', next: 'Look again before deciding.' },
  invalid_input: { title: 'The server could not read that request.', next: 'Check the numbers and names.' },
  organization_required: { title: 'The request named no organization.', next: 'Go back to the list and choose one.' },
  unauthorized: { title: 'You are not signed in.', next: 'Reload the page to sign in again.' },
  forbidden: { title: 'You may not change these seats.', next: 'Ask an owner of the organization.' },
  cross_site: { title: 'This came from another site.', next: 'Open the page of this product and try again there.' },
  unknown_organization: { title: 'This organization is not known here.', next: 'Go back to the list and choose one.' },
};

const saysMore: ReadonlySet<string> = new Set<RefusalCode | EdgeCode>([
  'above_maximum',
  'below_minimum',
  'below_used',
  'invalid_input',
  'no_seat_available',
  'not_in_use',
  'over_capacity',
  'paused',
  'seats_changed',
  'subscription_not_changeable',
  'too_many_pending',
  'unknown_holder',
]);

/** Words for a refusal. A code this screen does not know yet is shown with the server's own sentence. */
export function refusalSentence(problem: Pick<ProblemBody, 'code' | 'title' | 'detail'>): Refused {
  const known = Object.hasOwn(sentences, problem.code) ? sentences[problem.code as keyof typeof sentences] : undefined;
  if (known === undefined) return { title: problem.title, money: untouched, next: '', exact: problem.detail };
  return {
    ...known,
    money: untouched,
    exact: saysMore.has(problem.code) ? exactly(problem.detail, known.title) : null,
  };
}

/** What the server adds, without the beginning that the title has said already. */
function exactly(detail: string, title: string): string {
  const beginning = `${title.slice(0, -1)}: `;
  return detail.startsWith(beginning) ? `The reason: ${withFullStop(detail.slice(beginning.length))}` : detail;
}
