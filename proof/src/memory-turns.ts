/**
 * The common rate at Stripe, in memory: what `seatbelt.take_turns` and the row that it keeps do on PostgreSQL. The queues
 * and waits above it are production's `StripeTurns`; only its two statements end here instead of in a database.
 */
import type { Database, Executor, Row } from '../../packages/engine/src/db/executor.ts';
import type { TurnKind, Turns } from '../../packages/engine/src/store/stripe-rate.ts';

export class MemoryTurns {
  readonly #now: () => number;
  /** When the next turn is that nobody has. */
  #nextAt = 0;
  #slowed = 1;
  #slowedAt: number;
  /** From when a lower kind gets one although others are before it. */
  readonly #lowerAt = { recovery: 0, sweep: 0 };

  /** @param now the database's clock, in milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now;
    this.#slowedAt = now();
  }

  take(wanted: {
    readonly kind: TurnKind;
    readonly count: number;
    readonly intervalMs: number;
    readonly aheadMs: number;
    readonly share: number;
    readonly recoversPerSecond: number;
  }): Turns {
    const { kind, count, aheadMs, share, recoversPerSecond } = wanted;
    const now = this.#now();
    const intervalMs = wanted.intervalMs / this.#passing(now, recoversPerSecond);
    const horizon = now + 60_000 + 100 * wanted.intervalMs;
    const startAt = this.#nextAt > horizon ? now : Math.max(this.#nextAt, now);
    const waitMs = startAt - now;
    let granted = Math.min(count, Math.max(0, 1 + Math.floor((aheadMs - waitMs) / intervalMs)));
    const lowerAt = kind === 'interactive' ? null : this.#lowerAt[kind];
    if (granted === 0 && lowerAt !== null && (lowerAt <= now || lowerAt > horizon)) granted = 1;
    if (granted > 0) {
      this.#nextAt = startAt + granted * intervalMs;
      if (kind !== 'interactive') this.#lowerAt[kind] = now + intervalMs / share;
    }
    return { granted, waitMs, intervalMs };
  }

  slowDown(by: number, least: number, recoversPerSecond: number): void {
    const now = this.#now();
    if (this.#slowedAt >= now - 1_000 && this.#slowedAt <= now) return;
    this.#slowed = Math.max(least, by * this.#passing(now, recoversPerSecond));
    this.#slowedAt = now;
  }

  /** The part of the rate that Stripe lets through at the moment. */
  #passing(now: number, recoversPerSecond: number): number {
    return Math.min(1, this.#slowed + (recoversPerSecond * Math.max(0, now - this.#slowedAt)) / 1_000);
  }

  /** Production's statements, each told to `through`, which may lose it; what it runs is done at once, as one statement. */
  executor(
    through: <T>(what: 'turns' | 'slow_down', run: () => T) => Promise<T>,
    took: (turns: Turns) => void,
  ): Pick<Database, 'executeSql' | 'transaction'> {
    const executor: Executor = {
      executeSql: (text, values) => {
        if (text.includes('seatbelt.take_turns(')) {
          return through('turns', () => {
            const turns = this.take(wantedOf(values));
            took(turns);
            return one({ granted: turns.granted, wait_ms: turns.waitMs, interval_ms: turns.intervalMs });
          });
        }
        if (text.includes('update seatbelt.stripe_rate')) {
          return through('slow_down', () => {
            const [by, least, recovers] = values.map(Number);
            this.slowDown(by ?? 1, least ?? 0, recovers ?? 0);
            return { rows: [], rowCount: 1 };
          });
        }
        throw new Error(`Bug: the turns in memory do not know this statement: ${text}`);
      },
    };
    return { ...executor, transaction: (work) => work(executor) };
  }
}

function wantedOf(values: readonly unknown[]): Parameters<MemoryTurns['take']>[0] {
  const [kind, count, intervalMs, aheadMs, share, recoversPerSecond] = values;
  return {
    kind: kind as TurnKind,
    count: Number(count),
    intervalMs: Number(intervalMs),
    aheadMs: Number(aheadMs),
    share: Number(share),
    recoversPerSecond: Number(recoversPerSecond),
  };
}

function one(row: Row): { rows: Row[]; rowCount: number } {
  return { rows: [row], rowCount: 1 };
}
