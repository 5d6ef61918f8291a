/**
 * The HTTP contract in types: what goes over the wire, for handlers, dashboard, widget and tests.
 * No imports and no code, so that a browser bundle can use it.
 */

/** What a change of seats can be found as. `in_doubt` and `rollback_pending` are open; nobody knows the end yet. */
export type OutcomeStatus =
  | 'applied'
  | 'rolled_back'
  | 'awaiting_payment'
  /** A decrease that takes effect when the paid period is over. */
  | 'scheduled'
  /** More than the guard lets through: an owner decides. */
  | 'awaiting_approval'
  /** Accepted and on its way; not settled in the time the caller waited. */
  | 'requested'
  | 'in_doubt'
  /** Stripe refused, and the rollback could not be written yet. */
  | 'rollback_pending';

export type AccountStatus = 'active' | 'over_capacity' | 'held' | 'paused' | 'ended' | 'no_subscription';

/** GET /api/billing/seats */
export interface SeatsBody {
  /** Moves with whatever is written about the account. Of two readings the one with the larger number is the newer. */
  version: number;
  /** The database's time of this reading, ISO 8601. */
  readAt: string;
  status: AccountStatus;
  /** The seat count: what both sides agreed on, with all that is open. */
  purchasedSeats: number;
  /** What both sides agreed on last. */
  settledSeats: number;
  /** Assigned and reserved seats together. */
  usedSeats: number;
  /** Seats that somebody sits in, named or not. */
  assignedSeats: number;
  /** Seats that are promised: to invites, and to changes that wait. */
  reservedSeats: number;
  /** Seats that can be given out now, without buying any. */
  availableSeats: number;
  /** Fewer seats than this cannot be set. */
  minimumSeats: number;
  /** More seats than this cannot be bought; null: no such bound. */
  maximumSeats: number | null;
  /** `prepaid`: freeing a seat never shrinks billing. `follow`: billing follows the seats in use. */
  mode: 'prepaid' | 'follow';
  /** Whether whoever asked may change seats here; told by the door, which knows who asks. */
  mayChange?: boolean;
  /** What is open, parked changes not; null: nothing is. */
  pending: PendingBody | null;
  /** Why nothing can be bought until somebody, or a later look, resolves it; quantities are Stripe's, `since` is ISO 8601. */
  hold: { code: string; message: string; observedQuantity: number | null; cause: string | null; since: string } | null;
  /** Why nothing is written to Stripe; null: writing is not paused. */
  pausedReason: string | null;
  /** Those that are open. */
  incidents: IncidentBody[];
  /** The decrease that takes effect when the paid period is over: to how many seats, when (ISO 8601), by which change. */
  scheduled: { seats: number; at: string; change: string } | null;
  /** Purchases above the guard; an owner decides. */
  awaitingApproval: ChangeBody[];
  /** The subscription as Stripe showed it last; null: it was not read yet. */
  billing: BillingBody | null;
}

export interface BillingBody {
  /** `active`, `past_due` and so on, in Stripe's words. */
  subscriptionStatus: string;
  collectionMethod: string;
  /** When the paid period is over. */
  periodEnd: string | null;
  /** When the subscription ends. */
  cancelAt: string | null;
  collectionPaused: boolean;
  schedule: string | null;
  /** Where the newest invoice is paid, while it is open. */
  openInvoiceUrl: string | null;
}

export interface PendingBody {
  /**
   * What it waits for besides Stripe's answer, and until when; null: nothing. `stripe_quota`: Stripe's limit of changes or
   * invoices of one subscription is used up, and what comes meanwhile rides along. `stripe`: Stripe takes no more requests
   * right now. `settling`: a burst is collected.
   */
  waitingFor: { what: 'stripe_quota' | 'stripe' | 'settling'; until: string } | null;
  push: {
    id: string;
    state: 'intended' | 'in_doubt' | 'awaiting_payment';
    fromSeats: number;
    targetSeats: number;
    since: string;
    /** Why nobody knows, while in doubt. */
    doubt: string | null;
    nextAt: string;
    paymentUrl: string | null;
  } | null;
  changes: ChangeBody[];
}

export interface IncidentBody {
  id: string;
  kind: string;
  action: 'none' | 'watch' | 'act';
  message: string;
  openedAt: string;
  closedAt: string | null;
}

/** One accepted change. Times are ISO 8601. */
export interface ChangeBody {
  /** A UUID. */
  id: string;
  /** `set`: the number of seats that are paid for. The others give out, free or hand over seats; `add` may buy. */
  kind: 'set' | 'add' | 'remove' | 'assign' | 'transfer';
  status: OutcomeStatus;
  /** Seats of the request: how many are to be paid for (`set`), or how many are given out, freed or handed over. */
  quantity: number;
  /** The seat count before it: that it was accepted on, and once it is applied that it was made on. */
  seatsBefore: number;
  /** The seat count with it, by the same counts. */
  seatsAfter: number;
  /** Who asked: an opaque id of the host's. */
  actor: string;
  /** Why, in the words of whoever asked. */
  reason: string | null;
  /** Why it was rolled back: a stable code. */
  code: string | null;
  /** The same as a sentence. */
  message: string | null;
  /** It was rolled back because Stripe refused the payment, or because nobody made it. */
  payment: boolean;
  /** The later change that counts in its place. */
  supersededBy: string | null;
  /** When it was accepted. */
  requestedAt: string;
  /** When it was applied or rolled back; null: it is open. */
  endedAt: string | null;
  /** Scheduled: when it takes effect. Awaiting approval: when it lapses. */
  waitsUntil: string | null;
  /** Where to ask for its present state. */
  url: string;
}

