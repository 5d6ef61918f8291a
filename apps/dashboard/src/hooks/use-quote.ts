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
/** Somebody waits for the price, and whoever cannot say it just now is not to be pressed. */
const unknownMs = 5_000;

/** What came of asking for a price. */
type Answer =
  | { readonly is: 'quoted'; readonly quote: PreviewBody }
  /** Stripe would refuse it, and says why. */
  | { readonly is: 'refused'; readonly problem: Problem }
  /** Nobody can say now what it costs. It can be confirmed all the same, and is said to be without a price. */
  | { readonly is: 'unknown'; readonly error: Error };

/** The price of what is being chosen. */
export type Quote = { readonly is: 'none' } | { readonly is: 'asking' } | Answer;

/** What that number of seats costs now, bound to the counts on screen. null: nothing is being chosen. */
export function useQuote(
  organization: string,
  seats: number | null,
  counts: Pick<SeatsBody, 'purchasedSeats' | 'settledSeats'>,
): { readonly price: Quote; readonly replace: (quote: PreviewBody | undefined) => void } {
  const client = useQueryClient();
  const asked = useSettled(seats, typingMs);
  const keyOf = (of: number | null) => ['quote', organization, of, counts.purchasedSeats, counts.settledSeats] as const;
  const { data } = useQuery({
    queryKey: keyOf(asked),
    // What is not known is an answer here, so that it goes on being said while it is asked for again.
    queryFn: async ({ queryKey }): Promise<Answer> => {
      const answer = await ask(organization, asked ?? 0);
      const before = client.getQueryData<Answer>(queryKey);
      return answer.is === 'unknown' && before?.is === 'quoted' ? before : answer;
    },
    enabled: asked !== null && seats !== null,
    staleTime: ({ state }) => waitOf(state.data),
    gcTime: freshMs,
    refetchInterval: ({ state }) => waitOf(state.data),
    retry: false,
  });

  /** The server said that the price had moved, and mostly what it is now; otherwise it is asked for again. */
  const replace = (quote: PreviewBody | undefined) => {
    if (quote === undefined) {
      void client.invalidateQueries({ queryKey: keyOf(seats) });
      return;
    }
    const answer: Answer = { is: 'quoted', quote };
    client.setQueryData<Answer>(keyOf(seats), answer);
  };

  if (seats === null) return { price: { is: 'none' }, replace };
  // Until the typing stands still, the price on hand is one for another number.
  return { price: seats === asked && data ? data : { is: 'asking' }, replace };
}

async function ask(organization: string, seats: number): Promise<Answer> {
  try {
    return { is: 'quoted', quote: await readPreview(organization, seats) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error instanceof Problem && error.body.status < 500) return { is: 'refused', problem: error };
    return { is: 'unknown', error };
  }
}

function waitOf(answer: Answer | undefined): number {
  return answer?.is === 'unknown' ? unknownMs : freshMs;
}
