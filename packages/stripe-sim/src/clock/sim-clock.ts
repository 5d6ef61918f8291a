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
  /** Set by the simulator: does what is due up to a moment and delivers, moving this clock along. */
  onAdvance: (toMs: number) => Promise<void> = async (toMs) => this.moveTo(toMs);

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

  /** Moves time forward and does what Stripe would have done meanwhile; resolves when that is done. */
  async advance(by: number | Span): Promise<number> {
    const ms = spanMs(by);
    if (!Number.isFinite(ms) || ms < 0) throw new RangeError('The virtual clock only moves forward.');
    await this.onAdvance(this.nowMs() + ms);
    return this.now();
  }

  /** Sets the clock forward; a moment in the past changes nothing, for time never runs backwards. */
  moveTo(ms: number): void {
    const ahead = ms - this.nowMs();
    if (ahead > 0) this.#offsetMs += ahead;
  }
}

/** A number is seconds. */
export function spanMs(by: number | Span): number {
  if (typeof by === 'number') return by * 1000;
  return (((by.days ?? 0) * 24 + (by.hours ?? 0)) * 60 + (by.minutes ?? 0)) * 60_000 + (by.seconds ?? 0) * 1000;
}
