/**
 * Seatbelt: seat counts in Postgres and in Stripe that cannot drift apart.
 * This is the whole public doorway; everything else is internal.
 */
export type { Alert, Logger, SentryLike } from './alerts/alerts.ts';
export { quantityFor } from './core/quantity-for.ts';
export { type Refusal, type RefusalCode, SeatRefused } from './core/refusals.ts';
export type {
  BillingBehavior,
  Cause,
  ForeignAnswer,
  ForeignCause,
  HostEvent,
  QuantitiesSeen,
  Terms,
  TermsInput,
} from './core/types.ts';
export { DatabaseError, type DatabaseFailure, type Executor, type HostDb } from './db/executor.ts';
export type { TickReport } from './duties/tick.ts';
export {
  CommandDropped,
  DatabaseUnavailable,
  InvalidInput,
  OutcomeUnknown,
  StripeUnavailable,
  UnknownOrganization,
} from './failures.ts';
export type { ResolvedOrganization, ResolveOrganization } from './first-purchases.ts';
export type * from './http/contract.ts';
export { failureResponse } from './http/failure-response.ts';
export type { Authorization, Authorize, Handler, Handlers } from './http/handlers.ts';
export type { LinkOptions, LinkReport } from './link.ts';
export type { HostListener } from './listeners.ts';
export { migrate } from './migrate.ts';
export type { HistoryEntry, HistoryQuery } from './seatbelt/history.ts';
export type { AccountsPage, StripeSide } from './seatbelt/reading.ts';
export {
  type AcceptedChange,
  type AddOptions,
  type CommandOptions,
  createSeatbelt,
  type DecidingOptions,
  type HolderOptions,
  type InTransaction,
  type ReceivedEventReport,
  type Resolution,
  type Said,
  type Seatbelt,
  type SeatbeltOptions,
  type SetOptions,
  type TransferOptions,
} from './seatbelt.ts';
export type { ChainReport, StoredEntry } from './store/audit-trail.ts';
export type { StoredHostEvent } from './store/host-events.ts';
export type { InstallationChainReport, InstallationEntry } from './store/installation-audit.ts';
export type { SettledPoint } from './store/settled-over-time.ts';
export type { SweepAnswer, SweepFinding, SweepRow } from './store/sweeps.ts';
export type { ItemFacts, PendingUpdateFacts, SubscriptionFacts } from './stripe/read-subscription.ts';
export type { SweepOptions, SweepReport } from './sweep/sweep-now.ts';
export type { Worker } from './worker.ts';
