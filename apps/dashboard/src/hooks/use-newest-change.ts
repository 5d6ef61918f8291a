'use client';

import { useQuery } from '@tanstack/react-query';
import { readChanges } from '#lib/api.ts';
import { openMs, quietMs, unreachableMs } from './use-seats.ts';

/** The newest change of the organization, whatever the history is filtered by. */
export function useNewestChange(organization: string, options: { busy: boolean }) {
  return useQuery({
    queryKey: ['changes', organization],
    queryFn: ({ signal }) => readChanges(organization, { limit: 1 }, signal),
    refetchInterval: ({ state }) => {
      if (state.status === 'error') return unreachableMs;
      return options.busy ? openMs : quietMs;
    },
  });
}
