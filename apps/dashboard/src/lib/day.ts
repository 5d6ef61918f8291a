import type { Locale } from './format.ts';

/** `1 December`, in the viewer's way and time zone; with the year where it is not this one. */
export function dayOf(at: string, locale: Locale, now: Date = new Date()): string {
  const date = new Date(at);
  return date.toLocaleDateString(locale, {
    day: 'numeric',
    month: 'long',
    ...(date.getFullYear() === now.getFullYear() ? {} : { year: 'numeric' }),
  });
}
