'use client';

import { useSyncExternalStore } from 'react';
import { useLocale } from './locale.tsx';

const never = () => () => {};

/** A moment in the viewer's time zone. The server does not know it, so it renders the day in UTC until hydration. */
export function Time({ at, precise = false }: { at: string; precise?: boolean }) {
  const locale = useLocale();
  const hydrated = useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
  const date = new Date(at);
  const text = hydrated
    ? date.toLocaleString(locale, { dateStyle: 'medium', timeStyle: precise ? 'medium' : 'short' })
    : at.slice(0, 10);
  return (
    <time dateTime={at} className="tabular-nums">
      {text}
    </time>
  );
}
