import type { ChangeBody } from 'seatbelt';
import type { State } from 'seatbelt/operator';
import type { Heartbeat } from '../heartbeat.ts';

/** What Stripe was found to show, read at this moment. */
export type StripeSide =
  | { readonly known: true; readonly quantity: number | null; readonly subscriptionStatus: string }
  | { readonly known: false; readonly reason: string };

/** Everything an explanation is made from. */
export interface Facts {
  readonly state: State;
  readonly stripe: StripeSide;
  /** The change that ended or was asked for last; null: there was none. */
  readonly lastChange: ChangeBody | null;
  /** The worker's last round; null: none was ever seen. */
  readonly heartbeat: Heartbeat | null;
}

/** Plain sentences, in the order in which somebody in trouble asks for them. */
export interface Explanation {
  readonly headline: string;
  readonly whatIsTrue: readonly string[];
  readonly whatIsOpen: readonly string[];
  readonly whatHappensNext: readonly string[];
  readonly whatYouCanDo: readonly string[];
  /** Nothing of it ends by itself. */
  readonly needsPerson: boolean;
}
