import { type OpenPush, quotaFreeAt, quotaUsedNow, settledAt } from 'seatbelt/operator';
import { momentAndDistance, plural } from '../output/times.ts';
import type { Facts } from './facts.ts';
import { parkedSentences } from './what-is-parked.ts';

/** What has not ended, since when, and why. */
export function whatIsOpen({ state }: Facts): string[] {
  const { account, now } = state;
  const sentences: string[] = [];
  if (account.push !== null) sentences.push(...pushSentences(account.push, now));
  const carried = new Set(account.push?.changes ?? []);
  const waiting = state.waiting.filter((change) => !carried.has(change.id));
  if (waiting.length > 0) {
    const kinds = [...new Set(waiting.map((change) => change.kind))].join(', ');
    const oldest = Math.min(...waiting.map((change) => change.requestedAt));
    sentences.push(
      `${plural(waiting.length, 'accepted change')} (${kinds}) ${waiting.length === 1 ? 'waits' : 'wait'} for the next push, the oldest since ${momentAndDistance(oldest, now)}.`,
    );
  }
  const settles = settledAt(account, state.waiting);
  if (waiting.length > 0 && settles > now) {
    sentences.push(
      `They settle until ${momentAndDistance(settles, now)}: seats that are taken one after the other are billed together, by one invoice.`,
    );
  }
  const quotaAt = quotaFreeAt(account);
  if (waiting.length > 0 && quotaAt > now) {
    const { updatesInHour, invoicesInDay } = quotaUsedNow(account.quotaUsed, now);
    sentences.push(
      `They wait for Stripe's quota of this subscription (${plural(updatesInHour, 'quantity update')} in the last hour, ${plural(invoicesInDay, 'invoice')} in the last day) until ${momentAndDistance(quotaAt, now)}, and ride together then.`,
    );
  }
  sentences.push(...parkedSentences(state));
  if (account.hold !== null) {
    sentences.push(`The account is held since ${momentAndDistance(account.hold.since, now)}: ${account.hold.message}`);
  }
  if (account.pausedReason !== null) sentences.push(`Writes to Stripe are paused here: ${account.pausedReason}`);
  if (state.installationPaused !== null) {
    sentences.push(`Writes to Stripe are paused for all organizations: ${state.installationPaused}`);
  }
  for (const tail of account.tails) {
    if (!tail.rolledBack) continue;
    sentences.push(
      `A push that ended without a clean answer (${tail.push}) is still watched: should Stripe show quantity ${tail.targetQuantity}, that is our own late write and is reversed.`,
    );
  }
  for (const incident of state.incidents) {
    // A hold says the same itself, with more.
    if (account.hold !== null && (incident.kind === 'held' || incident.kind === 'drift')) continue;
    const asks = { none: 'for the record', watch: 'to watch', act: 'for a person to act on' }[incident.action];
    sentences.push(
      `An incident is open, ${asks}, since ${momentAndDistance(incident.openedAt, now)} (${incident.kind}): ${incident.message}`,
    );
  }
  return sentences;
}

function pushSentences(push: OpenPush, now: number): string[] {
  const about = pushAbout(push);
  // Under terms with included seats or a minimum the two numbers are not one.
  const asSeats =
    push.target.seats === push.target.quantity
      ? ''
      : `, which is what ${plural(push.target.seats, 'seat')} are billed as`;
  const quantities = `quantity ${push.target.quantity} instead of ${push.from.quantity}${asSeats}`;
  const begun = `since ${momentAndDistance(push.intendedAt, now)}`;
  switch (push.state) {
    case 'intended':
      return [`Stripe is to be asked for ${quantities}, ${begun}; ${about}.`, sentSentence(push)];
    case 'in_doubt':
      return [
        `Stripe was asked for ${quantities}, ${begun}; ${about}.`,
        `Nobody knows what Stripe did, since ${momentAndDistance(push.doubt?.since ?? push.intendedAt, now)}: ${doubtInWords(push.doubt?.reason ?? null)}. ${sentSentence(push)}`,
      ];
    case 'awaiting_payment': {
      const page = push.payment?.url ? ` The customer pays at ${push.payment.url}.` : '';
      const invoice = push.payment?.invoice ? ` (invoice ${push.payment.invoice})` : '';
      return [`Stripe will change to ${quantities} once a payment is made${invoice}, ${begun}; ${about}.${page}`];
    }
  }
}

function pushAbout(push: OpenPush): string {
  switch (push.origin) {
    case 'changes':
      return push.changes.length === 0 ? 'for new terms' : `for ${plural(push.changes.length, 'change')}`;
    case 'late_write':
      return 'to take back our own late write';
    case 'revert':
      return 'to put back what somebody else changed';
    case 'resolve':
      return 'because somebody resolved it so, or for new terms';
  }
}

function sentSentence(push: OpenPush): string {
  if (push.attempt === 0) return 'Under the present key it was not sent yet.';
  if (push.unproven === 0 && push.tries > 0) {
    return 'Stripe answered that it was too busy; the request did not run.';
  }
  const again =
    push.attempt === 1 ? 'once' : `${push.attempt} times under one key, which Stripe carries out at most once`;
  return `It was sent ${again}.`;
}

/** The reasons that the evidence table gives, in words; Stripe's own codes are shown as they are. */
export function doubtInWords(reason: string | null): string {
  switch (reason) {
    case null:
      return 'no reason is stored';
    case 'timeout':
      return 'Stripe did not answer in time';
    case 'connection':
      return 'the connection broke before an answer came';
    case 'cut_body':
      return 'the answer broke off in the middle';
    case 'sender_lost':
      return 'the process that sent the request died, or lost the database, before it could record an answer';
    case 'unexpected_object':
      return 'what answered did not answer with the subscription item that was asked for';
    case 'unexpected_quantity':
      return 'Stripe answered with another quantity than asked for';
    case 'idempotency_error':
      return 'Stripe says that the key was used for another request';
    default:
      return `Stripe answered "${reason}", which does not say whether the request ran`;
  }
}
