/** Who sits where: the seats of confirmed and of waiting changes. */
import { invariant } from './refusals.ts';
import { type Step, seatsOver } from './step.ts';
import type { SeatChange } from './types.ts';
/** Puts named and anonymous people on confirmed seats. */
export function seat(step: Step, names: readonly string[], seats: number, reserve: boolean): void {
  const anonymous = seats - names.length;
  for (const holder of names) step.putHolder({ holder, state: reserve ? 'reserved' : 'assigned', change: null });
  const { account } = step;
  step.update(
    reserve
      ? { reserved: account.reserved + seats, anonymousReserved: account.anonymousReserved + anonymous }
      : { assigned: account.assigned + seats, anonymousAssigned: account.anonymousAssigned + anonymous },
  );
}

/** Holds seats for a change that waits. */
export function reserveSeats(step: Step, change: SeatChange): void {
  for (const holder of change.holders) step.putHolder({ holder, state: 'reserved', change: change.id });
  step.update({ reserved: step.account.reserved + change.takes });
}

/** Invited people among `names` whose seats are confirmed sit down: their reserved seat becomes assigned. */
export function sitDown(step: Step, names: readonly string[]): void {
  for (const name of names) {
    const row = step.holder(name);
    if (row?.state !== 'reserved' || row.change !== null) continue;
    step.putHolder({ ...row, state: 'assigned' });
    step.update({ reserved: step.account.reserved - 1, assigned: step.account.assigned + 1 });
  }
}

export function free(step: Step, name: string): void {
  const row = step.holder(name);
  invariant(row !== undefined, 'a holder to be freed was not loaded', { holder: name });
  step.dropHolder(name);
  const { account } = step;
  if (row.state === 'assigned') step.update({ assigned: account.assigned - 1 });
  else step.update({ reserved: account.reserved - 1 });
  // A seat that hung on an open change is taken out of it, so that its end does not seat anybody.
  const change = row.change === null ? undefined : step.waitingChange(row.change);
  if (change)
    step.put({
      ...change,
      takes: change.takes - 1,
      holders: change.holders.filter((other) => other !== name),
    });
}

/** The open changes that the seats of these people hang on. */
export function openChangesOf(step: Step, names: readonly string[]): string[] {
  return [...new Set(names.flatMap((name) => step.holder(name)?.change ?? []))];
}

export function ready(step: Step, change: SeatChange, names: readonly string[], seats: number): void {
  if (seats > 0)
    step.event({
      type: 'seat.ready',
      change: change.id,
      data: { holders: names, seats, reserved: change.reserve },
    });
}

/** Over capacity is found, never made: nobody is thrown out, nothing grows, and a person hears how many to free or buy. */
export function watchCapacity(step: Step): void {
  const { account } = step;
  if (account.link === null || account.status === 'ended') return;
  const over = seatsOver(account, step.waiting);
  if (over > 0) {
    step.openIncident(
      'over_capacity',
      'act',
      null,
      `${over} more seats are in use than are paid for. Free or buy ${over}.`,
    );
  } else {
    step.closeIncidents('over_capacity', null, 'The seats in use fit again.');
  }
}
