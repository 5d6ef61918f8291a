/**
 * The nouns of the engine. Times are milliseconds since 1970 by the database's clock; seats and quantities are whole numbers.
 * A state is a past-tense fact and is listed here once: the CHECK constraints and docs/states.md repeat these words.
 */

export type Organization = string;

/** What one organization's seats are billed by. Frozen on each push. */
export interface BillingBehavior {
  /** Stripe's `proration_behavior`. */
  readonly prorationBehavior: 'create_prorations' | 'always_invoice' | 'none';
  /** Stripe's `payment_behavior`. */
  readonly paymentBehavior: 'allow_incomplete' | 'pending_if_incomplete' | 'error_if_incomplete' | 'default_incomplete';
}

/** Who or what made Stripe show another quantity than was agreed on; those that the terms have an answer to. */
export type ForeignCause =
  | 'portal'
  | 'dashboard'
  | 'other_program'
  | 'schedule_phase'
  | 'pending_update'
  | 'extra_item'
  | 'price_replaced'
  /** The evidence does not tell. */
  | 'unknown';

/** Why Stripe and settled differ, or why somebody is billed who should not be. */
export type Cause =
  | ForeignCause
  /** A write of ours that came late, or ran twice. Always reversed, never adopted. */
  | 'lost_write'
  | 'duplicate_subscription'
  | 'item_missing';

/** `adopt`: what Stripe shows counts. `revert`: what was agreed on is written again. `hold`: a person is asked. */
export type ForeignAnswer = 'adopt' | 'revert' | 'hold';
/** How a decrease is billed, and when it takes effect. */
export interface DecreaseBehavior extends BillingBehavior {
  /** `now`: at once, with the credit that `prorationBehavior` gives. `period_end`: when the paid period is over, without. */
  readonly when: 'now' | 'period_end';
}

/** Above this, buying waits for an owner's approval. null: no such bound. */
export interface Guard {
  /** Seats bought within 24 hours. */
  readonly seatsPerDay: number | null;
  /** Recurring money bought within 24 hours, in the smallest unit of the subscription's currency. */
  readonly amountPerDay: number | null;
}

/** The terms of one organization. */
export interface Terms {
  /** `prepaid`: freeing a seat never shrinks billing. `follow`: billing follows use both ways. */
  readonly mode: 'prepaid' | 'follow';
  readonly minimumSeats: number;
  /** null: no maximum. */
  readonly maximumSeats: number | null;
  /** Seats that cost nothing: they are not part of Stripe's quantity. */
  readonly includedSeats: number;
  /** Stripe's quantity never goes below this (contract minimum). */
  readonly minimumQuantity: number;
  readonly increase: BillingBehavior;
  /** What becomes of a quantity that was changed elsewhere, by its cause. A cause that is not named: `hold`. */
  readonly onForeignChange: Readonly<Partial<Record<ForeignCause, ForeignAnswer>>>;
  readonly decrease: DecreaseBehavior;
  /** Seats taken one after the other are billed together once nobody took one for this long. 0: at once. */
  readonly settleMs: number;
  /** Nobody waits for others longer than this. */
  readonly maxWaitMs: number;
  readonly guard: Guard;
}

/** Terms as somebody says them: only what differs from the terms they are said over. */
export type TermsInput = Partial<Omit<Terms, 'increase' | 'decrease' | 'guard'>> & {
  readonly increase?: Partial<BillingBehavior>;
  readonly decrease?: Partial<DecreaseBehavior>;
  readonly guard?: Partial<Guard>;
};

/** Where an account is billed. */
export interface StripeLink {
  readonly customer: string;
  readonly subscription: string;
  readonly item: string;
}

export type ChangeKind = 'set' | 'add' | 'remove' | 'assign' | 'transfer';
export type ChangeStatus =
  | 'requested'
  | 'awaiting_payment'
  /** Parked until the paid period is over: outside the seat count. */
  | 'scheduled'
  /** Parked until an owner has decided: outside the seat count, and it holds nothing. */
  | 'awaiting_approval'
  | 'applied'
  | 'rolled_back';

