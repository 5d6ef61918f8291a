import { quantityFor, seatsOver } from 'seatbelt/operator';
import { isSilent } from '../heartbeat.ts';
import type { Agreement } from './agreement.ts';
import type { Facts } from './facts.ts';
import { overdueForMs } from './what-happens-next.ts';
import { deedsAboutParked } from './what-is-parked.ts';

/** Commands and deeds that help; empty where there is nothing to do. */
export function whatYouCanDo(facts: Facts, agreement: Agreement): string[] {
  const { state } = facts;
  const { account } = state;
  const name = account.organization;
  const sentences: string[] = [];
  if (account.link === null || account.status === 'ended') {
    sentences.push(`Link it to a subscription: seatbelt link ${name} --subscription sub_…`);
  }
  if (account.hold !== null) sentences.push(...waysOutOfHold(facts));
  else if (agreement === 'differ') {
    sentences.push(`Have the difference recorded now: seatbelt explain ${name} --look`);
  }
  if (account.pausedReason !== null) sentences.push(`Let writes go on: seatbelt resume ${name}`);
  if (state.installationPaused !== null) sentences.push('Let writes go on everywhere: seatbelt resume');
  sentences.push(...deedsAboutParked(state));
  const over = seatsOver(account, state.waiting);
  if (over > 0) {
    sentences.push(`Free ${over} of the seats in use, or buy ${over} more.`);
  }
  if (state.incidents.some((incident) => incident.kind === 'stripe_key_refused')) {
    sentences.push('Give every process a key that Stripe accepts (STRIPE_SECRET_KEY); `seatbelt doctor` checks it.');
  }
  if (state.incidents.some((incident) => incident.kind === 'stripe_key_forbidden')) {
    sentences.push(
      'Let the key write subscriptions, in Stripe’s dashboard; it is over with the next change that Stripe takes.',
    );
  }
  if ((overdueForMs(facts) !== null || account.dueAt !== null) && isSilent(facts.heartbeat)) {
    sentences.push('Start a worker: seatbelt worker');
  }
  return sentences;
}

function waysOutOfHold({ state }: Facts): string[] {
  const { organization: name, hold, settledSeats, terms } = state.account;
  if (hold === null) return [];
  if (hold.observedQuantity === null) {
    return [
      `Link it to the item that bills the seats now: seatbelt link ${name} --subscription sub_… --item si_…`,
      'Or end the subscription at Stripe, if the customer has left.',
    ];
  }
  // These very numbers are what the reader decides about.
  const agreed = quantityFor(settledSeats, terms);
  const seen = `--seen ${hold.observedQuantity},${agreed} --reason "…"`;
  return [
    `Keep what Stripe bills (quantity ${hold.observedQuantity}): seatbelt resolve ${name} --in-favour-of stripe ${seen}`,
    `Or make Stripe bill what was agreed on (quantity ${agreed}): seatbelt resolve ${name} --in-favour-of database ${seen}`,
  ];
}
