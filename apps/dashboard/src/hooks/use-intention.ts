'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ChangeBody } from 'seatbelt/http';
import type { Intention } from '#lib/intention.ts';
import type { Asked } from '#lib/own-change.ts';
import { type Ending, send } from '#lib/send.ts';

/**
 * The one thing this screen is asking for. While it is under way no second one is started; after an end that is not
 * known, `again` sends the very same intention with the very same key.
 */
export function useIntention(organization: string) {
  const queryClient = useQueryClient();
  const [state, setState] = useState<Asked | null>(null);

  /** @param before the changes that are known as it is first sent; null: none were read yet */
  async function start(
    intention: Intention,
    before: readonly ChangeBody[] | null,
    earlier: Ending | null = null,
  ): Promise<Ending> {
    const asked: Asked = { intention, ending: null, lost: 0, earlier, before };
    setState(asked);
    // The counts lead as soon as the intent is written, which is long before Stripe has answered.
    void queryClient.invalidateQueries({ queryKey: ['seats', organization] });
    const ending = await send(organization, intention, (lost) => setState({ ...asked, lost }));
    setState({ ...asked, ending });
    await Promise.all(
      [
        ['seats', organization],
        ['stripe', organization],
        ['changes', organization],
      ].map((queryKey) => queryClient.invalidateQueries({ queryKey })),
    );
    return ending;
  }

  return {
    state,
    /** It is under way. */
    busy: state !== null && state.ending === null,
    start: (intention: Intention, before: readonly ChangeBody[] | null) => start(intention, before),
    again: () => (state === null ? Promise.resolve(null) : start(state.intention, state.before, state.ending)),
    /** The form says something else now: what was turned down is not about that. What nobody knows stays. */
    edited: (method: Intention['method']) =>
      setState((now) => (now?.intention.method === method && turnedDown.includes(now.ending?.is) ? null : now)),
    dismiss: () => setState(null),
  };
}

export type UseIntention = ReturnType<typeof useIntention>;

const turnedDown: readonly unknown[] = ['refused', 'not_written'] satisfies Ending['is'][];
