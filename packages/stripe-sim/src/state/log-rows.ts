import type { Hand } from '../cause.ts';

/** A stored event. The payload is frozen text: later changes of the object do not reach it. */
export interface EventRow {
  id: string;
  type: string;
  /** The time of the clock on which it happened: an event of a test clock can be of any year. */
  created: number;
  /** The account's own time when it was stored, by which its age counts. State files of old do not have it. */
  recordedAt?: number;
  /** JSON of `data.object`. */
  object: string;
  /** JSON of `data.previous_attributes`, null when there are none. */
  previous: string | null;
  /** The id of the object the event is about, for addressing deliveries. */
  about: string;
  requestId: string | null;
  key: string | null;
  apiVersion: string;
  pendingWebhooks: number;
}

/** What is kept under an idempotency key. `id` is the key. */
export interface AnswerRow {
  id: string;
  method: string;
  path: string;
  fingerprint: string;
  status: number;
  body: string;
  requestId: string;
  at: number;
}

/** A row of the money ledger: every cent that was charged, credited or carried over, and by which request. */
export interface LedgerRow {
  id: string;
  at: number;
  kind: 'charge' | 'charge_failed' | 'balance' | 'invoice_finalized' | 'invoice_voided' | 'refund';
  customer: string;
  invoice: string | null;
  /** Cents. Positive is owed or paid by the customer, negative is to their credit. */
  amount: number;
  currency: string;
  requestId: string | null;
  key: string | null;
}

/** One change of an item's quantity. */
export interface QuantityRow {
  id: string;
  item: string;
  at: number;
  from: number;
  to: number;
  requestId: string | null;
  key: string | null;
  by: Hand;
}

/** One event on its way to one endpoint. */
export interface DeliveryRow {
  id: string;
  event: string;
  type: string;
  endpoint: string;
  /** Attempts made so far. */
  attempts: number;
  /** Virtual time of the next attempt. */
  dueAt: number;
  state: 'waiting' | 'delivered' | 'failed' | 'dropped';
  /** Kept back until released. */
  held: boolean;
  /** What the endpoint said last; null before the first answer and when there was none. */
  responseStatus: number | null;
  error: string | null;
  /** How this one is spoiled, if it is. */
  spoiled: Spoiled | null;
}

/** Ways in which a delivery can be wrong on command. */
export type Spoiled = 'wrong_secret' | 'old_timestamp' | 'stale_object' | 'old_api_version';
