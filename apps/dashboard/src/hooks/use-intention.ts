'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Intention } from '#lib/intention.ts';
import type { Sending } from '#lib/now.ts';
import { type Ending, send } from '#lib/send.ts';

export interface IntentionState {
  readonly intention: Intention;
  /** null while it is under way. */
  readonly ending: Ending | null;
  readonly lost: number;
}

/**
 * The one thing this screen is asking for. While it is under way no second one is started; after an end that is not
 * known, `again` sends the very same intention with the very same key.
 */
export function useIntention(organization: string) {
  const queryClient = useQueryClient();
  const [state, setState] = useState<IntentionState | null>(null);

  async function start(intention: Intention): Promise<Ending> {
    setState({ intention, ending: null, lost: 0 });
    // The counts lead as soon as the intent is written, which is long before Stripe has answered.
    void queryClient.invalidateQueries({ queryKey: ['seats', organization] });
    const ending = await send(organization, intention, (lost) => setState({ intention, ending: null, lost }));
    setState({ intention, ending, lost: 0 });
    await Promise.all(
      [
        ['seats', organization],
        ['stripe', organization],
        ['changes', organization],
      ].map((queryKey) => queryClient.invalidateQueries({ queryKey })),
    );
    return ending;
  }

  const sending: Sending | null =
    state !== null && state.ending === null ? { sentence: state.intention.sentence, lost: state.lost } : null;
  return {
    state,
    sending,
    start,
    again: () => (state === null ? Promise.resolve(null) : start(state.intention)),
    dismiss: () => setState(null),
  };
}

export type UseIntention = ReturnType<typeof useIntention>;
