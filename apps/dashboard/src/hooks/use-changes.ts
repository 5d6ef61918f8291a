'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { readChanges } from '#lib/api.ts';
import { openMs, quietMs, unreachableMs } from './use-seats.ts';

/** The history, newest first, a page at a time. */
export function useChanges(organization: string, options: { busy: boolean }) {
  return useInfiniteQuery({
    queryKey: ['changes', organization],
    queryFn: ({ pageParam, signal }) => readChanges(organization, pageParam, signal),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.before,
    refetchInterval: ({ state }) => {
      if (state.status === 'error') return unreachableMs;
      return options.busy ? openMs : quietMs;
    },
  });
}

export type UseChanges = ReturnType<typeof useChanges>;