/** One accepted request. It ends exactly once, `applied` or `rolled_back`. */
export interface SeatChange {
  readonly id: string;
  /** Order of acceptance within the account. */
  readonly number: number;
  readonly kind: ChangeKind;
  readonly status: ChangeStatus;
  /** The push that carries it, or carried it. */
  readonly push: string | null;
  /** `set`: the absolute seat count asked for. */
  readonly setSeats: number | null;
  /** `add`, and `remove` under follow terms: what it adds to the seat count. */
  readonly delta: number;
  /** As requested: seats of the request, for people and history. */
  readonly quantity: number;
  /** Seats that it holds reserved while it waits. They vanish with it. */
  readonly takes: number;
  /** The named ones among `takes`. */
  readonly holders: readonly string[];
  /** Its seats end as reserved (invites) instead of assigned. */
  readonly reserve: boolean;
  /** The moment a confirmed quote was calculated for, in Unix seconds: Stripe prorates from it. */
  readonly prorationDate: number | null;
  /** Another open change that holds the seats of this one's holders: it ends as that one ends. */
  readonly hangsOn: string | null;
  /** It was in a joint push that was refused and is to be tried alone. */
  readonly alone: boolean;
  /** `scheduled`: when it takes effect, kept afterwards. `awaiting_approval`: when it lapses. */
  readonly waitsUntil: number | null;
  /**
   * `awaiting_approval`: the request, to be accepted anew once it is approved. It is kept: a change that has one and is on its
   * way, or was made, was approved by an owner. null: it needed no approval (`isUnapproved`).
   */
  readonly asked: SeatRequest | null;
  /** What it adds to the bill of each period, in the smallest unit of the currency, where the guard wanted to know it. */
  readonly amount: number | null;
  readonly idempotencyKey: string | null;
  /** Canonical text of the request, to tell the same key with another request. */
  readonly fingerprint: string;
  readonly actor: string;
  readonly reason: string | null;
  /**
   * The seat count that it was accepted on; once it is applied, the one that it was made on. `seatsAfter` less this is what a
   * `set` was accepted to buy, so `allowance.ts` rewrites it where an open one may buy more or less.
   */
  readonly seatsBefore: number;
  /** The seat count that it asked for, by the counts of its acceptance; once it is applied, what came of it. */
  readonly seatsAfter: number;
  /** Why it was rolled back: a stable code. */
  readonly code: string | null;
  readonly message: string | null;
  /** It was rolled back because Stripe refused the payment, or because nobody made it. */
  readonly payment: boolean;
  readonly supersededBy: string | null;
  readonly requestedAt: number;
  readonly endedAt: number | null;
}

export interface SeatsAndQuantity {
  readonly seats: number;
  readonly quantity: number;
}

/** The request of a push, verbatim. A replay sends exactly this. */
export interface StripeRequest {
  readonly path: string;
  /** Form-encoded body. */
  readonly body: string;
  readonly apiVersion: string;
}

export type PushState = 'intended' | 'in_doubt' | 'awaiting_payment';

/** One Stripe write, while it is open. Lives on the account's row. */
export interface OpenPush {
  readonly id: string;
  readonly state: PushState;
  /** Why it was opened: by changes of users, by an operator, or to take back a late write of ours or a foreign change. */
  readonly origin: 'changes' | 'late_write' | 'resolve' | 'revert';
  /** New keys used after spent ones; the idempotency key is `id:generation`. */
  readonly generation: number;
  readonly link: StripeLink;
  readonly request: StripeRequest;
  readonly from: SeatsAndQuantity;
  readonly target: SeatsAndQuantity;
  readonly changes: readonly string[];
  /** The seats after each of these changes, as they were counted for this push. Absent on rows of older versions. */
  readonly counts?: readonly number[];
  readonly intendedAt: number;
  /** When the present key may first have been used. */
  readonly keySince: number;
  /** Sends begun under the present key. 0: committed in a host's transaction and not yet sent. */
  readonly attempt: number;
  /** Sends under the present key that may have run. 1 on the only send; a 429 on it takes it back to 0. */
  readonly unproven: number;
  /** The latest send under the present key whose answer was weighed: the same answer must not count twice. */
  readonly answered: number;
  readonly lastSentAt: number | null;
  /** Consecutive tries that brought no decision; the index into the delays. */
  readonly tries: number;
  /** Whether the latest of them was turned away for a quota of the subscription. Absent: it was not asked yet, or on older rows. */
  readonly overQuota?: boolean;
  readonly serverErrors: number;
  readonly firstServerErrorAt: number | null;
  /** What comes next while in doubt: the same request again, or reading Stripe. */
  readonly next: 'replay' | 'look';
  /** Why reading decides: a spent key allows a new generation, everything else ends in a rollback when `from` is shown. */
  readonly lookFor: 'spent_key' | 'stale_key' | 'unclear_refusal' | null;
  readonly nextAt: number;
  readonly doubt: { readonly since: number; readonly reason: string } | null;
  readonly payment: {
    readonly invoice: string | null;
    readonly url: string | null;
    readonly expiresAt: number | null;
  } | null;
  /** Its invoice is being voided. Absent and null: it is not. */
  readonly withdrawal?: Withdrawal | null;
  readonly requestId: string | null;
}

