/**
 * Stripe, as far as one subscription's quantity goes: idempotency keys with stored results that are forgotten after a
 * day, last write wins, the limits of an account and of a subscription, and every way to fail that the facts list. It
 * knows nothing of the engine.
 */
import type { Answer, LookResult, Observation } from '../../packages/engine/src/core/types.ts';
import { observation } from './observation.ts';

/** What this one arrival is made to do, besides what Stripe would do anyway. */
export type StripeFault =
  | 'none'
  /** Answers that come before anything runs; nothing is stored. */
  | 'unauthorized'
  | 'forbidden'
  | 'rate_limited'
  | 'quota'
  | 'lock_timeout'
  | 'invalid'
  | 'missing'
  | 'error_before'
  /** Answers that are stored under the key. */
  | 'declined'
  | 'error_stored_undone'
  | 'error_stored_done'
  /** Done and answered with something that is not what was asked for. */
  | 'strange_answer';

export interface Arrival {
  readonly key: string;
  readonly body: string;
  readonly fault: StripeFault;
  /** How long it executes; other requests under its key get a 409 meanwhile. */
  readonly executionMs: number;
}

export interface Write {
  readonly key: string | null;
  readonly from: number;
  readonly to: number;
  /** The key had been used before and was forgotten since. */
  readonly afterForgetting: boolean;
}

interface Stored {
  readonly body: string;
  /** null while it executes. */
  answer: Answer | null;
  at: number;
}

const keyMemoryMs = 24 * 3_600_000;

/**
 * What one subscription takes: new invoices in a minute and in a day, and changes of its quantity in an hour.
 * https://docs.stripe.com/rate-limits
 */
const quotas = [
  { of: 'invoices', allowed: 10, windowMs: 60_000 },
  { of: 'invoices', allowed: 20, windowMs: 24 * 3_600_000 },
  { of: 'updates', allowed: 200, windowMs: 3_600_000 },
] as const;

export interface StripeClock {
  readonly now: () => number;
  readonly after: (ms: number, happen: () => void) => void;
}

export class StripeDouble {
  quantity: number;
  status: 'active' | 'canceled' = 'active';
  /** Increases beyond this are declined when the request says `error_if_incomplete`. */
  cardLimit = Number.POSITIVE_INFINITY;
  /** Whether a payment can be left pending, and how it ends. */
  pendingPayment: (() => { readonly pending: boolean; readonly afterMs: number; readonly paid: boolean }) | null = null;
  onWrite: ((write: Write) => void) | null = null;
  #pending: { readonly to: number; readonly key: string; readonly invoice: string } | null = null;
  readonly #invoices = new Map<string, 'open' | 'paid' | 'void'>();
  /** Requests of every kind that the account takes in one second; null: more than this world can make. */
  perSecond: number | null = null;
  /** When the quantity was changed and when an invoice was made, by anybody; oldest first. */
  readonly used: { readonly updates: number[]; readonly invoices: number[] } = { updates: [], invoices: [] };
  /** How often a quota was really used up when somebody asked. */
  quotaAnswers = 0;
  readonly #arrivals: number[] = [];
  /** The paid period; it is renewed for as long again when it ends. */
  period: { readonly start: number; readonly lengthMs: number } | null = null;
  readonly #clock: StripeClock;
  readonly #keys = new Map<string, Stored>();
  readonly #usedKeys = new Set<string>();
  #requests = 0;

  constructor(quantity: number, clock: StripeClock) {
    this.quantity = quantity;
    this.#clock = clock;
  }

