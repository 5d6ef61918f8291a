import { knownByMark } from './known-by-mark.ts';

/**
 * A refusal turns a request down before any intent. It writes nothing and consumes no idempotency key.
 * The codes are part of the contract; `docs/features/billing/seat-management.md` lists them with the next step. No caller
 * hears `price_needed`: it is answered inside the engine (`PriceNeeded`).
 */
export type RefusalCode =
  | 'below_used'
  | 'below_minimum'
  | 'above_maximum'
  | 'no_subscription'
  | 'subscription_not_changeable'
  | 'subscription_incomplete'
  | 'subscription_paused'
  | 'subscription_ending'
  | 'collection_paused'
  | 'payment_overdue'
  | 'managed_by_schedule'
  | 'unknown_change'
  | 'not_cancellable'
  | 'not_awaiting_approval'
  | 'terms_contradict'
  | 'price_needed'
  | 'too_many_pending'
  | 'idempotency_key_reused'
  | 'seats_changed'
  | 'quote_stale'
  | 'drift_unresolved'
  | 'not_in_use'
  | 'unknown_holder'
  | 'holder_exists'
  | 'no_seat_available'
  | 'over_capacity'
  | 'follows_use'
  | 'paused'
  | 'nothing_to_resolve'
  | 'numbers_moved';

export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
}

/** Thrown for a refusal; carries the stable code. */
export class SeatRefused extends Error {
  static {
    knownByMark(SeatRefused, 'SeatRefused');
  }
  override readonly name = 'SeatRefused';
  readonly code: RefusalCode;
  constructor(refusal: Refusal) {
    super(refusal.message);
    this.code = refusal.code;
  }
}

/** The guard bounds money, and what this purchase costs was not asked yet. Answered inside the engine; no caller hears it. */
export class PriceNeeded extends SeatRefused {
  static {
    knownByMark(PriceNeeded, 'PriceNeeded');
  }
  /** The seat count whose price is needed. */
  readonly seats: number;
  constructor(seats: number) {
    super({ code: 'price_needed', message: 'What it costs has to be asked of Stripe first.' });
    this.seats = seats;
  }
}

export function refuse(code: RefusalCode, message: string): never {
  throw new SeatRefused({ code, message });
}

/** What cannot happen. Stops this unit of work and names the state; never caught inside the engine's core. */
export class InvariantBroken extends Error {
  static {
    knownByMark(InvariantBroken, 'InvariantBroken');
  }
  override readonly name = 'InvariantBroken';
}

export function invariant(condition: boolean, sentence: string, ids: Record<string, unknown> = {}): asserts condition {
  if (!condition) throw new InvariantBroken(`Bug: ${sentence} ${JSON.stringify(ids)}`);
}
