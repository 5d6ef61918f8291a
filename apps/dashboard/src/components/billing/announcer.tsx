'use client';

import { useState } from 'react';
import { isOpen, type Now } from '#lib/now.ts';
import { stageNames } from './now-card.tsx';

/**
 * Says each new stage of the latest change once, for those who do not see it; ends are said with what became of the
 * money. What was so already when the page was opened is no news and is left to be read.
 */
export function Announcer({ now, loading }: { now: Now; loading: boolean }) {
  const sentence = loading
    ? null
    : `${stageNames[now.stage].label}: ${now.title}.${isOpen(now.stage) ? '' : ` ${now.money}`}`;
  const [first, setFirst] = useState<string | null>(null);
  // Once anything else was said, the same again is news.
  const [moved, setMoved] = useState(false);
  if (first === null && sentence !== null) setFirst(sentence);
  else if (!moved && sentence !== null && sentence !== first) setMoved(true);
  return (
    <p role="status" aria-live="polite" className="sr-only">
      {moved ? sentence : ''}
    </p>
  );
}
