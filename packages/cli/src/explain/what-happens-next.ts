import { lookDueAt, type OpenPush, policy, quotaFreeAt, settledAt } from 'seatbelt/operator';
import { isSilent } from '../heartbeat.ts';
import { duration, momentAndDistance } from '../output/times.ts';
import type { Agreement } from './agreement.ts';
import type { Facts } from './facts.ts';
import { nextOfParked } from './what-is-parked.ts';

/** The next step of each open thing, and its time. */
export function whatHappensNext(facts: Facts, agreement: Agreement): string[] {
  const { state } = facts;
  const { account, now } = state;
  const paused = account.pausedReason ?? state.installationPaused;
  const sentences: string[] = [];
  if (account.push !== null && account.hold === null) sentences.push(...nextOfPush(account.push, now, paused !== null));
  if (account.hold !== null) {
    sentences.push(
      'Until somebody says which side counts, increases are refused (drift_unresolved); seats can be freed.',
      `Stripe is read again${account.nextLookAt === null ? '' : ` at ${at(account.nextLookAt, now)}`}; should it show the agreed quantity again, the hold ends by itself.`,
    );
  } else if (paused !== null) {
    sentences.push(
      'Nothing is written to Stripe until somebody resumes it: new purchases are refused (paused), and what was accepted before waits. Reading goes on, and seats can be freed.',
    );
  } else if (account.push === null && state.waiting.length > 0) {
    const from = Math.max(settledAt(account, state.waiting), quotaFreeAt(account));
    sentences.push(
      `What waits is sent to Stripe together, ${from > now ? `at ${momentAndDistance(from, now)}` : 'in the next round'}.`,
    );
  }
  sentences.push(...nextOfParked(state));
  const lookAt = account.push === null && account.hold === null ? lookDueAt(account) : null;
  if (lookAt !== null) {
    sentences.push(
      lookAt <= now
        ? 'Stripe is read in the next round, because something asked for it.'
        : `Stripe is read again at ${at(lookAt, now)}.`,
    );
  }
  const overdue = overdueForMs(facts);
  if (overdue !== null) {
    sentences.push(
      `That has been due for ${duration(overdue)} already and nobody has done it: ${workerSentence(facts)}`,
    );
  } else if (account.dueAt !== null && isSilent(facts.heartbeat)) {
    sentences.push(`That is done by a worker, or at the next request for this organization; ${workerSentence(facts)}`);
  }
  if (sentences.length > 0) return sentences;
  if (account.status === 'ended') return ['Nothing. Changes are refused.'];
  if (account.link === null) return ['Nothing, until it is linked. Changes are refused (no_subscription).'];
  if (agreement === 'differ')
    return ['The difference is recorded, and the account held, as soon as Stripe is looked at.'];
  return ['Nothing is due.'];
}

/** How long something has been due beyond what a worker needs; null: nothing is late. */
export function overdueForMs({ state }: Facts): number | null {
  const { account, waiting, now } = state;
  if (account.dueAt === null) return null;
  // "At once" is stored as a time long ago, so what happened last says since when.
  const lastStep = Math.max(
    account.lookedAt ?? 0,
    account.push?.lastSentAt ?? account.push?.intendedAt ?? 0,
    ...waiting.map((change) => change.requestedAt),
  );
  const late = now - Math.max(account.dueAt, lastStep);
  // A lease and a poll are the slowest pick-up after a crash; twice that is late.
  return late > 2 * (policy.leaseMs + policy.pollMs) ? late : null;
}

function nextOfPush(push: OpenPush, now: number, paused: boolean): string[] {
  if (push.state === 'awaiting_payment') {
    const expiry =
      push.payment?.expiresAt == null ? '' : ` Unpaid, Stripe drops it at ${at(push.payment.expiresAt, now)}.`;
    return [
      `Stripe is asked whether it was paid at ${at(push.nextAt, now)}. Paid: the change is applied. Void: it is rolled back.${expiry}`,
    ];
  }
  if (push.next === 'look') return [`Stripe is read at ${at(push.nextAt, now)}. ${lookMeaning(push)}`];
  if (paused) return ['The request is not sent (again) while it is paused.'];
  const same = 'the same request goes to Stripe under the same key, so it cannot be carried out twice';
  if (push.state === 'in_doubt') {
    const limit = push.keySince + policy.keyLifetimeMs;
    return [
      `At ${at(push.nextAt, now)} ${same}, until an answer is definite.`,
      `Should there be none by ${at(limit, now)}, Stripe is only read from then on: the asked quantity means applied, the old one rolled back.`,
    ];
  }
  if (push.attempt === 0 || push.unproven === 0) return [`The request goes to Stripe at ${at(push.nextAt, now)}.`];
  return [
    `Whoever sent it records the answer within moments. Should it have died, ${same}, at ${at(push.nextAt, now)}.`,
  ];
}

/** What the reading decides; the rules are those of the evidence table in the design. */
function lookMeaning(push: OpenPush): string {
  const { from, target } = push;
  const otherwise = `Any other quantity holds the account for a person.`;
  switch (push.lookFor) {
    case 'spent_key':
      return `${target.quantity} means applied; ${from.quantity} means that a new key is tried (${push.generation} of ${policy.generations} used). ${otherwise}`;
    case 'stale_key':
      return `${target.quantity} means applied; ${from.quantity} means rolled back, because nobody expects a day-old purchase. ${otherwise}`;
    case 'unclear_refusal':
    case null:
      return `${target.quantity} means applied; ${from.quantity} means rolled back, once no request of ours can be under way any more. ${otherwise}`;
  }
}

function workerSentence(facts: Facts): string {
  if (!isSilent(facts.heartbeat)) return 'a worker is running; its log says what keeps it.';
  return facts.heartbeat === null
    ? 'no worker was ever seen here.'
    : `the last round of a worker was ${duration(facts.heartbeat.ageMs)} ago.`;
}

function at(ms: number, now: number): string {
  return ms <= now ? 'once (it is due now)' : momentAndDistance(ms, now);
}
