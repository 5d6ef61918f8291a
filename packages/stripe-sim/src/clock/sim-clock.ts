export interface Span {
  seconds?: number;
  minutes?: number;
  hours?: number;
  days?: number;
}

/** The settings of the virtual clock. */
export interface ClockOptions {
  /** Seconds since 1970 at which the clock starts; default: now. */
  startAt?: number;
  /** A frozen clock moves only when told to; default false: it runs on from `startAt` at the speed of real time. */
  frozen?: boolean;
}

/**
 * The one clock of everything that hangs on no test clock: created times, key expiry, webhook retries, renewals.
 * Moving it forward runs what became due in between, in order.
 */
export class SimClock {
  readonly #startAt: number;
  readonly #frozen: boolean;
  readonly #realStartMs = performance.now();
  #offsetMs = 0;
  /** Set by the simulator: runs due work up to the present time of the clock. */
  onAdvance: (to: number) => Promise<void> = async () => {};

  constructor(options: ClockOptions = {}) {
    this.#startAt = options.startAt ?? Math.floor(Date.now() / 1000);
    this.#frozen = options.frozen ?? false;
  }

  /** Whole seconds since 1970, as Stripe stamps objects. */
  now(): number {
    return Math.floor(this.nowMs() / 1000);
  }

  nowMs(): number {
    const elapsed = this.#frozen ? 0 : performance.now() - this.#realStartMs;
    return this.#startAt * 1000 + elapsed + this.#offsetMs;
  }

  get offsetMs(): number {
    return this.#offsetMs;
  }

  /** Moves time forward and does what Stripe would have done meanwhile; resolves when that is done. */
  async advance(by: number | Span): Promise<number> {
    const ms = spanMs(by);
    if (!Number.isFinite(ms) || ms < 0) throw new RangeError('The virtual clock only moves forward.');
    const target = Math.floor((this.nowMs() + ms) / 1000);
    await this.onAdvance(target);
    this.#offsetMs += ms;
    return this.now();
  }

  /** Continues a saved run: time never runs backwards across a restart. */
  continueFrom(seconds: number): void {
    const behindMs = seconds * 1000 - this.nowMs();
    if (behindMs > 0) this.#offsetMs += behindMs;
  }
}

/** A number is seconds. */
export function spanMs(by: number | Span): number {
  if (typeof by === 'number') return by * 1000;
  return (((by.days ?? 0) * 24 + (by.hours ?? 0)) * 60 + (by.minutes ?? 0)) * 60_000 + (by.seconds ?? 0) * 1000;
}
