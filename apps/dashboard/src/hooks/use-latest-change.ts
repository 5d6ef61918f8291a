'use client';

import { useState } from 'react';
import type { ChangeBody, ChangeDetailBody, SeatsBody } from 'seatbelt/http';
import type { Ending } from '#lib/send.ts';
import { useChange } from './use-seats.ts';

/** The change that is open, or was open last, whoever asked for it; followed until it has ended. */
export function useLatestChange(
  organization: string,
  known: {
    readonly seats: SeatsBody | undefined;
    /** What became of the request of this screen. */
    readonly ending: Ending | null | undefined;
    readonly newestInHistory: ChangeBody | undefined;
    /** Whether what moves is told by events at the moment. */
    readonly live: boolean;
  },
): { readonly change: ChangeBody | null; readonly detail: ChangeDetailBody | null } {
  const [followed, setFollowed] = useState<ChangeBody | null>(null);
  const [seenEnding, setSeenEnding] = useState(known.ending);
  const newestOpen = known.seats?.pending?.changes.at(-1);
  const answered = known.ending?.is === 'answered' ? known.ending.body.change : undefined;
  const candidate = newestOpen ?? known.newestInHistory;

  if (known.ending !== seenEnding) {
    setSeenEnding(known.ending);
    if (answered) setFollowed(answered);
  } else if (candidate && candidate.id !== followed?.id && isNewer(candidate, followed)) {
    setFollowed(candidate);
  }

  const detail = useChange(organization, followed?.id ?? null, { live: known.live });
  // Until the details are read, what was said along with the answer or the counts is the newest that is known.
  const change = followed?.endedAt ? followed : (detail.data?.change ?? followed);
  return { change, detail: detail.data?.change.id === followed?.id ? (detail.data ?? null) : null };
}

/** The history is read less often than the counts, so it may still be behind what is followed already. */
function isNewer(change: ChangeBody, than: ChangeBody | null): boolean {
  return than === null || Date.parse(change.requestedAt) > Date.parse(than.requestedAt);
}
