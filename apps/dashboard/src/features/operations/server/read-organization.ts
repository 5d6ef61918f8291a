import { seatbelt } from '#server/seatbelt.ts';
import { readStripeSide } from '#server/stripe-side.ts';
import type { OrganizationBody } from '../contract.ts';
import { assess } from './assess.ts';
import { unitPriceOf } from './unit-price.ts';

const changesShown = 20;

/** Everything that staff see of one organization. @throws UnknownOrganization */
export async function readOrganization(organization: string): Promise<OrganizationBody> {
  const engine = seatbelt();
  const [seats, state, stripe, { changes }] = await Promise.all([
    engine.seats(organization),
    engine.inspect(organization),
    readStripeSide(organization),
    engine.changes(organization, { limit: changesShown }),
  ]);
  const wrong = assess(state);
  const item = state.account.link?.item ?? null;
  return {
    organization,
    seats,
    stripe,
    wrong: wrong && { ...wrong, unit: item === null ? null : await unitPriceOf(item) },
    paused: state.account.pausedReason !== null,
    changes,
  };
}