/**
 * Voiding the invoice of a push that waits for its payment: a later change takes its place, somebody canceled a change of it,
 * Stripe dropped it, or the subscription has ended. Its own key is the push's id and this generation. What Stripe answers proves
 * nothing here: the invoice is read afterwards, and paid or void decides.
 */
export interface Withdrawal {
  readonly generation: number;
  /** Sends begun, under whatever generation. */
  readonly attempt: number;
  readonly next: 'send' | 'look';
  /** Changes that end when the invoice is void; the others are asked for anew. */
  readonly dropped: readonly string[];
  /** Nobody here wants it gone: Stripe dropped the change, or the subscription has ended, and paying its invoice would bring nothing. */
  readonly orphaned?: true;
}

/** A push that ended; history. */
export interface EndedPush {
  readonly push: OpenPush;
  /**
   * `superseded`: it was not paid and its invoice is void, or it never ran before the period that its decrease was to end with
   * was over, and has none. Its changes ride in a later push, but for those that its withdrawal dropped.
   */
  readonly outcome: 'confirmed' | 'refused' | 'rolled_back' | 'held' | 'superseded';
  readonly code: string | null;
  readonly message: string | null;
  readonly requestId: string | null;
  readonly endedAt: number;
}

/** Looks still to make after a push without a clean first answer. */
export interface Tail {
  readonly push: string;
  /** The quantity that a late write of this push would set. */
  readonly targetQuantity: number;
  /**
   * true: its late write may still be made, so its target showing up is that. So it is after each rollback that is watched,
   * and after a confirmation that does not prove each of its keys used up: by reading, or under a later key.
   */
  readonly rolledBack: boolean;
  /** The push was confirmed, by reading or by an answer that was not its first. Absent where it was not, and on older rows. */
  readonly confirmed?: boolean;
  readonly dueAt: readonly number[];
  /** How its request was prorated, so that its late write is taken back the same way. Absent on rows of older versions. */
  readonly prorationBehavior?: BillingBehavior['prorationBehavior'];
}

/** An item of a subscription beside ours. */
export interface OtherItem {
  readonly id: string;
  readonly price: string | null;
  /** null for a metered price. */
  readonly quantity: number | null;
}

/** A subscription as one reading of Stripe, or one fresh answer to a push, showed it. Rules read this and never Stripe. */
export interface Observation {
  /** `active`, `past_due`, `canceled` and so on, in Stripe's words. */
  readonly status: string;
  /** `charge_automatically` or `send_invoice`. */
  readonly collectionMethod: string;
  /** The item this account is billed by; null: it is not on the subscription. */
  readonly item: {
    readonly id: string;
    readonly price: string | null;
    /** null for a metered price. */
    readonly quantity: number | null;
    readonly currentPeriodStart: number | null;
    readonly currentPeriodEnd: number | null;
  } | null;
  readonly otherItems: readonly OtherItem[];
  /** Stripe listed only a part of the items, so `otherItems` is not all of them. */
  readonly moreItems: boolean;
  readonly cancelAt: number | null;
  readonly cancelAtPeriodEnd: boolean;
  /** The schedule that manages the subscription. */
  readonly schedule: string | null;
  /** How invoices are treated while collection is paused: Stripe's `pause_collection.behavior`. */
  readonly pausedCollection: string | null;
  /** What is applied once its invoice is paid. */
  readonly pendingUpdate: {
    readonly expiresAt: number | null;
    readonly items: readonly { readonly id: string; readonly quantity: number | null; readonly price: string | null }[];
  } | null;
  /** `status` and `url` are null where Stripe gave only the id. */
  readonly latestInvoice: {
    readonly id: string;
    readonly status: string | null;
    readonly url: string | null;
  } | null;
  /** The organization that the subscription's metadata names, if any. */
  readonly organization: string | null;
}