/** Answer of POST and PUT /api/billing/seats, whatever the outcome. */
export interface SeatChangeBody {
  status: OutcomeStatus;
  /** true: applied. false: rolled back. null: nobody knows yet. */
  success: boolean | null;
  usedSeats: number;
  purchasedSeats: number;
  availableSeats: number;
  billingExpanded: boolean;
  change?: ChangeBody;
  /** The page where the payment is made, while awaiting payment. */
  paymentUrl?: string;
  /** A code and a sentence, where it was rolled back. */
  code?: string;
  message?: string;
}

/** GET /api/billing/seats/changes */
export interface ChangesBody {
  changes: ChangeBody[];
  /** Give this as `?before=` for older ones; null at the end. */
  before: number | null;
}

/** GET /api/billing/seats/changes/:id */
export interface ChangeDetailBody {
  change: ChangeBody;
  push: {
    id: string;
    outcome: 'open' | 'confirmed' | 'refused' | 'rolled_back' | 'held' | 'superseded';
    state: string;
    fromQuantity: number;
    targetQuantity: number;
    stripeRequestId: string | null;
    code: string | null;
    intendedAt: string;
    endedAt: string | null;
  } | null;
  audit: AuditBody[];
}

export interface AuditBody {
  sequence: number;
  kind: string;
  at: string;
  actor: string;
  reason: string | null;
  seatCountBefore: number;
  seatCountAfter: number;
  settledBefore: number;
  settledAfter: number;
  stripeRequestId: string | null;
  note: string;
  hash: string;
}

/** POST /api/billing/seats */
export type UsageRequest = {
  action: 'add' | 'remove' | 'assign' | 'transfer';
  quantity: number;
  /** Who sits there; for a transfer also `{from, to}`, where an invite becomes a user with another id. */
  holders?: (string | { from: string; to: string })[];
  /** Reserve instead of assign (invites). */
  reserve?: boolean;
  /** false: refuse rather than buy. */
  expand?: boolean;
  /** Refuse rather than buy more seats than this. */
  buyAtMost?: number;
  reason?: string;
};

/** PUT /api/billing/seats */
export interface PurchaseRequest {
  seats: number;
  expectedSeats?: number;
  quote?: string;
  reason?: string;
}

/** A line of the invoice that Stripe shows. `proration` is Stripe's word for it. */
export interface PreviewLine {
  description: string;
  amount: number;
  proration: boolean;
  /** `change`: the price of this change. `renewal`: of the period that comes. `earlier`: waits for the bill in any case. */
  part: 'change' | 'renewal' | 'earlier';
}

/** POST /api/billing/seats/preview; amounts in the currency's smallest unit. */
export interface PreviewBody {
  quote: string;
  /** What the invoice that Stripe shows for it would ask for: today's, or the next renewal's where none is made today. */
  amountDue: number;
  total: number;
  currency: string;
  /** What is charged when it is confirmed; 0 where nothing is invoiced today. */
  dueNow: number;
  /** The next regular invoice, with everything that waits for it. Nothing, and `at` null: the subscription ends before it. */
  atRenewal: { amountDue: number; total: number; at: string | null };
  /** For time that was paid and is given back, 0 or less; and for the time that is left. */
  credit: number;
  charge: number;
  tax: number;
  discount: number;
  lines: PreviewLine[];
  expiresAt: string;
}

/** GET /api/health */
export interface HealthBody {
  status: 'ok' | 'degraded' | 'down';
  /** `refuses_writes`: it answers, and the latest writes were refused because its disk is full or it is read-only. */
  database: 'ok' | 'refuses_writes' | 'down';
  stripe: 'ok' | 'down' | 'unknown';
  worker: 'ok' | 'silent' | 'unknown';
  /** What heals in the background. Absent where the database cannot be read. */
  duties?: DutyBody[];
}

/** When something in the background last succeeded. */
export interface DutyBody {
  /** `worker`: rounds of a worker or of the tick route. `events`: the list of events at Stripe. `sweep`: comparing everything. */
  name: 'worker' | 'events' | 'sweep';
  lastSuccessAt: string | null;
  /** It should have succeeded again by now. */
  silent: boolean;
}

/** RFC 9457, with the present counts where they could be read. */
export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  /** Which field or header of the request is wrong, for `invalid_input`. */
  field?: string;
  /** Where a change can be asked for that may or may not exist, for `outcome_unknown`. */
  changeUrl?: string;
  /** `quote_stale`: the price as it is now. */
  quote?: PreviewBody;
  counts?: { usedSeats: number; purchasedSeats: number; availableSeats: number };
}
