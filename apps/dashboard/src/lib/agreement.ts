import type { SeatsBody } from 'seatbelt/http';
import type { StripeSideBody } from './stripe-side.ts';
import type { WhoFailed } from './who-failed.ts';

export type Agreement = 'meet' | 'apart' | 'open' | 'unknown';

/** What both sides said when they were read last. */
export interface Sides {
  readonly seats: SeatsBody | undefined;
  readonly stripe: StripeSideBody | undefined;
  /** The counts could not be read any more. */
  readonly databaseOld: boolean;
  /** Why the server could not say what Stripe shows; null: it could. */
  readonly failed: WhoFailed | null;
}

/** What Stripe shows, where that is known now. */
export function shownByStripe({ stripe, failed }: Sides): Extract<StripeSideBody, { known: true }> | null {
  return stripe?.known && failed === null ? stripe : null;
}

export function agreementOf(sides: Sides): Agreement {
  const { seats, databaseOld } = sides;
  const stripe = shownByStripe(sides);
  if (!seats || !stripe || databaseOld) return 'unknown';
  if (seats.pending || stripe.open || stripe.settledSeats !== seats.settledSeats) return 'open';
  return stripe.quantity === stripe.expectedQuantity ? 'meet' : 'apart';
}

export function agreementSentence(sides: Sides): string {
  const { seats } = sides;
  switch (agreementOf(sides)) {
    case 'meet':
      return shownByStripe(sides)?.quantity !== seats?.settledSeats
        ? 'The two sides agree: under the terms of this contract that many seats are billed.'
        : 'The two sides agree.';
    case 'open':
      return seats?.pending
        ? 'A change is open. The numbers meet again when it ends.'
        : 'A change has just ended. The numbers are being compared.';
    case 'apart':
      return 'The two sides differ. That is looked into by itself; nothing grows until it is explained.';
    case 'unknown':
      return unknownSentence(sides);
  }
}

function unknownSentence({ stripe, databaseOld, failed }: Sides): string {
  if (databaseOld) return 'The seats cannot be read, so the two cannot be compared now. It is asked again.';
  if (failed !== null) return unread[failed];
  if (stripe?.known === false && stripe.reason === 'no_subscription') return 'No Stripe subscription is linked.';
  if (stripe?.known === false && stripe.reason === 'missing') {
    return 'Stripe does not show the linked subscription item any more.';
  }
  return unread.stripe;
}

const unread: Readonly<Record<WhoFailed, string>> = {
  stripe: 'Stripe cannot be read at the moment, so its number is unknown. It is asked again.',
  database: 'The database cannot be read at the moment, so the two cannot be compared. It is asked again.',
  server: 'The server cannot answer at the moment, so Stripe’s number is unknown. It is asked again.',
  offline: 'This browser is offline, so Stripe’s number is unknown. It is asked again.',
  turned_away: 'The server does not tell Stripe’s number to this session any more.',
};
