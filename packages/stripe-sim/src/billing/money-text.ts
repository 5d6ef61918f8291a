import type { PriceRow } from '../state/rows.ts';

/** Currencies without a smaller unit. */
const withoutCents = new Set([
  'bif',
  'clp',
  'djf',
  'gnf',
  'jpy',
  'kmf',
  'krw',
  'mga',
  'pyg',
  'rwf',
  'ugx',
  'vnd',
  'vuv',
  'xaf',
  'xof',
  'xpf',
]);

/** `$10.00` for a decimal number of cents given as text; cents' fractions are shown as they are. */
export function moneyText(cents: string, currency: string): string {
  const [whole = '0', fraction = ''] = cents.split('.');
  const digits = withoutCents.has(currency) ? 0 : 2;
  const padded = whole.padStart(digits + 1, '0');
  const major = padded.slice(0, padded.length - digits);
  const minor = padded.slice(padded.length - digits) + fraction;
  const symbol = { usd: '$', eur: '€', gbp: '£', jpy: '¥' }[currency] ?? `${currency.toUpperCase()} `;
  return `${symbol}${major.replace(/\B(?=(\d{3})+$)/g, ',')}${minor === '' ? '' : `.${minor}`}`;
}

/** `/ month`, or `every 3 months`. */
export function intervalText(price: PriceRow): string {
  const recurring = price.recurring;
  if (recurring === null) return '';
  const { interval, interval_count: count } = recurring;
  return count === 1 ? `/ ${interval}` : `every ${count} ${interval}s`;
}
