/** Which waiting changes ride together, and which no longer fit. */
import { rollBack } from './change.ts';
import { countFrom, outgrewGuard } from './guard.ts';
import { invariant } from './refusals.ts';
import { type Step, used, waitingTakes } from './step.ts';
import type { SeatChange, Terms } from './types.ts';
/** Decreases and new requests ride together; after a refused joint push its increases are tried one at a time. */
export function nextBatch(open: readonly SeatChange[]): SeatChange[] {
  // A decrease whose date has come is prorated otherwise than the rest, so it follows alone.
  const waiting = open.filter((change) => change.waitsUntil === null);
  const lastSet = waiting.findLast((change) => change.setSeats !== null && !change.alone);
  // A set tried alone that has a later set behind it would be overwritten anyway: it rides with that one, where that one
  // rides. Two that are tried alone are tried one after the other, or they would push each other for ever.
  const alone = (change: SeatChange) =>
    change.alone && !(change.setSeats !== null && lastSet !== undefined && lastSet.number > change.number);
  // What hangs on another change ends with that one and never rides itself.
  const riding = waiting.filter((change) => change.hangsOn === null);
  const together = riding.filter((change) => !alone(change));
  if (riding.length === 0) return open.filter((change) => change.waitsUntil !== null && change.hangsOn === null);
  // A price was shown for the first one alone, and what rides along would change it.
  if (riding[0]?.prorationDate != null) return riding.slice(0, 1);
  return together.length > 0 ? together : riding.slice(0, 1);
}

export function seatsAfter(seats: number, changes: readonly SeatChange[]): number {
  return changes.reduce((count, change) => change.setSeats ?? count + change.delta, seats);
}

/** The seat count: a decrease whose date has come follows alone, after all others, so it counts when it is told to Stripe. */
export function seatsFolded(seats: number, waiting: readonly SeatChange[]): number {
  return seatsAfter(
    seats,
    waiting.filter((change) => change.waitsUntil === null),
  );
}

/** In order of acceptance, so that of two waiting reservations the newer one goes first. Confirmed seats are never touched. */
export function dropWhatNoLongerFits(step: Step, batch: readonly SeatChange[]): SeatChange[] {
  const { terms } = step.account;
  let count = step.account.settledSeats;
  let inUse = used(step.account) - waitingTakes(step.waiting.filter((change) => change.hangsOn === null));
  const fitting: SeatChange[] = [];
  for (const queued of batch) {
    // One that was dropped before it may have changed what it is counted from.
    const waiting = step.waitingChange(queued.id);
    invariant(waiting !== undefined, 'a change of the batch was ended by another one', { change: queued.id });
    // Counted anew: a decrease before it that is not made leaves seats there, and they are not bought again.
    const delta = Math.min(waiting.delta, Math.max(inUse + waiting.takes - count, 0));
    const next = waiting.setSeats ?? count + delta;
    const change = countFrom(step, waiting, count, next);
    const grows = next > count;
    const code =
      next < inUse + change.takes
        ? change.setSeats === null
          ? 'no_seat_available'
          : 'below_used'
        : next < count && next < terms.minimumSeats
          ? 'below_minimum'
          : grows && terms.maximumSeats !== null && next > terms.maximumSeats
            ? 'above_maximum'
            : outgrewGuard(step, change, count)
              ? 'seats_changed'
              : null;
    // Fewer are paid for by now than it was to leave: a decrease never becomes a purchase.
    if (change.waitsUntil !== null && grows) {
      rollBack(step, change, 'overtaken', fewerAlready);
      continue;
    }
    // A decrease under follow terms that is overtaken by new use has nothing left to shrink.
    if (code === 'no_seat_available' && change.takes === 0 && change.delta < 0) {
      rollBack(step, change, 'overtaken', 'Seats were taken again before billing could shrink.');
      continue;
    }
    if (code !== null) {
      rollBack(step, change, code, fitSentence(code, { from: count, next, inUse: inUse + change.takes }, terms));
      continue;
    }
    count = next;
    inUse += change.takes;
    fitting.push(change);
  }
  return fitting;
}

/** Those that count on nothing that is bought: they do not wait for the payment of another one, nor end with it. */
export function seatedAlready(fitting: readonly SeatChange[]): SeatChange[] {
  const first = fitting.findIndex((change) => change.setSeats !== null || change.delta !== 0);
  return fitting.slice(0, first < 0 ? fitting.length : first);
}

/** Why a decrease that waited for its date is not made. */
export const fewerAlready = 'Fewer seats are paid for by now than this decrease was to leave.';

export function fitSentence(
  code: string,
  { from, next, inUse }: { readonly from: number; readonly next: number; readonly inUse: number },
  terms: Terms,
): string {
  switch (code) {
    case 'below_used':
      return `${inUse} seats came into use while this change waited; ${next} would be too few.`;
    case 'no_seat_available':
      return 'The seats this was counting on were not bought after all.';
    case 'below_minimum':
      return `At least ${terms.minimumSeats} seats are part of the contract.`;
    case 'seats_changed':
      return `It would buy ${next - from} seats by now, and so many need an owner's approval. Ask for it again.`;
    default:
      return `At most ${terms.maximumSeats} seats are allowed.`;
  }
}
