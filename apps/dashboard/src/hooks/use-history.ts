'use client';

import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { ChainBody, HistoryBody } from '#features/history/contract.ts';
import { type HistoryFilters, queryOf } from '#features/history/filters.ts';
import { readJson } from '#lib/app-api.ts';
import { openMs, quietMs, unreachableMs } from './use-seats.ts';

/** The history, newest first, a page at a time. */
export function useHistory(organization: string, filters: HistoryFilters, options: { busy: boolean }) {
  const query = queryOf(filters);
  return useInfiniteQuery({
    queryKey: ['history', organization, query.toString()],
    queryFn: ({ pageParam, signal }) => {
      const page = new URLSearchParams(query);
      if (pageParam !== null) page.set('before', String(pageParam));
      return readJson<HistoryBody>(organization, `/api/billing/history?${page}`, signal);
    },
    initialPageParam: null as number | null,
    getNextPageParam: ({ before }) => before,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => {
      if (state.status === 'error') return unreachableMs;
      // Pages that were scrolled to long ago are not asked for again and again.
      if ((state.data?.pages.length ?? 0) > 4) return false;
      return options.busy ? openMs : quietMs;
    },
  });
}

/** Whether the audit trail is whole. Asked when the page is opened and when somebody wants to know again. */
export function useChain(organization: string) {
  return useQuery({
    queryKey: ['chain', organization],
    queryFn: ({ signal }) => readJson<ChainBody>(organization, '/api/billing/history/chain', signal),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
}
