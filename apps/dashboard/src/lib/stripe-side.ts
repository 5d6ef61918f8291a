/**
 * What Stripe itself shows for one organization, read at the moment of asking. Where it cannot be read it is unknown,
 * and the screen says so; the last known number is never shown in its place.
 */
export type StripeSideBody =
  | {
      readonly known: true;
      /** The quantity on the subscription item. */
      readonly quantity: number;
      /** The quantity that the settled seats stand for under the organization's terms. */
      readonly expectedQuantity: number;
      /** The settled seats at the time of reading. */
      readonly settledSeats: number;
      /** A change was open, or ended, while Stripe was read: the two numbers need not meet. */
      readonly open: boolean;
      readonly subscriptionStatus: string;
      /** ISO 8601. */
      readonly readAt: string;
    }
  | { readonly known: false; readonly reason: 'no_subscription' | 'unreachable' | 'missing'; readonly readAt: string };
