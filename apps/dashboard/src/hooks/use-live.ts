'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { SeatsBody } from 'seatbelt/http';
import { type LiveState, stillMs } from '#features/live/contract.ts';
import { seatsKey } from './use-seats.ts';

/** So long after the last sign of life the line is taken for dead, whatever the browser thinks of it. */
const silentMs = 2.5 * stillMs;

/**
 * Follows an organization by server-sent events. What comes is put where the queries keep it, so that every part of the
 * screen has it. @returns whether the line is alive; while it is not, the queries ask for themselves
 */
export function useLive(organization: string): boolean {
  const client = useQueryClient();
  const [alive, setAlive] = useState(false);

  useEffect(() => {
    let silence: ReturnType<typeof setTimeout> | undefined;
    let source: EventSource | null = null;

    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(reopen, silentMs);
      setAlive(true);
    };
    const open = () => {
      source = new EventSource(`/api/billing/live?organization=${encodeURIComponent(organization)}`);
      source.addEventListener('still', heard);
      source.addEventListener('state', (event) => {
        heard();
        const { seats, latest, readAt } = JSON.parse(event.data) as LiveState;
        const now = client.setQueryData<SeatsBody>(seatsKey(organization), seats, { updatedAt: Date.parse(readAt) });
        // Where an answer was newer, what it says of the change is newer as well.
        const isNewest = now?.version === seats.version;
        if (latest !== null && isNewest) client.setQueryData(['change', organization, latest.change.id], latest);
        void client.invalidateQueries({ queryKey: ['changes', organization] });
        void client.invalidateQueries({ queryKey: ['history', organization] });
      });
      // The browser opens it again by itself, unless the server said no; then this screen goes on asking.
      source.addEventListener('error', () => setAlive(false));
      silence = setTimeout(reopen, silentMs);
    };
    const reopen = () => {
      setAlive(false);
      source?.close();
      open();
    };

    open();
    return () => {
      clearTimeout(silence);
      source?.close();
    };
  }, [organization, client]);

  return alive;
}