  /** One arrival of one request. `answered` is called when the answer leaves Stripe. */
  receive(arrival: Arrival, answered: (answer: Answer) => void): void {
    const { key, body } = arrival;
    const now = this.#clock.now();
    const early = this.#answerBeforeRunning(arrival, now);
    if (early) {
      answered(early);
      return;
    }

    const afterForgetting = this.#usedKeys.has(key);
    this.#usedKeys.add(key);
    const record: Stored = { body, answer: null, at: now };
    this.#keys.set(key, record);
    this.#clock.after(arrival.executionMs, () => {
      record.answer = this.#execute(arrival, afterForgetting);
      record.at = this.#clock.now();
      answered(record.answer);
    });
  }

  /** What is said before anything runs: limiters and keys of ours, the stored answer, validation, locks, trouble. */
  #answerBeforeRunning({ key, body, fault }: Arrival, now: number): Answer | null {
    if (this.#isTooFast(now)) return this.#error(429, { code: 'rate_limit', limited: 'global-rate' });
    if (fault === 'unauthorized') return this.#error(401, { type: 'invalid_request_error' });
    if (fault === 'forbidden') return this.#error(403, { type: 'invalid_request_error' });
    if (fault === 'rate_limited') return this.#error(429, { code: 'rate_limit', limited: 'global-rate' });
    if (fault === 'quota') return this.#error(429, { code: 'rate_limit', limited: 'resource-specific' });
    if (this.#isUsedUp(body, now)) {
      this.quotaAnswers += 1;
      return this.#error(429, { code: 'rate_limit', limited: 'resource-specific' });
    }
    const stored = this.#keys.get(key);
    if (stored && (stored.answer === null || now - stored.at < keyMemoryMs)) {
      if (stored.body !== body) return this.#error(400, { type: 'idempotency_error' });
      if (stored.answer === null) return this.#error(409, { code: 'idempotency_key_in_use' });
      return { ...stored.answer, replayed: true, requestId: this.#requestId() } as Answer;
    }
    if (fault === 'invalid') return this.#error(400, { type: 'invalid_request_error', code: 'parameter_invalid' });
    if (fault === 'missing') return this.#error(404, { type: 'invalid_request_error', code: 'resource_missing' });
    if (this.status === 'canceled') return this.#error(400, { type: 'invalid_request_error', code: 'canceled' });
    if (fault === 'lock_timeout') return this.#error(429, { code: 'lock_timeout' });
    if (fault === 'error_before') return this.#error(500, { type: 'api_error' });
    return null;
  }

  /** Every request counts, also one that is turned away. */
  #isTooFast(now: number): boolean {
    if (this.perSecond === null) return false;
    while ((this.#arrivals[0] ?? now) <= now - 1_000) this.#arrivals.shift();
    this.#arrivals.push(now);
    return this.#arrivals.length > this.perSecond;
  }

  /** Whether one more of what this request asks for is too many. Limiters come before the stored answers of keys. */
  #isUsedUp(body: string, now: number): boolean {
    const invoiced = body.includes('proration_behavior=always_invoice');
    return quotas.some(({ of, allowed, windowMs }) => {
      if (of === 'invoices' && !invoiced) return false;
      const times = this.used[of];
      return (times[times.length - allowed] ?? Number.NEGATIVE_INFINITY) > now - windowMs;
    });
  }

  #execute(arrival: Arrival, afterForgetting: boolean): Answer {
    const parameters = new URLSearchParams(arrival.body);
    const wanted = Number(parameters.get('items[0][quantity]'));
    const payment = parameters.get('payment_behavior');
    if (this.status === 'canceled') return this.#error(400, { type: 'invalid_request_error', code: 'canceled' });
    if (arrival.fault === 'error_stored_undone') return this.#error(500, { type: 'api_error' });
    if (
      arrival.fault === 'declined' ||
      (payment === 'error_if_incomplete' && wanted > this.quantity && wanted > this.cardLimit)
    ) {
      return this.#error(402, { type: 'card_error', code: 'card_declined', decline: 'insufficient_funds' });
    }
    if (payment === 'pending_if_incomplete' && wanted > this.quantity && this.pendingPayment) {
      const plan = this.pendingPayment();
      if (plan.pending) {
        this.#drop();
        const invoice = `in_${this.#invoices.size + 1}`;
        const pending = { to: wanted, key: arrival.key, invoice };
        this.#pending = pending;
        this.#invoices.set(invoice, 'open');
        this.#countQuota(arrival.body, wanted);
        this.#clock.after(plan.afterMs, () => {
          if (this.#pending !== pending) return;
          if (!plan.paid) {
            this.#drop();
            return;
          }
          this.#invoices.set(invoice, 'paid');
          this.#write(pending.key, pending.to, afterForgetting);
        });
        return this.#success({ invoice, url: 'https://pay.example', expiresAt: null });
      }
    }
    this.#countQuota(arrival.body, wanted);
    this.#write(arrival.key, wanted, afterForgetting);
    if (arrival.fault === 'error_stored_done') return this.#error(500, { type: 'api_error' });
    const success = this.#success(null);
    return arrival.fault === 'strange_answer' ? { ...success, expectedObject: false, observation: null } : success;
  }

  /** A quantity that is what it was makes no invoice, and is an update all the same. */
  #countQuota(body: string, wanted: number): void {
    const now = this.#clock.now();
    this.used.updates.push(now);
    if (wanted !== this.quantity && body.includes('proration_behavior=always_invoice')) this.used.invoices.push(now);
  }

  /** Somebody else: the dashboard, the portal, another program. */
  change(quantity: number): void {
    if (this.status !== 'active') return;
    this.used.updates.push(this.#clock.now());
    this.#write(null, quantity, false);
  }

  /** It takes nothing more, and its invoices stay as they are: whoever pays an open one pays for nothing. */
  cancel(): void {
    this.status = 'canceled';
    this.#pending = null;
  }

  get openInvoices(): string[] {
    return [...this.#invoices].filter(([, status]) => status === 'open').map(([id]) => id);
  }

  look(invoice: string | null = null): LookResult {
    if (this.#isTooFast(this.#clock.now())) return { kind: 'failed', message: 'Stripe answered 429 rate_limit.' };
    const seen = { kind: 'seen', observation: this.#observation(), requestId: this.#requestId() } as const;
    const status = invoice === null ? undefined : this.#invoices.get(invoice);
    return invoice === null || status === undefined ? seen : { ...seen, invoice: { id: invoice, status, url: null } };
  }

  /** Voids an invoice. Only one that is open can be voided; the change that waited for it is dropped with it. */
  void(invoice: string): { readonly refused: boolean } {
    if (this.#invoices.get(invoice) !== 'open') return { refused: true };
    if (this.#pending?.invoice === invoice) this.#drop();
    else this.#invoices.set(invoice, 'void');
    return { refused: false };
  }

  /** What waits for a payment is not wanted any more; its invoice goes with it. */
  #drop(): void {
    if (this.#pending) this.#invoices.set(this.#pending.invoice, 'void');
    this.#pending = null;
  }

  /** The paid period of this moment. */
  #presentPeriod(): { start: number | null; end: number | null } {
    if (this.period === null) return { start: null, end: null };
    const { start, lengthMs } = this.period;
    const over = Math.max(Math.floor((this.#clock.now() - start) / lengthMs), 0);
    return { start: start + over * lengthMs, end: start + (over + 1) * lengthMs };
  }

  #observation(): Observation {
    const pending = this.#pending;
    const { start, end } = this.#presentPeriod();
    const item = {
      id: 'si_1',
      price: 'price_1',
      quantity: this.quantity,
      currentPeriodStart: start,
      currentPeriodEnd: end,
    };
    return observation(this.quantity, {
      status: this.status,
      item,
      pendingUpdate: pending && { expiresAt: null, items: [{ id: 'si_1', quantity: pending.to, price: null }] },
    });
  }

  #write(key: string | null, to: number, afterForgetting: boolean): void {
    const from = this.quantity;
    this.quantity = to;
    if (this.#pending && this.#invoices.get(this.#pending.invoice) === 'open') this.#drop();
    this.#pending = null;
    this.onWrite?.({ key, from, to, afterForgetting });
  }

  #requestId(): string {
    this.#requests += 1;
    return `req_${this.#requests}`;
  }

  #success(
    pendingUpdate: { readonly invoice: string; readonly url: string; readonly expiresAt: number | null } | null,
  ): Extract<Answer, { kind: 'success' }> {
    return {
      kind: 'success',
      expectedObject: true,
      quantity: this.quantity,
      pendingUpdate,
      replayed: false,
      observation: this.#observation(),
      requestId: this.#requestId(),
    };
  }

  #error(
    status: number,
    more: { readonly type?: string; readonly code?: string; readonly decline?: string; readonly limited?: string },
  ): Extract<Answer, { kind: 'error' }> {
    return {
      kind: 'error',
      status,
      type: more.type ?? null,
      code: more.code ?? null,
      declineCode: more.decline ?? null,
      message: `Stripe answered ${status}${more.code ? ` ${more.code}` : ''}.`,
      replayed: false,
      rateLimitedReason: more.limited ?? null,
      requestId: this.#requestId(),
    };
  }
}
