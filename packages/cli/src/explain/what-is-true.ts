import { available, seatsOver, used } from 'seatbelt/operator';
import { moment, plural } from '../output/times.ts';
import { type Agreement, billedQuantity } from './agreement.ts';
import type { Facts } from './facts.ts';

/** Both sides, each by its own word, and whether they agree. */
export function whatIsTrue(facts: Facts, agreement: Agreement): string[] {
  return [
    databaseSentence(facts),
    stripeSentence(facts),
    ...agreementSentences(facts, agreement),
    ...capacitySentences(facts),
    ...lastChangeSentences(facts),
  ];
}

function databaseSentence({ state }: Facts): string {
  const { account } = state;
  const confirmed =
    account.seatCount === account.settledSeats
      ? 'all of them confirmed by Stripe'
      : `while ${account.settledSeats} are confirmed by Stripe`;
  const free = available(account);
  return `The database shows ${plural(account.seatCount, 'seat')}, ${confirmed}; ${used(account)} in use (${account.assigned} assigned, ${account.reserved} reserved) and ${free} available.`;
}

function stripeSentence({ state, stripe }: Facts): string {
  const { link } = state.account;
  if (link === null) return 'There is nothing to read at Stripe: the organization has no subscription.';
  if (!stripe.known) {
    return `What Stripe shows is unknown, because it could not be read just now: ${withoutFullStop(stripe.reason)}.`;
  }
  if (stripe.subscriptionStatus === 'gone') {
    return `Stripe has no subscription ${link.subscription} (read just now).`;
  }
  if (stripe.quantity === null) {
    return `Stripe's subscription ${link.subscription} is ${stripe.subscriptionStatus} and has no item ${link.item} any more (read just now).`;
  }
  return `Stripe bills quantity ${stripe.quantity} on ${link.subscription}, which is ${stripe.subscriptionStatus} (item ${link.item}, read just now).`;
}

function agreementSentences(facts: Facts, agreement: Agreement): string[] {
  const { state, stripe } = facts;
  const { account } = state;
  const expected = billedQuantity(state);
  switch (agreement) {
    case 'agree':
      if (account.seatCount !== account.settledSeats) {
        return [
          `They agree on the ${plural(account.settledSeats, 'confirmed seat')}; Stripe is still to be asked for ${account.seatCount}.`,
        ];
      }
      return [
        account.terms.includedSeats > 0 || account.terms.minimumQuantity > 0
          ? `They agree: under the terms ${plural(account.settledSeats, 'seat')} are billed as quantity ${expected}.`
          : 'They agree.',
      ];
    case 'differ':
      return [`They differ: ${plural(account.settledSeats, 'confirmed seat')} would be quantity ${expected}.`];
    case 'open': {
      const { push } = account;
      if (push === null || !stripe.known) return [];
      if (stripe.quantity === push.target.quantity) {
        return [`That is what the open change asked for (${push.target.quantity}), so Stripe has it.`];
      }
      if (stripe.quantity === push.from.quantity) {
        return [
          `That is the quantity from before the open change, which asks for ${push.target.quantity}. It may not have run, or may yet.`,
        ];
      }
      return [
        `That is neither the quantity from before the open change (${push.from.quantity}) nor what it asks for (${push.target.quantity}).`,
      ];
    }
    case 'unknown':
      return [`If nobody changed it, Stripe bills quantity ${expected}.`];
    case 'unbilled':
      return [];
  }
}

function capacitySentences({ state }: Facts): string[] {
  const over = seatsOver(state.account, state.waiting);
  if (over === 0) return [];
  return [
    `${plural(over, 'seat')} more than confirmed ${over === 1 ? 'is' : 'are'} in use. Nobody is thrown out, but nothing can be assigned until that is over.`,
  ];
}

/** Only an end that somebody may be asking about: what was applied shows in the counts. */
function lastChangeSentences({ lastChange }: Facts): string[] {
  if (lastChange?.status !== 'rolled_back' || lastChange.endedAt === null) return [];
  const why = lastChange.message === null ? '' : ` ${withoutFullStop(lastChange.message)}.`;
  return [
    `The last change (${lastChange.kind} ${lastChange.quantity}, by ${lastChange.actor}) was rolled back at ${moment(Date.parse(lastChange.endedAt))} (${lastChange.code ?? 'no code'}).${why} Nothing of it is left in the counts.`,
  ];
}

function withoutFullStop(text: string): string {
  return text.replace(/\.$/, '');
}
