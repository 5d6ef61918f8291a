import type { Interval } from '#lib/price-words.ts';

export interface InvoiceBody {
  readonly id: string;
  readonly number: string | null;
  /** ISO 8601. */
  readonly createdAt: string;
  /** `paid`, `open`, `draft`, `void` or `uncollectible`, in Stripe's words. */
  readonly status: string;
  /** In the currency's smallest unit. */
  readonly total: number;
  readonly amountDue: number;
  readonly currency: string;
  /** Stripe's own page of it, where it can be read and paid. */
  readonly url: string | null;
  readonly pdf: string | null;
}

/** GET /api/billing/invoices: what Stripe billed lately, newest first. */
export interface InvoicesBody {
  readonly invoices: readonly InvoiceBody[];
  /** There are older ones at Stripe. */
  readonly more: boolean;
  /** How often the subscription renews; null: there is none, or its price does not recur. */
  readonly interval: Interval | null;
}

/** GET /api/billing/over-time */
export interface OverTimeBody {
  /** Seats that Stripe confirmed, oldest first; `at` in milliseconds since 1970. */
  readonly points: readonly { readonly at: number; readonly seats: number }[];
  readonly settledSeats: number;
}
