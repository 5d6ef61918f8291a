import { type Locale, seats } from '#lib/format.ts';
import { type Cost, formatMoney } from '#lib/money.ts';

/** `2 seats: $24.51 until the next renewal, then the whole bill is $288.00.` */
export function costSentence(buy: number, { now, renewal, currency }: Cost, locale: Locale): string {
  const begin = `${seats(buy, locale)}: ${formatMoney(now, currency, locale)} until the next renewal`;
  return renewal === null
    ? `${begin}.`
    : `${begin}, and from then on the whole bill is ${formatMoney(renewal, currency, locale)}.`;
}

/** What the button says that buys. */
export function buyingLabel(people: number, buy: number, locale: Locale): string {
  const who = people === 1 ? 'Invite' : `Invite ${new Intl.NumberFormat(locale).format(people)}`;
  if (buy === 0) return who;
  return `Buy ${seats(buy, locale)} and ${who.toLowerCase()}`;
}
