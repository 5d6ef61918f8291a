import type { ChangeBody } from 'seatbelt/http';
import { formatNumber, type Locale, seats } from './format.ts';
import { withFullStop } from './full-stop.ts';

/** What a change did or was to do, for history and titles. Only what is applied is said as done. */
export function changeTitle(change: ChangeBody, locale: Locale): string {
  return change.status === 'applied' ? doneTitle(change, locale) : askedTitle(change, locale);
}

function askedTitle({ kind, quantity, seatsBefore, seatsAfter }: ChangeBody, locale: Locale): string {
  const bought = seatsAfter - seatsBefore;
  switch (kind) {
    case 'set':
      return `Seats from ${formatNumber(seatsBefore, locale)} to ${formatNumber(seatsAfter, locale)}`;
    case 'add':
      if (bought <= 0) return `Take ${seats(quantity, locale)}`;
      return `Take ${seats(quantity, locale)} and buy ${formatNumber(bought, locale)} of them`;
    case 'assign':
      return `Assign ${seats(quantity, locale)}`;
    case 'remove':
      if (bought >= 0) return `Free ${seats(quantity, locale)}`;
      return `Free ${seats(quantity, locale)} and lower the bill by ${formatNumber(-bought, locale)}`;
    case 'transfer':
      return `Pass ${seats(quantity, locale)} from invite to member`;
  }
}

function doneTitle(change: ChangeBody, locale: Locale): string {
  const { kind, quantity, seatsBefore, seatsAfter } = change;
  const bought = seatsAfter - seatsBefore;
  switch (kind) {
    case 'set':
      return `Seats set from ${formatNumber(seatsBefore, locale)} to ${formatNumber(seatsAfter, locale)}`;
    case 'add':
      if (bought <= 0) return `${seats(quantity, locale)} taken`;
      return `${seats(quantity, locale)} taken, ${formatNumber(bought, locale)} of them bought`;
    case 'assign':
      return `${seats(quantity, locale)} assigned`;
    case 'remove':
      if (bought >= 0) return `${seats(quantity, locale)} freed`;
      return `${seats(quantity, locale)} freed, bill lowered by ${formatNumber(-bought, locale)}`;
    case 'transfer':
      return `${seats(quantity, locale)} passed from invite to member`;
  }
}

/** What an ended change did to the money. */
export function moneySentence(change: ChangeBody, locale: Locale): string {
  if (change.status === 'rolled_back') return rolledBackMoney(change, locale);
  if (change.supersededBy !== null) return 'A later request replaced this one. Only that one is billed.';
  if (change.seatsAfter === change.seatsBefore) return 'The bill stays the same.';
  return `Stripe has confirmed it and bills for ${seats(change.seatsAfter, locale)}.`;
}

function rolledBackMoney(change: ChangeBody, locale: Locale): string {
  switch (change.code) {
    // Here nobody heard a clear no, so the sentence must not promise more than what was read.
    case 'expired':
    case 'refused_by_stripe':
      return 'Stripe shows the old quantity. Should a late charge appear after all, it is found and reversed.';
    case 'payment_not_made':
      return 'No payment was made, so nothing was charged.';
    case 'subscription_ended':
      return 'Nothing was charged for it, because the subscription has ended.';
    case 'resolved':
      return 'An operator settled it by hand. The audit entries below say how.';
    default:
      return change.seatsAfter > change.seatsBefore
        ? 'Nothing was charged.'
        : `Nothing was charged; the bill stays at ${seats(change.seatsBefore, locale)}.`;
  }
}

/** The reason in Stripe's or the engine's own words, without a second full stop. */
export function rolledBackReason(change: ChangeBody): string {
  return withFullStop(change.message?.trim() || 'Stripe refused the change.');
}

/** Who did it. Actors are opaque ids of the host; only the system's own name is put into words. */
export function actorName(actor: string): string {
  return actor === 'system' || actor === 'seatbelt' ? 'Seatbelt' : actor;
}