/** When quantities were asked for, and invoices with them; oldest first, no older than the quotas look back. */
export interface QuotaUsed {
  readonly updates: readonly number[];
  readonly invoices: readonly number[];
}

/** The newest observation, kept on the account. `at`: what it shows is not older than this. */
export interface Observed extends Observation {
  readonly at: number;
}

/** Why the account takes no billing changes until someone, or a later look, resolves it. */
export interface Hold {
  readonly since: number;
  readonly code: 'drift' | 'unsettled_push' | 'item_missing' | 'subscription_missing' | 'generations_used';
  /** Stripe's quantity when it was found; null where there was no item. */
  readonly observedQuantity: number | null;
  /** null: it is not about a difference that has one. */
  readonly cause: Cause | null;
  readonly message: string;
}

export interface Account {
  readonly organization: Organization;
  readonly seatType: string;
  readonly version: number;
  readonly link: StripeLink | null;
  readonly status: 'active' | 'held' | 'ended';
  readonly hold: Hold | null;
  readonly pausedReason: string | null;
  readonly terms: Terms;
  readonly settledSeats: number;
  readonly seatCount: number;
  /** All seats in use, named and anonymous. */
  readonly assigned: number;
  /** All seats promised: invites, and those that wait on a change. */
  readonly reserved: number;
  readonly anonymousAssigned: number;
  readonly anonymousReserved: number;
  readonly changeCount: number;
  /** What the guard counts; null: nothing was bought in the last 24 hours, or there is no guard. */
  readonly spent: Spent | null;
  readonly push: OpenPush | null;
  readonly tails: readonly Tail[];
  /** Wishes for a look so far, and how many of them a look has answered. */
  readonly marks: number;
  readonly marksSeen: number;
  readonly lookTries: number;
  readonly nextLookAt: number | null;
  readonly lookedAt: number | null;
  /** null until Stripe has been read for the present link. */
  readonly observed: Observed | null;
  /** When foreign changes were put back lately; two within a day and a person is asked. */
  readonly revertedAt: readonly number[];
  /** When late writes of our own were reversed lately; too many within a day, and a person is asked. */
  readonly reversedAt: readonly number[];
  /** What of Stripe's quotas of the subscription is used. */
  readonly quotaUsed: QuotaUsed;
  readonly dueAt: number | null;
  readonly audit: { readonly length: number; readonly head: string };
}

/** What another quantity costs more in each period, in the smallest unit of the currency; asked of Stripe for the guard. */
export interface Price {
  readonly from: number;
  readonly target: number;
  readonly amount: number;
}

/** What was bought without an approval, by when it was applied; oldest first, no older than the guard looks back. */
export interface Spent {
  readonly slots: readonly SpentSlot[];
}

/** What was bought within one of the guard's slots of time. */
export interface SpentSlot {
  /** When the slot begins. */
  readonly at: number;
  readonly seats: number;
  /** Per period, in the smallest unit of the currency. */
  readonly amount: number;
}

export interface HolderRow {
  readonly holder: string;
  readonly state: 'assigned' | 'reserved';
  /** The open change that its seat hangs on. */
  readonly change: string | null;
}

