'use client';

import { useState } from 'react';
import { type Announcement, announce } from '#lib/announcement.ts';
import { isOpen, type Now } from '#lib/now.ts';
import { stageNames } from './now-card.tsx';

/** Says each new stage of the latest change once, for those who do not see it; ends are said with what became of the money. */
export function Announcer({ now, loading }: { now: Now; loading: boolean }) {
  const [last, setLast] = useState<Announcement | null>(null);
  const sentence = `${stageNames[now.stage].label}: ${now.title}.${isOpen(now.stage) ? '' : ` ${now.money}`}`;
  const announcement = loading ? last : announce(last, now, sentence);
  if (announcement !== last) setLast(announcement);
  return (
    <p role="status" aria-live="polite" className="sr-only">
      {announcement?.sentence}
    </p>
  );
}
