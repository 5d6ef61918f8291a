import { setTimeout as pause } from 'node:timers/promises';
import { readScreen, readSeats, readSubscriptions } from './checker/collect.ts';
import { billedFor } from './checker/sides.ts';
import type { Place } from './place/place.ts';

/** Often enough to measure a recovery in tenths of a second, seldom enough to disturb nothing. */
const pollMs = 200;

/** An account that had not come to rest in time. */
export interface Restless {
  readonly organization: string;
  readonly pushState: string | null;
}

/**
 * Waits until no account has anything open, reading the SQL view alone. Foreign ones are left out: held is how they rest.
 *
 * @returns when that was, in milliseconds since 1970, or who was open when the time was over.
 */
export async function whenAtRest(
  place: Place,
  withinMs: number,
  signal: AbortSignal,
  tell: (open: number) => void,
): Promise<number | readonly Restless[]> {
  const foreign = new Set(place.organizations.filter((one) => one.foreign).map(({ id }) => id));
  const deadline = Date.now() + withinMs;
  while (!signal.aborted) {
    const rows = await readSeats(place.databaseUrl);
    const open = rows.filter(
      (row) => !foreign.has(row.organization) && (row.pushState !== null || row.seatCount !== row.settledSeats),
    );
    if (open.length === 0) return Date.now();
    if (Date.now() > deadline) return open.map(({ organization, pushState }) => ({ organization, pushState }));
    tell(open.length);
    await pause(pollMs);
  }
  return [];
}

/**
 * Stripe tells again what did not arrive. It would do so for three days; the run has minutes, so what is left undelivered
 * about organizations that somebody else changed is sent now. Then each of them has to be found: held, or equal again.
 * Ends in time whatever came of it, for the checker says what does not hold.
 */
export async function whenForeignChangesAreFound(place: Place, withinMs: number, signal: AbortSignal): Promise<void> {
  const foreign = place.organizations.filter((one) => one.foreign);
  const { controls } = place.simulator;
  const truth = await controls.truth();
  const arrived = new Set(truth.deliveries.filter(({ state }) => state === 'delivered').map(({ event }) => event));
  for (const event of truth.events) {
    const { id, type, data } = event as unknown as {
      readonly id: string;
      readonly type: string;
      readonly data: { readonly object: { readonly id?: string } };
    };
    const about = foreign.some(({ subscription }) => subscription === data.object.id);
    if (about && type === 'customer.subscription.updated' && !arrived.has(id)) await controls.events.resend(id);
  }
  const deadline = Date.now() + withinMs;
  while (!signal.aborted && Date.now() < deadline) {
    const billed = new Map((await readSubscriptions(place.stripe())).map(({ id, items }) => [id, items[0]?.quantity]));
    const rows = new Map((await readSeats(place.databaseUrl)).map((row) => [row.organization, row]));
    const unknown = [];
    for (const { id, subscription, terms } of foreign) {
      if (billed.get(subscription) === billedFor(rows.get(id)?.settledSeats ?? 0, terms)) continue;
      if ((await readScreen(place, id)).status !== 'held') unknown.push(id);
    }
    if (unknown.length === 0) return;
    await pause(pollMs);
  }
}