export interface Incident {
  readonly id: string;
  readonly kind:
    | 'rollback_failed'
    | 'in_doubt'
    | 'stripe_key_refused'
    | 'stripe_key_forbidden'
    | 'idempotency_broken'
    | 'drift'
    | 'late_write'
    | 'overwritten_foreign_change'
    | 'held'
    | 'late_rollback'
    | 'schedule_missed'
    | 'duplicate_subscription'
    | 'payment_overdue'
    | 'over_capacity'
    | 'paid_for_nothing';
  readonly action: 'none' | 'watch' | 'act';
  readonly push: string | null;
  /** What made the two sides differ, where it is about that. */
  readonly cause: Cause | null;
  readonly message: string;
  readonly openedAt: number;
  readonly closedAt: number | null;
}

/**
 * What an event of Stripe's told about the item of an account, kept under the mark that it made. The event is a reason to
 * look and never a fact to store: this says who did what the look shows.
 */
export interface MarkReason {
  readonly mark: number;
  readonly eventType: string;
  /** Of our item, where the event tells that it was changed. */
  readonly quantityBefore: number | null;
  /** Of our item, where the event shows it. */
  readonly quantityAfter: number | null;
  /** The API request that caused it; null: nobody's program. */
  readonly requestId: string | null;
  readonly key: string | null;
  /** The push of ours that sent it. `outcome` is null while it is open. */
  readonly push: {
    readonly id: string;
    readonly fromQuantity: number;
    readonly outcome: EndedPush['outcome'] | null;
  } | null;
  /** The customer had opened the customer portal within the hour before. */
  readonly portalSession: boolean;
}

/** What `load` brings: one consistent picture by one statement. */
export interface State {
  readonly account: Account;
  /** Changes that have not ended, by number; those of the open push among them, parked ones not. */
  readonly waiting: readonly SeatChange[];
  /** Changes that wait for a date or for an approval, by number. They move no count. */
  readonly parked: readonly SeatChange[];
  /** Changes by the idempotency keys the commands named. */
  readonly keys: ReadonlyMap<string, SeatChange>;
  /** Seats by the holders the commands named. */
  readonly holders: ReadonlyMap<string, HolderRow>;
  readonly incidents: readonly Incident[];
  /** Set when this installation may not write to Stripe at all. */
  readonly installationPaused: string | null;
  /** Whether the database said so itself, by a pause of everything. A commit holds this against what it says by then. */
  readonly pauseRead: boolean;
  /**
   * Another account's push is open on this subscription: accounts of two seat types share one, and a commit was turned down
   * for it. Absent: as far as is known none is.
   */
  readonly subscriptionBusy?: boolean;
  /** The database's time. */
  readonly now: number;
}

/** The state that a quote was calculated for; it is good only while that state stands. */
export interface Quote {
  readonly id: string;
  /** Found, not expired, for the number of seats asked for, and Stripe says the same price as then. */
  readonly valid: boolean;
  /** Our side of what it depends on, as it was when Stripe said so (`quotedState`). */
  readonly state: string;
  /** The moment that the price was calculated for, in Unix seconds: Stripe prorates from it. */
  readonly prorationDate: number;
}

/** What a client of the engine asks for. */
export interface RequestBase {
  /** Made by the client, so that a commit in doubt can be recognised. */
  readonly changeId: string;
  readonly idempotencyKey: string | null;
  readonly actor: string;
  readonly reason: string | null;
}
export type SeatRequest = RequestBase &
  (
    | {
        readonly type: 'set';
        readonly seats: number;
        readonly expectedSeats?: number;
        /** What a confirmed quote was bound to. */ readonly quote?: Quote;
        /** Absent: not asked yet. null: Stripe did not say. */
        readonly price?: Price | null;
      }
    | {
        readonly type: 'add';
        readonly quantity: number;
        readonly holders?: readonly string[];
        readonly reserve?: boolean;
        readonly expand?: boolean;
        /** Seats whose purchase was agreed to; absent: as many as are missing. */ readonly buyAtMost?: number;
        readonly price?: Price | null;
      }
    | { readonly type: 'remove'; readonly quantity: number; readonly holders?: readonly string[] }
    | { readonly type: 'assign'; readonly quantity: number; readonly holders?: readonly string[] }
    | {
        readonly type: 'transfer';
        readonly quantity: number;
        /** The reserved seat's holder, and who sits there from now on (the same id where only the state changes). */
        readonly holders?: readonly { readonly from: string; readonly to: string }[];
      }
  );

