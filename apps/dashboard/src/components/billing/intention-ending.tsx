'use client';

import { Banner } from '#components/ui/banner.tsx';
import { Button } from '#components/ui/button.tsx';
import type { UseIntention } from '#hooks/use-intention.ts';
import type { Intention } from '#lib/intention.ts';
import { refusalSentence } from '#lib/refusal-sentences.ts';

/**
 * What became of a request that made no change, or whose end is not known. Changes that were accepted are told about by
 * the card of the latest change.
 */
export function IntentionEnding({ intention, method }: { intention: UseIntention; method: Intention['method'] }) {
  const { state } = intention;
  if (state === null || state.ending === null || state.intention.method !== method) return null;
  const { ending } = state;
  switch (ending.is) {
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
          <Again intention={intention} />
        </Banner>
      );
    case 'unknown':
      return (
        <Banner alert tone="caution" title="Nobody knows yet whether this arrived." className="mt-4">
          <p>
            The server did not answer. If the request arrived, the change is carried out; if not, nothing was charged.
            Asking again is safe: it has the same key and cannot count twice.
          </p>
          <Again intention={intention} />
        </Banner>
      );
  }
}

function Again({ intention }: { intention: UseIntention }) {
  return (
    <Button variant="outline" size="small" className="mt-2" onClick={() => void intention.again()}>
      Ask again
    </Button>
  );
}
