/** `December 1`, in the viewer's time zone and words; null stays null. @param at ISO 8601. */
export function dayOf(at: string | null, locale: string | undefined): string | null {
  return at === null ? null : new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long' }).format(new Date(at));
}
