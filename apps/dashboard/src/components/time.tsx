'use client';

import { useSyncExternalStore } from 'react';
import { dayOf } from '#lib/day.ts';
import { useLocale } from './locale.tsx';

const styles = {
  minute: { dateStyle: 'medium', timeStyle: 'short' },
  second: { dateStyle: 'medium', timeStyle: 'medium' },
  time: { timeStyle: 'medium' },
  date: { dateStyle: 'medium' },
  /** The day alone, as it is said in a sentence. */
  day: null,
} as const;

const never = () => () => {};

/** A moment in the viewer's time zone. The server does not know it, so it renders the day in UTC until hydration. */
export function Time({ at, style = 'minute' }: { at: string; style?: keyof typeof styles }) {
  const locale = useLocale();
  const hydrated = useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
  const shape = styles[style];
  const inZone = () => (shape === null ? dayOf(at, locale) : new Date(at).toLocaleString(locale, shape));
  const text = hydrated ? inZone() : at.slice(0, 10);
  return (
    <time dateTime={at} className="tabular-nums">
      {text}
    </time>
  );
}
