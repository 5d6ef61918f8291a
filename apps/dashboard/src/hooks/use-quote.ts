'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { PreviewBody, SeatsBody } from 'seatbelt/http';
import { Problem } from '#lib/api.ts';
import { readPreview } from '#lib/app-api.ts';
import { useSettled } from './use-settled.ts';

/** A person who types pauses about this long between two numbers they mean. */
const typingMs = 350;
/** A quote is good for fifteen minutes; one of this age is still shown with room to read it and confirm. */
const freshMs = 5 * 60_000;

/** The price of what is being chosen. */
export type Quote =
  | { readonly is: 'none' }
  | { readonly is: 'asking' }
  | { readonly is: 'quoted'; readonly quote: PreviewBody }
  /** Stripe would refuse it, and says why. */
  | { readonly is: 'refused'; readonly problem: Problem }
  /** Nobody can say now what it costs. It can be confirmed all the same, and is said to be without a price. */
  | { readonly is: 'unknown' };

/** What that number of seats costs now, bound to the counts on screen. null: nothing is being chosen. */
export function useQuote(
  organization: string,
  seats: number | null,
  counts: Pick<SeatsBody, 'purchasedSeats' | 'settledSeats'>,
): { readonly price: Quote; readonly replace: (quote: PreviewBody | undefined) => void } {
  const client = useQueryClient();
  const asked = useSettled(seats, typingMs);
  const keyOf = (of: number | null) => ['quote', organization, of, counts.purchasedSeats, counts.settledSeats] as const;
  const { data, error } = useQuery({
    queryKey: keyOf(asked),
    queryFn: () => readPreview(organization, asked ?? 0),
    enabled: asked !== null && seats !== null,
    staleTime: freshMs,
    gcTime: freshMs,
    refetchInterval: freshMs,
    retry: false,
  });

  /** The server said that the price had moved, and mostly what it is now; otherwise it is asked for again. */
  const replace = (quote: PreviewBody | undefined) => {
    if (quote === undefined) void client.invalidateQueries({ queryKey: keyOf(seats) });
    else client.setQueryData(keyOf(seats), quote);
  };

  // Until the typing stands still, the price on hand is one for another number.
  if (seats === null) return { price: { is: 'none' }, replace };
  if (seats !== asked) return { price: { is: 'asking' }, replace };
  if (data) return { price: { is: 'quoted', quote: data }, replace };
  if (error instanceof Problem && error.body.status < 500) {
    return { price: { is: 'refused', problem: error }, replace };
  }
  return { price: error ? { is: 'unknown' } : { is: 'asking' }, replace };
}