/** What Stripe said to one send, without the SDK's classes. */
export type Answer =
  | {
      readonly kind: 'success';
      /** false: not the object, ids or shape that were asked for (a 404 without an error body resolves as success). */
      readonly expectedObject: boolean;
      readonly quantity: number | null;
      readonly pendingUpdate: {
        readonly invoice: string | null;
        readonly url: string | null;
        readonly expiresAt: number | null;
      } | null;
      readonly replayed: boolean;
      /** The subscription in the answer; null where it is not the one that was asked for. */
      readonly observation: Observation | null;
      readonly requestId: string | null;
    }
  | {
      readonly kind: 'error';
      readonly status: number;
      readonly type: string | null;
      readonly code: string | null;
      readonly declineCode: string | null;
      readonly message: string;
      readonly replayed: boolean;
      /** `Stripe-Rate-Limited-Reason` on a 429. */
      readonly rateLimitedReason: string | null;
      readonly requestId: string | null;
    }
  /** Nothing, or not all of it, came back. */
  | {
      readonly kind: 'no_answer';
      readonly reason: 'timeout' | 'connection' | 'cut_body';
      readonly message: string;
    };

/** What reading Stripe showed. */
export type LookResult =
  | {
      readonly kind: 'seen';
      readonly observation: Observation;
      /** The invoice that the open push waits for, read before the subscription; null or absent: there is none to read. */
      readonly invoice?: { readonly id: string; readonly status: string | null; readonly url: string | null } | null;
      readonly requestId: string | null;
    }
  | { readonly kind: 'gone'; readonly requestId: string | null }
  /** `tooManyRequests`: Stripe turned it away because the account asks too often. */
  | { readonly kind: 'failed'; readonly message: string; readonly tooManyRequests?: boolean };

export type Command =
  | { readonly type: 'request'; readonly request: SeatRequest }
  /** Folds what waits into a push. `sendNow`: this process sends it right after the commit. */
  | { readonly type: 'fold'; readonly pushId: string; readonly sendNow: boolean }
  /** The next thing that is due: called with the lease held. */
  | { readonly type: 'wake'; readonly pushId: string }
  | {
      readonly type: 'answer';
      readonly push: string;
      readonly generation: number;
      readonly attempt: number;
      readonly answer: Answer;
      /** Commits of this very answer that failed before; they make the incident of G3. */
      readonly commitFailures?: { readonly count: number; readonly error: string } | undefined;
      /** The id for the push that may follow. */
      readonly pushId: string;
    }
  | {
      readonly type: 'looked';
      readonly look: LookResult;
      readonly pushId: string;
      /**
       * The database's time and the mark counter of the state that the look began on. The state it is committed against
       * may have been loaded after it: marks do not move the version, and what they ask for is a look that begins later.
       */
      readonly began?: { readonly at: number; readonly marks: number } | undefined;
      /** What the events told that the look answers, in the order of their marks. */
      readonly reasons?: readonly MarkReason[] | undefined;
    }
  /** What Stripe answered to the voiding of an invoice. `refused`: an error, which is stored under its key. */
  | {
      readonly type: 'withdrawn';
      readonly push: string;
      readonly attempt: number;
      readonly refused: boolean;
    }
  /** Takes back a change that has not taken effect. */
  | { readonly type: 'cancel'; readonly change: string; readonly actor: string; readonly reason: string | null }
  | {
      readonly type: 'approve';
      readonly change: string;
      /** Every holder that the request names, so that they are loaded with it. */
      readonly holders: readonly string[];
      readonly pushId: string;
      readonly actor: string;
      readonly reason: string | null;
    }
  | { readonly type: 'decline'; readonly change: string; readonly actor: string; readonly reason: string | null }
  /** What settles down is told to Stripe now. */
  | { readonly type: 'flush'; readonly pushId: string }
  | { readonly type: 'pause'; readonly reason: string; readonly actor: string }
  | { readonly type: 'resume'; readonly actor: string; readonly reason: string | null }
  | {
      readonly type: 'change_terms';
      readonly terms: TermsInput;
      /** The id for the push that follows where the new terms bill another quantity. */
      readonly pushId?: string | undefined;
      readonly actor: string;
      readonly reason: string | null;
    }
  /** Another subscription bills from now on: the first one, or after the former one ended. */
  | { readonly type: 'relink'; readonly link: StripeLink; readonly actor: string; readonly reason: string | null }
  /** The other subscriptions that bill the same customer for seats, as they were read just now. */
  | {
      readonly type: 'duplicates';
      readonly subscriptions: readonly { readonly subscription: string; readonly quantity: number }[];
    }
  /** An operator's word on a held account: what Stripe shows counts, or what was agreed on last. */
  | {
      readonly type: 'resolve';
      readonly pushId: string;
      readonly by: 'stripe' | 'database';
      /** The quantities that the person saw when they decided; without them, those of the moment are meant. */
      readonly seen?: QuantitiesSeen;
      readonly actor: string;
      readonly reason: string;
    };

