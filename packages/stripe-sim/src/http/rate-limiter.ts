import { rateLimited } from '../faults/fault-answers.ts';
import type { Settings } from '../settings.ts';

/** A sliding second of real time over all requests, as a sandbox has it (documented: 25 a second). Off by default. */
export class RateLimiter {
  readonly #settings: Settings;
  #recent: number[] = [];

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Counts a request, or throws the 429 that comes before the idempotency layer. */
  admit(nowMs: number = performance.now()): void {
    if (!this.#settings.limits) return;
    this.#recent = this.#recent.filter((at) => at > nowMs - 1_000);
    if (this.#recent.length >= this.#settings.requestsPerSecond) throw rateLimited('global-rate');
    this.#recent.push(nowMs);
  }
}
