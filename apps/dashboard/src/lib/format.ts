/**
 * Numbers and words for people. The screens are written in English; digits follow the viewer's locale.
 * Dates are formatted in the browser only (see `components/time.tsx`), because the server does not know the time zone.
 */

export type Locale = string;

const plural = new Intl.PluralRules('en');

export function formatNumber(value: number, locale: Locale): string {
  return new Intl.NumberFormat(locale).format(value);
}

/** `3 seats`, `1 seat`, `1,000 seats`. */
export function seats(count: number, locale: Locale): string {
  return `${formatNumber(count, locale)} ${seatWord(count)}`;
}

export function seatWord(count: number): string {
  return plural.select(count) === 'one' ? 'seat' : 'seats';
}

/** `is` for one, `are` for any other count. */
export function isOrAre(count: number): string {
  return plural.select(count) === 'one' ? 'is' : 'are';
}

/** `2 more seats than now`, `1 seat fewer than now`. */
export function difference(from: number, to: number, locale: Locale): string {
  const count = Math.abs(to - from);
  return `${formatNumber(count, locale)} ${to > from ? `more ${seatWord(count)}` : `${seatWord(count)} fewer`}`;
}

/** The first language the browser asks for that `Intl` knows; English where there is none. */
export function localeFrom(acceptLanguage: string | null): Locale {
  for (const part of (acceptLanguage ?? '').split(',')) {
    const tag = part.split(';')[0]?.trim();
    if (tag && isKnownLocale(tag)) return tag;
  }
  return 'en';
}

function isKnownLocale(tag: string): boolean {
  try {
    return Intl.NumberFormat.supportedLocalesOf(tag).length > 0;
  } catch (error) {
    // `*` and malformed tags are what a header may hold; anything else is a bug.
    if (error instanceof RangeError) return false;
    throw error;
  }
}
