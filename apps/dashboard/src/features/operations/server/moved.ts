import { quantityFor } from 'seatbelt';
import type { State } from 'seatbelt/operator';
import type { NumbersShown } from '../contract.ts';

/**
 * What has moved since staff saw these numbers, in a sentence; null: nothing. Where nothing is held any more the engine says
 * so itself.
 */
export function movedSince({ account: { hold, settledSeats, terms } }: State, seen: NumbersShown): string | null {
  if (hold === null) return null;
  const expected = quantityFor(settledSeats, terms);
  if (hold.observedQuantity === seen.observed && expected === seen.expected) return null;
  return (
    `Stripe bills ${hold.observedQuantity ?? 'nothing'} by now and ${expected} was agreed on; ` +
    `it was ${seen.observed ?? 'nothing'} and ${seen.expected} when you opened this. Nothing was done.`
  );
}
