'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { SeatsBody } from 'seatbelt/http';
import { readChange, readSeats, readStripeSide } from '#lib/api.ts';
import { keepNewer } from '#lib/newer-reading.ts';

/** While something is open the screen asks every second, otherwise often enough to notice other people. */
export const openMs = 1_000;
export const quietMs = 15_000;
/** Beside events: what no event tells, such as a pause of the whole installation, is noticed in this time. */
export const liveMs = 60_000;
/** A server that does not answer is asked less often than one that does, and noticed soon after it is back. */
export const unreachableMs = 3_000;

/** Counts and when they were read, in milliseconds since 1970. */
export interface SeatsReading {
  readonly seats: SeatsBody;
  readonly readAt: number;
}

export const seatsKey = (organization: string) => ['seats', organization] as const;

/** The counts of an organization. After a failed reading the last counts stay, and `isError` says that they are old. */
export function useSeats(
  organization: string,
  options: {
    initial?: SeatsReading | undefined;
    busy?: boolean;
    /** Whether what moves is told by events at the moment; then nothing has to be asked for. */
    live?: boolean;
  } = {},
) {
  return useQuery({
    queryKey: seatsKey(organization),
    queryFn: ({ signal }) => readSeats(organization, signal),
    structuralSharing: keepNewer,
    refetchInterval: ({ state }) => {
      if (state.status === 'error') return unreachableMs;
      if (options.live) return liveMs;
      return options.busy || state.data?.pending ? openMs : quietMs;
    },
    ...(options.initial === undefined
      ? {}
      : { initialData: options.initial.seats, initialDataUpdatedAt: options.initial.readAt }),
  });
}

/**
 * Stripe's own number, read by the server now. It is read anew whenever the settled seats or the standing of the account
 * move, so that it is never compared with a count of another moment.
 */
export function useStripeSide(
  organization: string,
  options: { busy: boolean; seats: Pick<SeatsBody, 'settledSeats' | 'status'> | undefined },
) {
  return useQuery({
    queryKey: ['stripe', organization, options.seats?.settledSeats, options.seats?.status],
    queryFn: ({ signal }) => readStripeSide(organization, signal),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => {
      if (state.status === 'error' || state.data?.known === false) return unreachableMs;
      return options.busy || state.data?.open ? 2 * openMs : quietMs;
    },
  });
}

/** One change with its push and audit entries, followed until it has ended. */
export function useChange(organization: string, id: string | null, options: { live?: boolean } = {}) {
  return useQuery({
    queryKey: ['change', organization, id],
    queryFn: ({ signal }) => readChange(organization, id ?? '', signal),
    enabled: id !== null,
    refetchInterval: ({ state }) => {
      if (state.status === 'error') return unreachableMs;
      if (state.data?.change.endedAt) return false;
      return options.live ? quietMs : openMs;
    },
  });
}
