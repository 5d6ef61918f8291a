/** How a change ends: applied or rolled back, with its seats, in the commit that ends it. */
import { handOn } from './allowance.ts';
import { seatsFolded } from './batch.ts';
import { noteBought } from './guard.ts';
import { type Counted, costOf } from './purchase.ts';
import { ready, seat } from './seats.ts';
import type { Step } from './step.ts';
import type { SeatChange } from './types.ts';
/** Both sides agree on `seats`, without Stripe being asked; the changes that wanted it are applied. */
export function settle(step: Step, seats: number, counted: readonly Counted[]): void {
  agreeOn(step, seats, counted);
  applyAll(step, counted, null);
}

/** Moves the counts; the changes that asked for it are to be applied next, in the same commit. */
export function agreeOn(step: Step, seats: number, counted: readonly Counted[]): void {
  step.update({ settledSeats: seats });
  handOn(step, counted);
  recount(
    step,
    counted.map(({ change }) => change),
  );
}

/** From here on a change says what it did, which may be less than it was accepted with. */
export function applyAll(step: Step, counted: readonly Counted[], push: string | null): void {
  noteBought(step, counted);
  const lastSet = counted.findLast(({ change }) => change.setSeats !== null)?.change;
  for (const one of counted) {
    const { change, from, seats } = one;
    const superseded = change.setSeats !== null && lastSet !== undefined && change !== lastSet;
    apply(step, {
      ...change,
      delta: change.setSeats === null ? seats - from : change.delta,
      seatsBefore: from,
      seatsAfter: seats,
      amount: costOf(one),
      push: push ?? change.push,
      supersededBy: superseded ? lastSet.id : null,
    });
  }
  if (lastSet) replaceScheduled(step, lastSet);
}

export function apply(step: Step, change: SeatChange): void {
  const applied: SeatChange = { ...change, status: 'applied', takes: 0, endedAt: step.now };
  step.put(applied);
  if (change.takes > 0) {
    step.update({ reserved: step.account.reserved - change.takes });
    seat(step, change.holders, change.takes, change.reserve);
    ready(step, change, change.holders, change.takes);
  }
  step.audit('change_applied', {
    change: change.id,
    push: applied.push,
    actor: change.actor,
    reason: change.reason,
    note: applied.supersededBy ? 'Superseded by a later request; that one counts.' : describe(change),
  });
  step.event({
    type: 'change.applied',
    change: change.id,
    data: { seats: step.account.settledSeats, supersededBy: applied.supersededBy },
  });
  if (change.waitsUntil !== null) step.closeIncidents('schedule_missed', null, 'The decrease is made.');
  for (const other of step.waiting) {
    if (other.hangsOn === change.id) apply(step, { ...other, hangsOn: null });
  }
}

/** @param payment Stripe refused the payment, or nobody made it. */
export function rollBack(step: Step, change: SeatChange, code: string, message: string, payment = false): void {
  step.put({ ...change, status: 'rolled_back', takes: 0, code, message, payment, endedAt: step.now });
  for (const name of change.holders) step.dropHolder(name);
  step.update({ reserved: step.account.reserved - change.takes });
  recount(step);
  step.audit('change_rolled_back', {
    change: change.id,
    push: change.push,
    actor: change.actor,
    reason: change.reason,
    note: `${message} (${code})`,
  });
  step.event({
    type: 'change.rolled_back',
    change: change.id,
    data: { code, message, holders: change.holders },
  });
  if (change.waitsUntil !== null) step.closeIncidents('schedule_missed', null, 'The decrease was taken back.');
  if (change.takes > 0)
    step.event({
      type: 'seat.released',
      change: change.id,
      data: { holders: change.holders, seats: change.takes },
    });
  for (const other of step.waiting) {
    if (other.hangsOn === change.id) rollBack(step, other, code, message, payment);
  }
}

/** Ends a parked change that never took effect. It moved no count, so no count moves back. */
export function endParked(
  step: Step,
  change: SeatChange,
  why: {
    readonly code: string;
    readonly message: string;
    readonly supersededBy?: string;
    readonly actor?: string;
    readonly reason?: string | null;
  },
): void {
  const { code, message, supersededBy = null } = why;
  step.put({ ...change, status: 'rolled_back', code, message, supersededBy, endedAt: step.now });
  step.audit('change_rolled_back', {
    change: change.id,
    actor: why.actor ?? change.actor,
    reason: why.reason ?? null,
    note: `${message} (${code})`,
  });
  step.event({ type: 'change.rolled_back', change: change.id, data: { code, message, holders: [] } });
}

/** The owner has spoken again: of two words about the number of seats the later one counts. Usage never drops a schedule. */
export function replaceScheduled(step: Step, by: SeatChange): void {
  const message = 'A later change of the number of seats took its place before it took effect.';
  for (const change of step.parked) {
    if (change.status !== 'scheduled' || change.number >= by.number) continue;
    endParked(step, change, { code: 'superseded', message, supersededBy: by.id });
  }
  for (const change of step.waiting) {
    // Its date has come and it waits behind the one that was just applied.
    if (change.waitsUntil === null || change.number >= by.number || change.push !== null || change.id === by.id)
      continue;
    rollBack(step, { ...change, supersededBy: by.id }, 'superseded', message);
  }
}

/** The seat count: what is settled or asked of Stripe, folded with all that waits behind it and is not `ending` just now. */
export function recount(step: Step, ending: readonly SeatChange[] = []): void {
  const { push, settledSeats } = step.account;
  const ended = new Set(ending.map((change) => change.id));
  const waiting = step.waiting.filter((change) => !ended.has(change.id) && (push === null || change.push === null));
  step.update({ seatCount: seatsFolded(push?.target.seats ?? settledSeats, waiting, step.account) });
}

export function describe(change: SeatChange): string {
  switch (change.kind) {
    case 'set':
      return `Seats set to ${change.setSeats ?? change.quantity}.`;
    case 'add':
      return change.delta > 0
        ? `${change.quantity} seat(s) taken, ${change.delta} of them to be bought.`
        : `${change.quantity} seat(s) taken.`;
    case 'assign':
      return `${change.quantity} seat(s) assigned.`;
    case 'remove':
      return change.delta < 0
        ? `${change.quantity} seat(s) freed; billing shrinks by ${-change.delta}.`
        : `${change.quantity} seat(s) freed.`;
    case 'transfer':
      return `${change.quantity} reserved seat(s) became assigned.`;
  }
}
