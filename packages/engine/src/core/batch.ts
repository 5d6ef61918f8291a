/** Which waiting changes ride together, and which no longer fit. */
import { Allowances } from './allowance.ts';
import { rollBack } from './change.ts';
import { policy } from './policy.ts';
import type { Counted } from './purchase.ts';
import { invariant } from './refusals.ts';
import { type Step, used, waitingTakes } from './step.ts';
import type { Account, SeatChange, Terms } from './types.ts';
/** Decreases and new requests ride together; after a refused joint push its increases are tried one at a time. */
export function nextBatch(open: readonly SeatChange[]): SeatChange[] {
  // A decrease whose date has come is prorated otherwise than the rest, so it follows alone.
  const waiting = open.filter((change) => change.waitsUntil === null);
  const alone = triedAlone(waiting);
  // What hangs on another change ends with that one and never rides itself.
  const riding = waiting.filter((change) => change.hangsOn === null);
  const together = riding.filter((change) => !alone(change));
  if (riding.length === 0) return open.filter((change) => change.waitsUntil !== null && change.hangsOn === null);
  // A price was shown for the first one alone, and what rides along would change it.
  if (riding[0]?.prorationDate != null) return riding.slice(0, 1);
  return together.length > 0 ? together : riding.slice(0, 1);
}

/** Seats that usage leaves, where it was accepted from another number: what is in use is not given up, and no limit is passed. */
interface Bounds {
  readonly least: number;
  readonly most: number;
}

export function seatsAfter(seats: number, changes: readonly SeatChange[], bounds: Bounds): number {
  return changes.reduce((count, change) => change.setSeats ?? withUsage(count, change.delta, bounds), seats);
}

function withUsage(count: number, delta: number, { least, most }: Bounds): number {
  return delta < 0 ? Math.min(count, Math.max(count + delta, least)) : Math.max(count, Math.min(count + delta, most));
}

/**
 * A set tried alone that has a later set behind it would be overwritten anyway: it rides with that one, where that one
 * rides. Two that are tried alone are tried one after the other, or they would push each other for ever.
 */
function triedAlone(waiting: readonly SeatChange[]): (change: SeatChange) => boolean {
  const lastSet = waiting.findLast((change) => change.setSeats !== null && !change.alone);
  return (change) =>
    change.alone && !(change.setSeats !== null && lastSet !== undefined && lastSet.number > change.number);
}

/**
 * The seat count, in the order in which Stripe is told: what is tried alone comes after the rest, and a set among that never
 * takes away. A decrease whose date has come follows all others, so it counts when it is told.
 */
export function seatsFolded(seats: number, waiting: readonly SeatChange[], account: Account): number {
  const bounds = {
    least: Math.max(used(account) - waitingTakes(waiting), account.terms.minimumSeats),
    most: policy.seatsLimit,
  };
  const undated = waiting.filter((change) => change.waitsUntil === null);
  const alone = triedAlone(undated);
  const together = seatsAfter(
    seats,
    undated.filter((change) => !alone(change)),
    bounds,
  );
  return undated
    .filter(alone)
    .reduce(
      (count, { setSeats, delta }) => (setSeats === null ? withUsage(count, delta, bounds) : Math.max(count, setSeats)),
      together,
    );
}

/**
 * Counts a batch anew, from the seats that are there, in order of acceptance: what it was counted from then may not have
 * been made. What does not fit is rolled back, the newer of two waiting reservations first; confirmed seats are never touched.
 */
