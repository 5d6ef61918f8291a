import { policy } from '../core/policy.ts';
import type { Answer } from '../core/types.ts';

/**
 * How many accounts a worker has under way: fewer at once when Stripe says "too many requests", one more after some
 * answers that say something else. So thousands of accounts that are due after an outage use what Stripe allows, and neither
 * hammer at its limit nor sit out back-offs while the limit is free. It is only about speed; nothing relies on it.
 */
export class Pace {
  readonly #tellOthers: () => void;
  #places: number = policy.advancedAtOnce;
  /** How often places were taken away. */
  #slowed = 0;

  /** @param tellOthers called once for every piece of news that there were too many requests: other processes slow down too. */
  constructor(tellOthers: () => void = () => {}) {
    this.#tellOthers = tellOthers;
  }

  /** Whole accounts, from 1 to `policy.advancedAtOnce`. */
  get places(): number {
    return Math.floor(this.#places);
  }

  /** Called before a send; what it gives is handed to `heard` with the answer. */
  sending(): number {
    return this.#slowed;
  }

  /**
   * What was on its way before places were taken away takes none: forty requests that meet the same limit at once are one
   * piece of news and not forty.
   */
  heard(answer: Answer, sentAt: number): void {
    if (!tooManyRequests(answer)) {
      this.#places = Math.min(policy.advancedAtOnce, this.#places + policy.paceAfterAnswer);
    } else if (sentAt === this.#slowed) {
      this.#places = Math.max(1, this.#places * policy.paceAfterTooMany);
      this.#slowed += 1;
      if (!isOwn(answer)) this.#tellOthers();
    }
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

function isOwn(answer: Answer): boolean {
  return answer === noTurn;
}

/** A quota or a lock of one subscription says nothing about the others. */
function tooManyRequests(answer: Answer): boolean {
  return (
    answer.kind === 'error' &&
    answer.status === 429 &&
    answer.code !== 'lock_timeout' &&
    answer.rateLimitedReason !== 'resource-specific'
  );
}
