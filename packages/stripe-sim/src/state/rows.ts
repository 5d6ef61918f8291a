import type Stripe from 'stripe';
import type { TrackedDebit } from '../arithmetic/index.ts';
import type { Wire } from '../wire.ts';

/**
 * What is stored. Rows of which there can be a million (customers, subscriptions, items) are compact and are turned
 * into Stripe's shape when read; rare objects are stored in Stripe's own shape, and what only the simulator needs to
 * know about them sits under `sim`.
 */
export type Metadata = Record<string, string>;

export interface CustomerRow {
  id: string;
  created: number;
  email: string | null;
  name: string | null;
  description: string | null;
  phone: string | null;
  metadata: Metadata;
  /** Cents owed (positive) or credited (negative), carried to the next invoice. */
  balance: number;
  currency: string | null;
  delinquent: boolean;
  defaultPaymentMethod: string | null;
  invoicePrefix: string;
  nextInvoiceSequence: number;
  testClock: string | null;
  /** Set when an operator said that this customer's card has gone bad: the decline code every charge now gets. */
  brokenCard: string | null;
}

export type SubscriptionStatus =
  | 'active'
  | 'canceled'
  | 'incomplete'
  | 'incomplete_expired'
  | 'past_due'
  | 'paused'
  | 'trialing'
  | 'unpaid';

export interface PendingUpdateRow {
  expiresAt: number;
  invoice: string;
  /** The items as they will be, and the order of all of them. */
  items: SubscriptionItemRow[];
  itemIds: string[];
  removedItems: string[];
  metadata: Metadata | null;
  cancelAtPeriodEnd: boolean | null;
  trialEnd: number | null;
  billingCycleAnchor: number | null;
  /** It ends a pause. */
  resumes?: true;
}

/** Rarely set parts of a subscription, one object so that the usual subscription stays small. */
export interface SubscriptionExtras {
  description?: string | null;
  cancelAt?: number | null;
  canceledAt?: number | null;
  cancellation?: { comment: string | null; feedback: string | null; reason: string | null };
  endedAt?: number | null;
  pauseCollection?: { behavior: 'keep_as_draft' | 'mark_uncollectible' | 'void'; resumes_at: number | null } | null;
  pendingUpdate?: PendingUpdateRow | null;
  schedule?: string | null;
  trialStart?: number | null;
  trialEnd?: number | null;
  trialMissingMethod?: 'cancel' | 'create_invoice' | 'pause';
  defaultPaymentMethod?: string | null;
  daysUntilDue?: number | null;
  /** The method of a successful payment becomes the subscription's default. */
  savesMethod?: boolean;
  pausedAt?: number | null;
}

export interface SubscriptionRow {
  id: string;
  created: number;
  customer: string;
  status: SubscriptionStatus;
  currency: string;
  itemIds: string[];
  metadata: Metadata;
  billingCycleAnchor: number;
  /** When the flexible mode began; null in classic mode. */
  flexibleSince: number | null;
  collectionMethod: 'charge_automatically' | 'send_invoice';
  cancelAtPeriodEnd: boolean;
  latestInvoice: string | null;
  startDate: number;
  testClock: string | null;
  extras: SubscriptionExtras | null;
}

/** One debit that was really made for an item: what flexible billing mode may credit later, and never more. */
export type DebitRow = Omit<TrackedDebit, 'price' | 'productName'> & {
  /** The id of the price it was made for. */
  price: string;
  /** The invoice of the line that `id` names; null when `id` is an invoice item. */
  invoice: string | null;
};

export interface SubscriptionItemRow {
  id: string;
  created: number;
  subscription: string;
  price: string;
  quantity: number;
  metadata: Metadata;
  currentPeriodStart: number;
  currentPeriodEnd: number;
  /** Debits of which something is left to credit; null in classic mode and before the first one. */
  debits: DebitRow[] | null;
}

/** How a test card behaves when money is asked of it. */
export interface CardBehavior {
  attach: 'ok' | { declineCode: string; code: string };
  charge: 'ok' | 'requires_action' | { declineCode: string; code: string };
  /** The card asks for authentication only once; later off-session charges pass. */
  authenticated: boolean;
}

/** `detached`: it belonged to a customer once, and is of no use to anybody any more. */
export type PaymentMethodRow = Wire<Stripe.PaymentMethod> & { sim: CardBehavior & { detached?: true } };
export type ProductRow = Wire<Stripe.Product>;
export type PriceRow = Wire<Stripe.Price> & { tiers?: Wire<Stripe.Price.Tier>[] };
export type TestClockRow = Wire<Omit<Stripe.TestHelpers.TestClock, 'deleted'>>;

export type InvoiceLine = Wire<Stripe.InvoiceLineItem>;

/** An invoice in Stripe's shape, with all its lines; `payments` and `confirmation_secret` are made when expanded. */
export type InvoiceRow = Omit<Wire<Omit<Stripe.Invoice, 'deleted'>>, 'lines'> & {
  lines: InvoiceLine[];
  sim: {
    subscription: string | null;
    paymentIntent: string | null;
    /** Set while paying it would apply a pending update of the subscription. */
    pendingUpdate: boolean;
    /** How many automatic attempts of dunning were made. */
    dunningStep: number;
    /** Draft on purpose (`pause_collection: keep_as_draft`, unpaid): it is never finalized by the clock. */
    held: boolean;
  };
};

export type InvoiceItemRow = Wire<Omit<Stripe.InvoiceItem, 'deleted'>> & {
  sim: { subscription: string | null; item: string | null };
};

export type PaymentIntentRow = Wire<Stripe.PaymentIntent> & { sim: { invoice: string } };
export type ChargeRow = Wire<Stripe.Charge>;
export type InvoicePaymentRow = Wire<Stripe.InvoicePayment>;
export type BalanceTransactionRow = Wire<Stripe.CustomerBalanceTransaction>;
export type ScheduleRow = Wire<Stripe.SubscriptionSchedule>;

/** `secrets` are all that sign at present: while a secret is rolled there are two. */
export type WebhookEndpointRow = Wire<Omit<Stripe.WebhookEndpoint, 'deleted'>> & {
  sim: { secrets: { secret: string; until: number | null }[] };
};
