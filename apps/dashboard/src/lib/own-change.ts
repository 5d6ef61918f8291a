import type { ChangeBody } from 'seatbelt/http';
import type { Intention } from './intention.ts';
import type { Ending } from './send.ts';

/** A request of this screen, and what is known of it. */
export interface Asked {
  readonly intention: Intention;
  /** null while it is under way. */
  readonly ending: Ending | null;
  /** Tries without an answer. */
  readonly lost: number;
  /** What it had ended with when it was asked again; null: it was not. */
  readonly earlier: Ending | null;
  /** The changes that were known when it was first sent: it became none of them. null: none had been read. */
  readonly before: readonly ChangeBody[] | null;
}

/**
 * Whether one of the changes that show themselves is what the request became: then it is written, whatever became of the
 * answer. It has to be sure: two admins may give out a seat each, so after a lost try it is not known whose that is.
 */
export function isWritten(asked: Asked | null, changes: readonly ChangeBody[] | null): boolean {
  if (asked === null || changes === null) return false;
  return changes.some((change) => isOwn(asked, change));
}

function isOwn({ intention, before, ...asked }: Asked, change: ChangeBody): boolean {
  if (before === null || before.some(({ id }) => id === change.id)) return false;
  if (intention.method === 'PUT') {
    const { seats, expectedSeats } = intention.body;
    // From one count only one change can lead on; a second one like it is refused.
    return change.kind === 'set' && change.quantity === seats && change.seatsBefore === expectedSeats;
  }
  const lost = asked.lost > 0 || asked.ending?.is === 'unknown' || asked.earlier?.is === 'unknown';
  return !lost && change.kind === intention.body.action && change.quantity === intention.body.quantity;
}
