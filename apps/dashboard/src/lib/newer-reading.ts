import { replaceEqualDeep } from '@tanstack/react-query';
import type { SeatsBody } from 'seatbelt/http';

/**
 * Of two readings of an account the newer one, whichever came first: an event and an answer are under way at once, and
 * the screen's numbers must not go back. A reading of a later time counts in any case, because a database that was made
 * anew begins to count anew.
 */
export function newerReading(shown: SeatsBody | undefined, read: SeatsBody): SeatsBody {
  if (shown === undefined) return read;
  return read.version < shown.version && read.readAt <= shown.readAt ? shown : read;
}

/** The same for a query, as its `structuralSharing`: for what it fetches and for what is put there. */
export function keepNewer(shown: unknown, read: unknown): unknown {
  return replaceEqualDeep(shown, newerReading(shown as SeatsBody | undefined, read as SeatsBody));
}
