import { stripeDigits } from '@seatbelt/widget/client';
import type { PreviewBody, PreviewLine } from 'seatbelt/http';
import type { Locale } from './format.ts';

/** An amount in the currency's smallest unit as Stripe counts it, in the viewer's way of writing it. */
export function formatMoney(amount: number, currency: string, locale: Locale): string {
  const digits = stripeDigits(currency);
  const plain = new Intl.NumberFormat(locale, { style: 'currency', currency });
  if (plain.resolvedOptions().maximumFractionDigits === digits) return plain.format(amount / 10 ** digits);
  // Stripe counts some currencies in hundredths that are written without any: these are shown only where there are some.
  const written = amount % 10 ** digits === 0 ? 0 : digits;
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    minimumFractionDigits: written,
    maximumFractionDigits: written,
  }).format(amount / 10 ** digits);
}

/** What a preview says: until the next renewal, and from then on. */
export interface Cost {
  /** For the rest of this period, credits taken off. */
  readonly now: number;
  /** The whole bill at the next renewal; null where Stripe's preview does not show it. */
  readonly renewal: number | null;
  readonly currency: string;
}

/** What the change costs for the rest of this period, and the period that comes. What waits for the bill in any case is no part of it. */
export function costOf({ lines, currency }: Pick<PreviewBody, 'lines' | 'currency'>): Cost {
  const sum = (of: PreviewLine['part']) =>
    lines.filter(({ part }) => part === of).reduce((total, line) => total + line.amount, 0);
  return {
    now: sum('change'),
    renewal: lines.some(({ part }) => part === 'renewal') ? sum('renewal') : null,
    currency,
  };
}
