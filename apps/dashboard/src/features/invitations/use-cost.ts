'use client';

import { useQuery } from '@tanstack/react-query';
import { useSettled } from '#hooks/use-settled.ts';
import { readPreview } from '#lib/app-api.ts';
import { type Cost, costOf } from '#lib/money.ts';

/** A person who types pauses about this long between two numbers they mean. */
const typingMs = 350;
/** The price of a second moves by fractions of a cent in this time. */
const freshMs = 60_000;

/** What it costs to have that many seats; null: nothing is to be bought, so nothing is asked. */
export function useCost(
  organization: string,
  seats: number | null,
): { readonly cost: Cost | null; readonly failed: Error | null } {
  const asked = useSettled(seats, typingMs);
  const { data, error } = useQuery({
    queryKey: ['preview', organization, asked],
    queryFn: () => readPreview(organization, asked ?? 0),
    enabled: asked !== null,
    staleTime: freshMs,
    retry: false,
  });
  // Until the typing stands still, the price on hand is one for another number.
  const known = seats !== null && seats === asked && data ? costOf(data) : null;
  return { cost: known, failed: seats === null ? null : error };
}