/** What a person saw on the two sides, in Stripe's quantities. */
export interface QuantitiesSeen {
  /** What Stripe bills; null: there was no item to be seen. */
  readonly observed: number | null;
  /** What was agreed on last. */
  readonly expected: number;
}

export type AuditKind =
  | 'linked'
  | 'change_requested'
  | 'change_applied'
  | 'change_rolled_back'
  | 'push_intended'
  | 'push_sent'
  | 'push_sent_again'
  | 'push_backed_off'
  | 'push_in_doubt'
  | 'push_awaiting_payment'
  | 'push_withdrawn'
  | 'push_superseded'
  | 'change_parked'
  | 'change_cancel_asked'
  | 'change_approved'
  | 'schedule_moved'
  | 'schedule_due'
  | 'push_confirmed'
  | 'push_refused'
  | 'push_held'
  | 'looked'
  | 'drift_found'
  | 'late_write_found'
  | 'foreign_change_adopted'
  | 'foreign_change_reverted'
  | 'overwrite_found'
  | 'hold_released'
  | 'subscription_ended'
  | 'terms_changed'
  | 'paused'
  | 'resumed'
  | 'incident_opened'
  | 'incident_closed';

/** One step, as it goes into the append-only trail. */
export interface AuditEntry {
  readonly kind: AuditKind;
  readonly at: number;
  readonly change: string | null;
  readonly push: string | null;
  readonly actor: string;
  readonly reason: string | null;
  readonly seatCountBefore: number;
  readonly seatCountAfter: number;
  readonly settledBefore: number;
  readonly settledAfter: number;
  readonly usedBefore: number;
  readonly usedAfter: number;
  readonly requestId: string | null;
  /** A full sentence for people. */
  readonly note: string;
}

export interface HostEvent {
  readonly type:
    | 'seat.ready'
    | 'seat.released'
    | 'change.applied'
    | 'change.rolled_back'
    | 'change.in_doubt'
    | 'change.awaiting_payment'
    | 'change.scheduled'
    | 'change.awaiting_approval'
    | 'incident.opened'
    | 'incident.closed'
    | 'account.ended';
  readonly change: string | null;
  readonly data: Readonly<Record<string, string | number | boolean | null | readonly string[]>>;
}

/** Everything one commit writes besides the account: one net write per row. */
export interface Records {
  readonly changes: readonly SeatChange[];
  /** null: the row is deleted. */
  readonly holders: ReadonlyMap<string, HolderRow | null>;
  readonly pushesOpened: readonly OpenPush[];
  readonly pushesEnded: readonly EndedPush[];
  readonly incidents: readonly Incident[];
  readonly audit: readonly AuditEntry[];
  readonly events: readonly HostEvent[];
}

/** What to do at Stripe once the commit is done. */
export type Effect =
  | { readonly type: 'none' }
  | { readonly type: 'send'; readonly push: OpenPush }
  /** Void the invoice that the push waits for. */
  | { readonly type: 'withdraw'; readonly push: OpenPush }
  | { readonly type: 'look' };

export interface Decision {
  /** The state as it stands once the commit is done. */
  readonly state: State;
  readonly records: Records;
  readonly effect: Effect;
  /** false: nothing to write, so nothing is committed (a repeated key, a wake with nothing due). */
  readonly changed: boolean;
  /** The change this command made or found, for requests. */
  readonly change: SeatChange | null;
}
