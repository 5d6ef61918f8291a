'use client';

import { useQuery } from '@tanstack/react-query';
import type { SeatsBody } from 'seatbelt/http';
import { useSettled } from '#hooks/use-settled.ts';
import { readPreview } from '#lib/app-api.ts';
import { type Cost, costOf } from '#lib/money.ts';

/** A person who types pauses about this long between two numbers they mean. */
export const typingMs = 350;
/** The price of a second moves by fractions of a cent in this time. */
const freshMs = 60_000;

/**
 * What it costs to have that many seats instead of those on screen; null: nothing is to be bought, so nothing is asked.
 * Somebody else may change the seats meanwhile: as many are then another purchase, with a price of its own.
 */
export function useCost(
  organization: string,
  seats: number | null,
  counts: Pick<SeatsBody, 'purchasedSeats' | 'settledSeats'> | undefined,
): { readonly cost: Cost | null; readonly failed: Error | null } {
  const asked = useSettled(seats, typingMs);
  const { data, error } = useQuery({
    queryKey: ['preview', organization, asked, counts?.purchasedSeats, counts?.settledSeats],
    queryFn: () => readPreview(organization, asked ?? 0),
    enabled: asked !== null,
    staleTime: freshMs,
    gcTime: freshMs,
    refetchInterval: freshMs,
    retry: false,
  });
  if (seats === null) return { cost: null, failed: null };
  // Until the typing stands still, the price is one for another number. One that cannot be asked for again is old.
  const known = seats === asked && !error && data ? costOf(data) : null;
  return { cost: known, failed: error };
}
