import { InvalidInput, UnknownOrganization } from 'seatbelt';
import type { SeatsBody } from 'seatbelt/http';
import { logger } from './logger.ts';
import { seatbelt } from './seatbelt.ts';

/** What the first paint is made of. */
export type FirstReading =
  | { readonly is: 'read'; readonly seats: SeatsBody; readonly readAt: number }
  | { readonly is: 'unknown_organization' }
  /** The page is shown all the same, and the browser asks again. */
  | { readonly is: 'unreachable' };

/** A page that waits longer than this for its numbers is better shown without them. */
const patienceMs = 2_000;

export async function firstReading(organization: string): Promise<FirstReading> {
  const { promise: tooLate, resolve } = Promise.withResolvers<FirstReading>();
  const timer = setTimeout(() => resolve({ is: 'unreachable' }), patienceMs);
  return Promise.race([read(organization), tooLate]).finally(() => clearTimeout(timer));
}

async function read(organization: string): Promise<FirstReading> {
  try {
    const seats = await seatbelt().seats(organization);
    return { is: 'read', seats, readAt: Date.now() };
  } catch (error) {
    if (error instanceof UnknownOrganization || error instanceof InvalidInput) {
      return { is: 'unknown_organization' };
    }
    logger.warn({ err: error, organization }, 'The counts for a page could not be read.');
    return { is: 'unreachable' };
  }
}
