'use client';

import { useEffect, useState } from 'react';
import type { LabEvent } from './contract.ts';

/** How long an event stands before the next one is shown, in milliseconds: what happened in a tenth of a second takes longer to read. */
const readingMs: Record<LabEvent['is'], number> = {
  preparing: 0,
  waiting: 0,
  chapter: 1_200,
  numbers: 450,
  said: 450,
  checked: 120,
  ended: 0,
};

/**
 * The events of a run, as they come in. While `paced`, they are shown at reading speed, in their order and with their own
 * times; a run that was over when the page was opened is shown whole.
 */
export function useRun(
  run: string | null,
  paced: boolean,
): { readonly events: readonly LabEvent[]; readonly behind: boolean } {
  const [heard, setHeard] = useState<{ run: string | null; events: LabEvent[] }>({ run: null, events: [] });
  const [shown, setShown] = useState(0);
  useEffect(() => {
    if (run === null) return;
    setShown(0);
    setHeard({ run, events: [] });
    const source = new EventSource(`/api/dev/fault-lab/events?run=${encodeURIComponent(run)}`);
    source.onmessage = (message: MessageEvent<string>) => {
      const event = JSON.parse(message.data) as LabEvent;
      setHeard((before) => ({ run, events: [...before.events, event] }));
      // The server ends the stream here; without this the browser would ask for more.
      if (event.is === 'ended') source.close();
    };
    return () => source.close();
  }, [run]);

  const events = heard.run === run ? heard.events : [];
  const behind = paced && shown < events.length;
  useEffect(() => {
    if (!behind) return;
    const last = events[shown - 1];
    const timer = setTimeout(() => setShown(shown + 1), last === undefined ? 0 : readingMs[last.is]);
    return () => clearTimeout(timer);
  }, [behind, shown, events]);
  return { events: paced ? events.slice(0, shown) : events, behind };
}
