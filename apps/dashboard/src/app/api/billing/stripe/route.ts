import { door } from '#server/door.ts';
import { readStripeSide } from '#server/stripe-side.ts';

/** What Stripe shows for the caller's organization right now. For the screens; the contract does not include it. */
export const GET = door('seats:read', ({ organization }) => readStripeSide(organization));
