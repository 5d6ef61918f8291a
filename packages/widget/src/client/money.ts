/**
 * Money for people. Stripe's amounts are in the smallest unit of the currency as Stripe counts it, which for a few currencies
 * is not what ISO 4217 says.
 */

/** https://docs.stripe.com/currencies#zero-decimal */
const withoutDecimals = new Set('bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf'.split(' '));
/** https://docs.stripe.com/currencies#three-decimal */
const withThreeDecimals = new Set('bhd jod kwd omr tnd'.split(' '));

/** `$24.51`, `24,51 €`, as the viewer's locale writes it. @param amount in Stripe's smallest unit. */
export function formatMoney(amount: number, currency: string, locale?: string): string {
  const digits = stripeDigits(currency);
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: currency.toUpperCase(),
    minimumFractionDigits: amount % 10 ** digits === 0 ? 0 : digits,
    maximumFractionDigits: digits,
  }).format(amount / 10 ** digits);
}

/** How many decimals Stripe counts a currency in; not always as many as people write. */
export function stripeDigits(currency: string): number {
  const code = currency.toLowerCase();
  if (withoutDecimals.has(code)) return 0;
  return withThreeDecimals.has(code) ? 3 : 2;
}
