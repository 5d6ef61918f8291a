'use client';

import { useLayoutEffect, useRef } from 'react';
import type { ChangeBody } from 'seatbelt/http';
import { Banner } from '#components/ui/banner.tsx';
import { Button } from '#components/ui/button.tsx';
import type { UseIntention } from '#hooks/use-intention.ts';
import type { Intention } from '#lib/intention.ts';
import { type Asked, isWritten } from '#lib/own-change.ts';
import { refusalSentence } from '#lib/refusal-sentences.ts';

/** How far the request is. That it needs this page no more is promised once it is seen to be written. */
export function Progress({ asked, heard }: { asked: Asked | null; heard: readonly ChangeBody[] | null }) {
  if (isWritten(asked, heard)) return 'Under way. It goes on without this page.';
  return asked !== null && asked.lost > 0
    ? 'No answer yet. It is sent again while this page is open.'
    : 'Sent, and not yet known to be written down.';
}

/**
 * What became of a request that made no change, or whose end is not known. Changes that were accepted are told about by
 * the card of the latest change.
 */
export function IntentionEnding({
  intention,
  method,
  heard,
}: {
  intention: UseIntention;
  method: Intention['method'];
  /** The changes that show themselves; null: none were read yet. */
  heard: readonly ChangeBody[] | null;
}) {
  const { state } = intention;
  if (state === null || state.intention.method !== method) return null;
  // What was said stays while it is asked again, and so does the focus.
  const ending = state.ending ?? state.earlier;
  switch (ending?.is) {
    case undefined:
    case 'answered':
      return null;
    case 'refused': {
      const refused = refusalSentence(ending.problem);
      return (
        <Banner alert tone="neutral" title={refused.title} className="mt-4">
          {refused.exact ? <p>{refused.exact}</p> : null}
          <p>
            {refused.money} {refused.next}
          </p>
        </Banner>
      );
    }
    case 'not_written':
      return (
        <Banner alert tone="caution" title="This was not written down." className="mt-4">
          <p>{ending.problem.detail} Nothing was charged.</p>
          <Choices intention={intention} />
        </Banner>
      );
    case 'unknown':
      if (isWritten(state, heard)) return null;
      return (
        <Banner alert tone="caution" title="Nobody knows yet whether this arrived." className="mt-4">
          <p>
            The server did not answer. If the request arrived, the change is carried out; if not, nothing was charged.
            Asking again is safe: it has the same key and cannot count twice.
          </p>
          <Choices intention={intention} />
        </Banner>
      );
  }
}

function Choices({ intention }: { intention: UseIntention }) {
  const choices = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = choices.current;
    return () => {
      // It goes away with the focus in it, which would fall to the top of the page.
      if (!element?.contains(document.activeElement)) return;
      element.closest('form')?.querySelector<HTMLElement>('[type="submit"]')?.focus();
    };
  }, []);
  const asking = intention.busy;
  return (
    <div ref={choices} className="mt-2 flex gap-2">
      <Button
        variant="outline"
        size="small"
        aria-disabled={asking}
        onClick={() => {
          if (!asking) void intention.again();
        }}
      >
        {asking ? 'Asking again…' : 'Ask again'}
      </Button>
      <Button
        variant="quiet"
        size="small"
        aria-disabled={asking}
        onClick={() => {
          if (!asking) intention.dismiss();
        }}
      >
        Dismiss
      </Button>
    </div>
  );
}
