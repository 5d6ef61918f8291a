'use client';

import { XIcon } from 'lucide-react';
import { useLocale } from '#components/locale.tsx';
import { type HistoryFilters, kinds, noFilters, statuses } from '#features/history/filters.ts';
import type { Locale } from '#lib/format.ts';
import { quoted } from '#lib/quoted.ts';

/** What the history is filtered by, each with the way to take it away. */
export function HistoryChips({
  filters,
  onFilters,
}: {
  filters: HistoryFilters;
  onFilters: (filters: HistoryFilters) => void;
}) {
  const locale = useLocale();
  const chips = chipsOf(filters, locale);
  if (chips.length === 0) return null;
  return (
    <ul aria-label="Filters" className="mt-3 flex flex-wrap gap-2 px-5 sm:px-6">
      {chips.map(({ name, word }) => (
        <li key={name} className="min-w-0 max-w-full">
          <button
            type="button"
            onClick={() => onFilters({ ...filters, [name]: noFilters[name] })}
            className="flex max-w-full cursor-pointer items-center gap-1.5 rounded-full bg-primary-soft py-1 pr-2 pl-3 font-medium text-primary text-sm hover:bg-muted"
          >
            <span className="sr-only">Take away the filter </span>
            <span className="truncate">{word}</span>
            <XIcon aria-hidden className="size-3.5 shrink-0" />
          </button>
        </li>
      ))}
      {chips.length > 1 ? (
        <li>
          <button
            type="button"
            onClick={() => onFilters(noFilters)}
            className="cursor-pointer rounded-full px-2 py-1 text-muted-foreground text-sm underline-offset-4 hover:underline"
          >
            Take all away
          </button>
        </li>
      ) : null}
    </ul>
  );
}

interface Chip {
  readonly name: keyof HistoryFilters;
  readonly word: string;
}

function chipsOf(filters: HistoryFilters, locale: Locale): Chip[] {
  const words: Record<keyof HistoryFilters, string> = {
    status: statuses.find(([status]) => status === filters.status)?.[1] ?? filters.status,
    kind: kinds.find(([kind]) => kind === filters.kind)?.[1] ?? filters.kind,
    from: `From ${dayName(filters.from, locale)}`,
    to: `To ${dayName(filters.to, locale)}`,
    search: quoted(filters.search.trim()),
  };
  return (['search', 'status', 'kind', 'from', 'to'] as const).flatMap((name) =>
    filters[name].trim() === '' ? [] : [{ name, word: words[name] }],
  );
}

/** A day is a day and no moment, so no time zone may move it. */
function dayName(day: string, locale: Locale): string {
  return day === '' ? '' : new Date(day).toLocaleDateString(locale, { dateStyle: 'medium', timeZone: 'UTC' });
}
