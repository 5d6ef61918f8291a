'use client';

import { type Now, isOpen } from '#lib/now.ts';
import { stageNames } from './now-card.tsx';

/** Says each new stage of the latest change once, for those who do not see it. Ends are said with what became of the money. */
export function Announcer({ now, loading }: { now: Now; loading: boolean }) {
  const silent = loading || now.stage === 'idle';
  const money = isOpen(now.stage) ? '' : ` ${now.money}`;
  return (
    <p role="status" aria-live="polite" className="sr-only">
      {silent ? '' : `${stageNames[now.stage].label}: ${now.title}.${money}`}
    </p>
  );
}
