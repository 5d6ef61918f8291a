import type Stripe from 'stripe';
import type { Alert, Logger, SentryLike } from '../alerts/alerts.ts';
import type { QuantitiesSeen, TermsInput } from '../core/types.ts';
import type { databaseOf, HostDb } from '../db/executor.ts';
import type { ResolveOrganization } from '../first-purchases.ts';
import type { ChangeBody } from '../http/contract.ts';

/** What a host gives to `createSeatbelt`. */
export interface SeatbeltOptions {
  /** A connection string, a `pg` pool or a `postgres` client. Only what we open is closed by `close()`. */
  readonly db: Parameters<typeof databaseOf>[0];
  /** The host's own Stripe client (`stripe` >= 20). */
  readonly stripe: Stripe;
  /** Which installation this is. A database that belongs to another one is read but never pushed from. Default `SEATBELT_ENVIRONMENT`, else `production`. */
  readonly environment?: string;
  /** Secrets of the webhook endpoint; several while one is being rolled. */
  readonly webhookSecrets?: readonly string[];
  /** What `GET /api/seatbelt/tick` asks for as a bearer token. Without it that route is closed. */
  readonly tickSecret?: string;
  /** What `GET /api/metrics` asks for as a bearer token. Default `SEATBELT_API_KEY`; without either that route is closed. */
  readonly metricsKey?: string;
  /** The host's Sentry. `Sentry.init` stays the host's own business. */
  readonly sentry?: SentryLike;
  /** Called for every alert, besides log and Sentry. */
  readonly onAlert?: (alert: Alert) => void | Promise<void>;
  /** A pino logger, or anything with its methods. Default: silent. One that throws stops nothing; standard error tells of it. */
  readonly logger?: Logger;
  /** Terms of accounts that are linked without terms of their own. */
  readonly terms?: TermsInput;
  /**
   * Names the statements, so that each connection plans each of them once: about a third less time per change.
   * Default false, which works everywhere; set it on direct connections, never behind a transaction-mode pooler.
   */
  readonly prepare?: boolean;
  /**
   * Says which organization a new subscription is for, so that first purchases link themselves: told by webhook or found
   * by the sweep. null: none of ours. Throwing means: ask again later.
   */
  readonly resolveOrganization?: ResolveOrganization;
  /** How often Stripe's own list of events is read, in milliseconds. Default 30,000; 0: never in this process. */
  readonly eventsEveryMs?: number;
  /** How often everything is compared by the worker and the tick route, in milliseconds. Default a day; 0: never. */
  readonly sweepEveryMs?: number;
  /** How often your cron calls the tick route, in milliseconds; three times that without a call is told as silence. Default a minute. */
  readonly tickEveryMs?: number;
  /**
   * Requests a second that Stripe allows this account, of which Seatbelt uses four fifths, all processes together. Default
   * 100 with a live key and 25 with a test key, as Stripe documents it; where Stripe is not at api.stripe.com, nobody counts.
   */
  readonly stripeRequestsPerSecond?: number;
  /** Which seats this instance is about. Default `seat`. */
  readonly seatType?: string;
}

/** Said with every command. */
export interface CommandOptions {
  /** Who asks: an opaque id of the host's. Default `host`. */
  readonly actor?: string;
  readonly reason?: string;
  /** The same key gets the same change and its present state. Without one a repeated `add` is a second add. */
  readonly idempotencyKey?: string;
  /** How long to wait for the outcome, in milliseconds. Default 10,000; 0 answers right after the commit of the intent. Where money is bounded, a price has two seconds at least. */
  readonly waitMs?: number;
}

/** Said with a decision about a change that is there. */
export type DecidingOptions = Pick<CommandOptions, 'actor' | 'reason' | 'waitMs'>;

export interface SetOptions extends CommandOptions {
  /** Refuses with `seats_changed` when there is another number of seats now: guards against a stale screen. */
  readonly expectedSeats?: number;
  /** The quote whose price was shown. Stripe is asked once more, so it does not go with `db`. */
  readonly quote?: string;
}

export interface HolderOptions extends CommandOptions {
  /** Who sits there: opaque ids of the host's, as many as `quantity`. Without them the seats are anonymous. */
  readonly holders?: readonly string[];
}

export interface AddOptions extends HolderOptions {
  /** Reserve (for invites) instead of assign. */
  readonly reserve?: boolean;
  /** false: refuse with `no_seat_available` rather than buy. */
  readonly expand?: boolean;
  /**
   * Refuses with `seats_changed` rather than buy more seats than this, 1 or more: for a screen that said how many would be
   * bought, where somebody may have taken a free one since.
   */
  readonly buyAtMost?: number;
}

export interface TransferOptions extends CommandOptions {
  /**
   * Whose seats, as many as `quantity`: a bare id keeps its seat, with `{from, to}` it goes to somebody who has none. Default:
   * reserved seats without a named holder become assigned.
   */
  readonly holders?: readonly (string | { readonly from: string; readonly to: string })[];
}

/**
 * A command inside the host's own transaction: written there, never committed by us, carried out by `advance` or the worker. What
 * the transaction's client throws comes out as it is.
 */
export interface InTransaction {
  readonly db: HostDb;
}

/** What a command in a host's transaction returns: accepted, and true only if the host commits. */
export interface AcceptedChange {
  readonly change: ChangeBody;
}

/** Who stops, resumes or settles something, and why. */
export interface Said {
  /** Who says so: an opaque id of the host's. Default `host`. */
  readonly actor?: string;
  readonly reason?: string;
}

/** A person's word on a held account. */
export interface Resolution extends Said {
  /** `stripe`: what Stripe shows counts. `database`: Stripe is told what was agreed on last. */
  readonly by: 'stripe' | 'database';
  readonly reason: string;
  /**
   * The quantities the person saw when they decided. Refuses with `numbers_moved` where either is another one by now; without
   * it, those of the moment are meant.
   */
  readonly seen?: QuantitiesSeen;
}

/** What became of an event that was handed over. */
export interface ReceivedEventReport {
  /** How many accounts are looked at because of it. */
  readonly accounts: number;
  readonly seenBefore: boolean;
  /**
   * `other_livemode`: it is about test money and this installation is for live money, or the other way round. Nothing was
   * written. Answer Stripe with 200 all the same: a delivery more would change nothing.
   */
  readonly ignored?: 'other_livemode';
}
