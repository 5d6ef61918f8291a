/**
 * What the checker is given: plain data, read through public doors after a run, and what the clients were told during it.
 * Nothing in this folder imports anything of the engine.
 */

export interface AgreedTerms {
  readonly mode: 'prepaid' | 'follow';
  readonly includedSeats: number;
  readonly minimumQuantity: number;
  /** `at_once`: an increase is invoiced and paid in the same request, or refused. */
  readonly charged: 'later' | 'at_once';
}

/** What was agreed with a customer before the run. */
export interface AgreedOrganization {
  readonly id: string;
  readonly subscription: string;
  readonly item: string;
  readonly customer: string;
  readonly seats: number;
  readonly used: number;
  readonly terms: AgreedTerms;
  /** Somebody else changed its quantity at Stripe; the load left it alone. */
  readonly foreign: boolean;
}

/** One thing that one client wanted, under one idempotency key, however often it had to ask. */
export interface Story {
  readonly id: string;
  readonly organization: string;
  readonly key: string;
  readonly method: 'POST' | 'PUT';
  readonly body: Readonly<Record<string, unknown>>;
  readonly want: Want;
  readonly attempts: Attempt[];
  /** `again`: a second life after everything had come to rest, with the key of the first. */
  readonly afterwards: Attempt[];
}

export type Want =
  | { readonly kind: 'set'; readonly seats: number }
  | {
      readonly kind: 'add' | 'assign';
      readonly quantity: number;
      readonly holders: readonly string[];
      readonly reserve: boolean;
    }
  | { readonly kind: 'remove'; readonly quantity: number; readonly holders: readonly string[] }
  | { readonly kind: 'transfer'; readonly from: string; readonly to: string };

export interface Attempt {
  /** The process that was asked. */
  readonly pid: number | null;
  /** Milliseconds since 1970, by the clock of this machine, which all processes share. */
  readonly sentAt: number;
  readonly heardAt: number;
  readonly heard: Heard;
}

/** What a client was told, in the words of the HTTP contract. */
export type Heard =
  /** An accepted change and how it stands. */
  | {
      readonly is: 'change';
      readonly status: string;
      readonly success: boolean | null;
      readonly change: string;
      readonly http: number;
    }
  /** Turned down before anything was written. */
  | { readonly is: 'refused'; readonly code: string; readonly http: number }
  /** Not taken, and the answer says that nothing was written. */
  | { readonly is: 'nothing_written'; readonly code: string; readonly http: number }
  /** The answer says that nobody knows. */
  | { readonly is: 'unknown'; readonly code: string; readonly http: number }
  /** No answer, or half of one. */
  | { readonly is: 'silence'; readonly why: string }
  /** An answer that the contract does not have. */
  | { readonly is: 'nonsense'; readonly http: number; readonly text: string };

/** A reading of GET /api/billing/seats while things went wrong. */
export interface Peek {
  readonly at: number;
  readonly organization: string;
  readonly assigned: number;
  readonly used: number;
  readonly settled: number;
  readonly purchased: number;
}

/** seatbelt.organization_seats */
export interface SeatsRow {
  readonly organization: string;
  readonly seatCount: number;
  readonly settledSeats: number;
  readonly usedSeats: number;
  readonly subscription: string | null;
  readonly item: string | null;
  readonly pushState: string | null;
}

/** seatbelt.holders */
export interface HolderSeen {
  readonly organization: string;
  readonly holder: string;
  readonly state: string;
  readonly change: string | null;
}

/** GET /api/billing/seats/changes */
export interface ChangeSeen {
  readonly id: string;
  readonly kind: string;
  readonly status: string;
  readonly quantity: number;
  readonly seatsBefore: number;
  readonly seatsAfter: number;
  readonly reason: string | null;
  readonly code: string | null;
  readonly requestedAt: number;
  readonly endedAt: number | null;
}

/** GET /api/billing/seats */
export interface Screen {
  readonly status: string;
  readonly open: boolean;
  readonly hold: string | null;
  readonly incidents: readonly { readonly id: string; readonly kind: string; readonly action: string }[];
}

/** One line of `seatbelt audit export`. */
export interface TrailLine {
  readonly sequence: number;
  readonly entry: string;
  readonly hash: string;
}

/** GET /v1/subscriptions */
export interface SubscriptionSeen {
  readonly id: string;
  readonly status: string;
  readonly items: readonly { readonly id: string; readonly quantity: number | null }[];
}

/** A `customer.subscription.updated` of GET /v1/events that moved a quantity. */
export interface QuantityEvent {
  readonly id: string;
  /** Seconds since 1970: Stripe has no finer time. */
  readonly created: number;
  readonly subscription: string;
  readonly from: number;
  readonly to: number;
  readonly key: string | null;
  readonly request: string | null;
}

export interface AlertSeen {
  readonly fingerprint: string;
  readonly level: string;
  readonly message: string;
}

export interface Evidence {
  readonly organizations: readonly AgreedOrganization[];
  readonly stories: readonly Story[];
  readonly peeks: readonly Peek[];
  readonly rows: readonly SeatsRow[];
  readonly holders: readonly HolderSeen[];
  readonly changes: ReadonlyMap<string, readonly ChangeSeen[]>;
  readonly screens: ReadonlyMap<string, Screen>;
  readonly trails: ReadonlyMap<string, readonly TrailLine[]>;
  /** What `seatbelt audit verify` says: it knows length and head, which the export does not have. */
  readonly verified: readonly { readonly organization: string; readonly why: string }[];
  readonly subscriptions: readonly SubscriptionSeen[];
  readonly events: readonly QuantityEvent[];
  readonly alerts: readonly AlertSeen[];
  /** What was wrong with the simulated Stripe itself, in its own words. */
  readonly stripeViolations: readonly string[];
  /** When the last fault was over. */
  readonly quietAt: number;
  /** When every account was at rest; null: not within the ticks allowed. */
  readonly restedAt: number | null;
  /** Accounts that were open when that time was over. */
  readonly restless: readonly { readonly organization: string; readonly pushState: string | null }[];
  /** How long that may take, in milliseconds. */
  readonly settleWithinMs: number;
}

export interface Finding {
  readonly guarantee: string;
  readonly message: string;
  readonly organization: string | null;
}
