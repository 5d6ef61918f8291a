import { useMemo, useSyncExternalStore } from 'react';
import type { SeatsBody } from 'seatbelt/http';
import type { SeatsClient } from '../client/client.ts';
import { createSeatManager, type SeatManagerState, type SeatManagerStore } from '../client/manager.ts';

export interface SeatManagerHook extends SeatManagerState, Omit<SeatManagerStore, 'getState' | 'subscribe'> {}

/**
 * Everything a seat manager knows and does, for a view of your own. Reads while it is mounted.
 * @param client one for the life of the page (`createSeatsClient`); another client starts anew.
 * @param initialSeats counts that the server has read already, so that the first paint shows them.
 */
export function useSeatManager(client: SeatsClient, initialSeats: SeatsBody | null = null): SeatManagerHook {
  // The counts of the first render are the ones to start from; later ones come from the server.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another object with the same counts must not start anew
  const store = useMemo(() => createSeatManager(client, initialSeats), [client]);
  const state = useSyncExternalStore(store.subscribe, store.getState, store.getState);
  const { choose, undo, confirm, again, cancel, dismiss, refresh } = store;
  return { ...state, choose, undo, confirm, again, cancel, dismiss, refresh };
}
