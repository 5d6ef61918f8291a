import type { PreviewBody, PreviewLine } from 'seatbelt/http';
import { dayOf } from './day.ts';
import { seats as countSeats, formatNumber, type Locale, seatWord } from './format.ts';
import { formatMoney } from './money.ts';

/** How often the subscription renews. */
export interface Interval {
  readonly unit: 'day' | 'week' | 'month' | 'year';
  readonly count: number;
}

export interface Priced {
  readonly quote: Pick<
    PreviewBody,
    'currency' | 'dueNow' | 'atRenewal' | 'credit' | 'charge' | 'tax' | 'discount' | 'lines'
  >;
  readonly from: number;
  readonly to: number;
  /** Whether fewer seats take effect at the end of the paid period. */
  readonly decreasesLater: boolean;
  /** null: not known, so nothing is said about months. */
  readonly interval: Interval | null;
}

export interface PriceWords {
  /** What it costs, as a person would say it. */
  readonly lead: string;
  /** How that comes about: what is still to be paid, and what comes back. Empty where there is nothing to tell apart. */
  readonly apart: readonly string[];
}

/** What a choice of seats costs now and at renewal. Credits are told apart from charges; nothing is computed that Stripe did not say. */
export function priceWords(priced: Priced, locale: Locale): PriceWords {
  const { quote, from, to } = priced;
  const money = (amount: number) => formatMoney(amount, quote.currency, locale);
  const count = Math.abs(to - from);
  const grows = to > from;
  const what = `${formatNumber(count, locale)} ${grows ? `more ${seatWord(count)}` : `${seatWord(count)} fewer`}`;
  const day = quote.atRenewal.at === null ? null : dayOf(quote.atRenewal.at, locale);
  const proration = sumOf(quote, 'change');
  const regular = `${money(regularOf(quote))}${beforeTax(quote)} ${each(priced.interval, locale)}`;
  const fromDay = day === null ? 'from the next renewal on' : `from ${day}`;
  const bill = day === null ? 'the next bill' : `the bill of ${day}`;

  if (!grows && priced.decreasesLater) {
    return {
      lead: `${what} ${fromDay}: until then seats and bill stay as they are, afterwards it is ${regular}.`,
      apart: [],
    };
  }
  if (quote.atRenewal.at === null && quote.atRenewal.total === 0) {
    const paid = proration < 0 ? `${money(-proration)} of credit, and nothing is paid out` : 'nothing today';
    const now = quote.dueNow > 0 ? `${money(quote.dueNow)} today` : paid;
    const lead = `${what}: ${now}. The subscription ends with this period, so it does not renew.`;
    return { lead, apart: apartOf(priced, locale) };
  }
  if (quote.dueNow > 0) {
    return { lead: `${what}: ${money(quote.dueNow)} today, ${regular} ${fromDay}.`, apart: apartOf(priced, locale) };
  }
  if (proration === 0)
    return { lead: `${what}: nothing today, ${regular} ${fromDay}.`, apart: apartOf(priced, locale) };
  const then = `It is ${money(quote.atRenewal.amountDue)} in all`;
  const lead =
    proration > 0
      ? `${what}: nothing today, ${money(proration)} more on ${bill}. ${then}; afterwards ${regular}.`
      : `${what}: ${money(-proration)} comes off ${bill}; nothing is paid out. ${then}; afterwards ${regular}.`;
  return { lead, apart: apartOf(priced, locale) };
}

/** Stripe gives back what is left of the old number and charges the new one for the same time: both are told. */
function apartOf({ quote, from, to }: Priced, locale: Locale): string[] {
  const money = (amount: number) => formatMoney(amount, quote.currency, locale);
  const told = [];
  if (quote.charge > 0 && quote.credit < 0) {
    told.push(
      `For the rest of this period: ${money(quote.charge)} for ${countSeats(to, locale)}, less ${money(-quote.credit)} that was paid for ${formatNumber(from, locale)}.`,
    );
  }
  const earlier = sumOf(quote, 'earlier');
  if (earlier !== 0) {
    const part = earlier > 0 ? `${money(earlier)} of that bill is` : `${money(-earlier)} comes off that bill`;
    told.push(`${part} for what came before this change.`);
  }
  if (quote.discount > 0) told.push(`A discount of ${money(quote.discount)} is taken off.`);
  if (quote.tax > 0) told.push(`${money(quote.tax)} of it is tax.`);
  return told;
}

/** What the next period costs by itself. Before taxes and discounts, which Stripe says of whole invoices only. */
function regularOf(quote: Priced['quote']): number {
  // Today's invoice has no line of the next period; then the renewal was asked for by itself.
  return quote.lines.some(({ part }) => part === 'renewal') ? sumOf(quote, 'renewal') : quote.atRenewal.total;
}

function beforeTax({ lines, tax, discount }: Priced['quote']): string {
  return (tax !== 0 || discount !== 0) && lines.some(({ part }) => part === 'renewal')
    ? ' before tax and discounts'
    : '';
}

function sumOf({ lines }: Priced['quote'], part: PreviewLine['part']): number {
  return lines.reduce((total, line) => (line.part === part ? total + line.amount : total), 0);
}

/** `a month`, `every 3 months`, `at each renewal`. */
export function each(interval: Interval | null, locale: Locale): string {
  if (interval === null) return 'at each renewal';
  return interval.count === 1
    ? `a ${interval.unit}`
    : `every ${formatNumber(interval.count, locale)} ${interval.unit}s`;
}
