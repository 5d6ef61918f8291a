'use client';

import { useEffect, useState } from 'react';
import { useSettled } from '#hooks/use-settled.ts';
import { addressOf, filtersOf, type HistoryFilters, noFilters } from './filters.ts';

/** A person who types pauses about this long. */
const typingMs = 300;

/**
 * The filters of the history, kept in the address of the page: a reload and a link show the same. They replace the entry in
 * the browser's history, so that "back" leaves the page and does not take a search back letter by letter.
 *
 * @returns what is chosen, and what is asked for: the same a moment later
 */
export function useFilters() {
  const [filters, setFilters] = useState(() => filtersOf(new URLSearchParams(window.location.search)));
  const asked = useSettled(filters, typingMs);
  useEffect(() => {
    const url = new URL(window.location.href);
    for (const name of Object.keys(noFilters)) url.searchParams.delete(name);
    for (const [name, value] of addressOf(asked)) url.searchParams.set(name, value);
    if (url.href !== window.location.href) window.history.replaceState(null, '', url);
  }, [asked]);
  return { filters, asked, setFilters: (next: HistoryFilters) => setFilters(next) };
}
