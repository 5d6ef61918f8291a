import { quantityFor } from 'seatbelt';
import type { StripeSideBody } from '#lib/stripe-side.ts';
import { seatbelt } from './seatbelt.ts';

/** Reads Stripe now, through the engine. What cannot be read is unknown; nothing is remembered from before. */
export async function readStripeSide(organization: string): Promise<StripeSideBody> {
  const { account } = await seatbelt().inspect(organization);
  const readAt = new Date().toISOString();
  if (account.link === null) return { known: false, reason: 'no_subscription', readAt };
  const look = await seatbelt().lookAtStripe(organization);
  if (!look.known) return { known: false, reason: 'unreachable', readAt };
  if (look.quantity === null) return { known: false, reason: 'missing', readAt };
  return {
    known: true,
    quantity: look.quantity,
    expectedQuantity: quantityFor(account.settledSeats, account.terms),
    subscriptionStatus: look.subscriptionStatus,
    readAt,
  };
}
