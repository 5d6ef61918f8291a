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
  items: { id: string; price: string; quantity: number }[];
  removedItems: string[];
  metadata: Metadata | null;
  cancelAtPeriodEnd: boolean | null;
  trialEnd: number | null;
  billingCycleAnchor: number | null;
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
  /** Since when the oldest unpaid invoice waits; what dunning counts from. */
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
export type DebitRow = TrackedDebit & {
  /** The invoice the debit stands on; null while it is a pending invoice item. */
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

export type PaymentMethodRow = Wire<Stripe.PaymentMethod> & { sim: CardBehavior };
export type ProductRow = Wire<Stripe.Product>;
export type PriceRow = Wire<Stripe.Price> & { tiers?: Wire<Stripe.Price.Tier>[] };
export type TestClockRow = Wire<Omit<Stripe.TestHelpers.TestClock, 'deleted'>>;
