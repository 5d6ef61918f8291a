import { policy } from '../core/policy.ts';
import type { Answer, LookResult } from '../core/types.ts';

export interface PaceContext {
  /** Milliseconds that only ever go forward. */
  readonly monotonicNow: () => number;
  readonly pause: (ms: number) => Promise<void>;
  /** Called once for every piece of news that there were too many requests: other processes slow down too. */
  readonly tellOthers?: (() => void) | undefined;
}

/**
 * How fast recovery asks Stripe: as fast as it can, until Stripe says "too many requests". What Stripe took in the second before
 * is then what it lets through, so from there on requests go evenly at a little less, and slowly faster again. Thousands of
 * accounts that are due after an outage use what Stripe allows that way, and hardly any of them is turned away into a
 * back-off. It is only about speed; nothing relies on it.
 */
export class Pace {
  readonly #context: PaceContext;
  /** Requests a second; null: Stripe has not complained, so nobody counts. */
  #perSecond: number | null = null;
  /** Since when the rate has been what it is: it grows from here. */
  #learnedAt = 0;
  #nextAt = 0;
  /** When Stripe took a request, for the last second. */
  #taken: number[] = [];
  /** How often there were too many requests. */
  #slowed = 0;

  constructor(context: PaceContext) {
    this.#context = context;
  }

  /** How many accounts a worker should have under way, from 2 to `policy.advancedAtOnce`: each waits for its requests. */
  get places(): number {
    const rate = this.#rate();
    if (rate === null) return policy.advancedAtOnce;
    return Math.min(policy.advancedAtOnce, Math.floor((rate * policy.paceAheadMs) / 1_000));
  }

  /** Resolves when recovery may send its next request; false: not within `withinMs`, so it is not sent now. */
  async turn(withinMs: number): Promise<boolean> {
    const rate = this.#rate();
    if (rate === null) return true;
    const now = this.#context.monotonicNow();
    const at = Math.max(now, this.#nextAt);
    if (at - now > withinMs) return false;
    this.#nextAt = at + 1_000 / rate;
    if (at > now) await this.#context.pause(Math.ceil(at - now));
    return true;
  }

  /** Called before a request; what it gives is handed to `heard` with the answer. */
  sending(): number {
    return this.#slowed;
  }

  /** Forty requests that meet the same limit at once are one piece of news: what was on its way before it adds nothing. */
  heard(said: Answer | LookResult, sentAt: number): void {
    const now = this.#context.monotonicNow();
    this.#taken = this.#taken.filter((at) => at > now - 1_000);
    if (!tooManyRequests(said)) {
      this.#taken.push(now);
      return;
    }
    if (sentAt !== this.#slowed) return;
    const before = this.#rate();
    this.#slowed += 1;
    // That nothing was taken for a second may be somebody else's doing, so the rate is halved and not thrown away.
    const least = before === null ? 1 : Math.max(1, before / 2);
    this.#perSecond = Math.max(least, this.#taken.length * policy.paceOfTaken);
    this.#learnedAt = now;
    // The second that was full has room again when the first request of it is over.
    this.#nextAt = Math.max(this.#nextAt, (this.#taken[0] ?? now) + 1_000);
    if (said !== noTurn) this.#context.tellOthers?.();
  }

  /** The rate as it has grown since. One far above what there are places for is none. */
  #rate(): number | null {
    if (this.#perSecond === null) return null;
    const since = this.#context.monotonicNow() - this.#learnedAt;
    const rate = this.#perSecond * (1 + (since / policy.paceDoublesAfterMs) ** 2);
    return rate > policy.paceForgottenPerSecond ? null : rate;
  }
}

/** No turn came in time: that is our own rate, which the others know. */
export const noTurn: Answer = {
  kind: 'error',
  status: 429,
  type: null,
  code: 'rate_limit',
  declineCode: null,
  message: 'Too many requests wait for Stripe, so this one was not sent.',
  replayed: false,
  rateLimitedReason: null,
  requestId: null,
};

/** A quota or a lock of one subscription says nothing about the others. */
function tooManyRequests(said: Answer | LookResult): boolean {
  if (said.kind === 'failed') return said.tooManyRequests ?? false;
  return (
    said.kind === 'error' &&
    said.status === 429 &&
    said.code !== 'lock_timeout' &&
    said.rateLimitedReason !== 'resource-specific'
  );
}