export function countBatch(step: Step, batch: readonly SeatChange[]): Counted[] {
  const { terms } = step.account;
  const allowances = new Allowances(step, batch);
  let from = step.account.settledSeats;
  let inUse = used(step.account) - waitingTakes(step.waiting);
  // What hangs on a change sits down or goes with it.
  const hanging = new Map<string, number>();
  for (const { hangsOn, takes } of step.waiting) {
    if (hangsOn !== null) hanging.set(hangsOn, (hanging.get(hangsOn) ?? 0) + takes);
  }
  const counted: Counted[] = [];
  for (const queued of batch) {
    const change = step.waitingChange(queued.id);
    invariant(change !== undefined, 'a change of the batch was ended by another one', { change: queued.id });
    const takes = change.takes + (hanging.get(change.id) ?? 0);
    const allowed = allowances.of(change);
    const seats = seatsOf(change, from, inUse + takes, allowed, terms);
    const unfit = whyUnfit(
      change,
      { settled: step.account.settledSeats, from, seats, inUse: inUse + takes, allowed },
      terms,
    );
    if (unfit !== null) {
      rollBack(step, change, unfit.code, unfit.message);
      continue;
    }
    const one = { change, from, seats };
    allowances.use(one);
    counted.push(one);
    from = seats;
    inUse += takes;
  }
  return counted;
}

/** Where one change leaves the seats. */
function seatsOf(change: SeatChange, from: number, inUse: number, allowed: number, terms: Terms): number {
  if (change.setSeats !== null) return change.setSeats;
  // Usage buys what is missing, and no more.
  if (change.delta >= 0) return from + Math.min(allowed, Math.max(inUse - from, 0));
  // Billing that follows use shrinks to what is in use by now; under other terms by no more than was asked for.
  const least = Math.max(inUse, terms.minimumSeats);
  return Math.min(from, terms.mode === 'follow' ? least : Math.max(from + change.delta, least));
}

function whyUnfit(
  change: SeatChange,
  {
    settled,
    from,
    seats,
    inUse,
    allowed,
  }: { settled: number; from: number; seats: number; inUse: number; allowed: number },
  terms: Terms,
): { readonly code: string; readonly message: string } | null {
  // Fewer are paid for by now than it was to leave: a decrease never becomes a purchase.
  if (change.waitsUntil !== null && seats > from) return { code: 'overtaken', message: fewerAlready };
  // Set aside for a try of its own, it was a purchase; by now more than that is paid for.
  if (change.alone && change.setSeats !== null && seats < from) {
    return { code: 'overtaken', message: `${from} seats are paid for by now, more than this was to lead to.` };
  }
  // What was a purchase, or none, when it was accepted is no decrease now where decreases wait for the period's end.
  if (
    change.setSeats !== null &&
    change.waitsUntil === null &&
    seats < settled &&
    terms.decrease.when === 'period_end'
  ) {
    const message = `${settled} seats are paid for until the period ends. Ask for ${seats} again, and it takes effect then.`;
    return { code: 'overtaken', message };
  }
  // Its seats are free already, and billing shrinks as far as it can.
  if (change.delta < 0) return null;
  if (seats < inUse && change.setSeats === null) {
    return { code: 'no_seat_available', message: 'The seats this was counting on were not bought after all.' };
  }
  if (seats < inUse) {
    const message = `${inUse} seats came into use while this change waited; ${seats} would be too few.`;
    return { code: 'below_used', message };
  }
  if (seats < from && seats < terms.minimumSeats) {
    return { code: 'below_minimum', message: `At least ${terms.minimumSeats} seats are part of the contract.` };
  }
  if (seats > from && terms.maximumSeats !== null && seats > terms.maximumSeats) {
    return { code: 'above_maximum', message: `At most ${terms.maximumSeats} seats are allowed.` };
  }
  if (seats - from > allowed) {
    const message = `It would buy ${seats - from} seats by now, and ${allowed} were let through or approved. Ask for it again.`;
    return { code: 'seats_changed', message };
  }
  return null;
}

/** Those that count on nothing that is bought: they do not wait for the payment of another one, nor end with it. */
export function seatedAlready(counted: readonly Counted[]): Counted[] {
  const first = counted.findIndex(({ change, from, seats }) => change.setSeats !== null || seats !== from);
  return counted.slice(0, first < 0 ? counted.length : first);
}

/** Why a decrease that waited for its date is not made. */
export const fewerAlready = 'Fewer seats are paid for by now than this decrease was to leave.';
