import { moveStoredTimes } from '@seatbelt/dev/move-stored-times';
import Stripe from 'stripe';
import { createSeatbelt } from '../../../packages/engine/src/index.ts';
import { stripeKey, stripeOptions } from './programs/connect.ts';
import type { ProgramSettings } from './programs.ts';
import type { Sides } from './sides.ts';

/** A change that waits out every bound of the protocol is over long before so many rounds of a minute. */
const mostRounds = 120;

/** Time that is said to pass between two rounds of the worker: longer than lease, back-off and the life of a stored 500. */
const roundMs = 61_000;

/**
 * Brings a program to rest. Webhooks that failed are delivered again, as Stripe does for days. Seatbelt's worker polls until
 * nothing is open; a round's minute is not waited for, the stored times are moved back instead. The other programs
 * have nothing that would run later.
 *
 * @throws Error when Seatbelt does not come to rest within the bound.
 */
export async function comeToRest(sides: Sides, settings: ProgramSettings): Promise<{ readonly minutes: number }> {
  await deliverFailedAgain(sides);
  if (settings.name !== 'Seatbelt') return { minutes: 0 };
  const stripe = new Stripe(stripeKey, stripeOptions(settings));
  const seatbelt = createSeatbelt({ db: sides.url, stripe, environment: 'comparison' });
  try {
    for (let minutes = 0; minutes < mostRounds; minutes += 1) {
      const open = await openOrganizations(sides);
      if (open.length === 0) return { minutes };
      for (const organization of open) await moveStoredTimes(sides.pool, organization, roundMs);
      await seatbelt.tick();
    }
    throw new Error(`Seatbelt did not come to rest within ${mostRounds} minutes: ${await openOrganizations(sides)}`);
  } finally {
    await seatbelt.close();
  }
}

async function deliverFailedAgain({ sim }: Sides): Promise<void> {
  await sim.events.flush();
  const failed = sim.events.deliveries().filter(({ state }) => state !== 'delivered');
  for (const event of new Set(failed.map(({ event }) => event))) await sim.events.resend(event);
}

/** With a change that has not ended, or with a webhook that nobody has looked after. */
async function openOrganizations(sides: Sides): Promise<string[]> {
  const { rows } = await sides.pool.query<{ id: string }>(
    `select organization_id as id from seatbelt.accounts
      where push_id is not null or waiting_changes > 0 or marks > marks_seen order by 1`,
  );
  return rows.map(({ id }) => id);
}
