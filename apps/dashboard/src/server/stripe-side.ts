import { quantityFor } from 'seatbelt';
import type { StripeSideBody } from '#lib/stripe-side.ts';
import { seatbelt } from './seatbelt.ts';

/**
 * Reads Stripe now, through the engine. What cannot be read is unknown; nothing is remembered from before. The account is
 * read on both sides of it, so that a change which ends in between is not taken for a difference.
 */
export async function readStripeSide(organization: string): Promise<StripeSideBody> {
  const { account: before } = await seatbelt().inspect(organization);
  const look = before.link === null ? null : await seatbelt().lookAtStripe(organization);
  const { account } = await seatbelt().inspect(organization);
  const readAt = new Date().toISOString();
  if (look === null) return { known: false, reason: 'no_subscription', readAt };
  if (!look.known) return { known: false, reason: 'unreachable', readAt };
  if (look.quantity === null) return { known: false, reason: 'missing', readAt };
  return {
    known: true,
    quantity: look.quantity,
    expectedQuantity: quantityFor(account.settledSeats, account.terms),
    settledSeats: account.settledSeats,
    open: account.push !== null || before.push !== null || account.settledSeats !== before.settledSeats,
    subscriptionStatus: look.subscriptionStatus,
    readAt,
  };
}
