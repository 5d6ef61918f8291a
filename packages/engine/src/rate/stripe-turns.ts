import type { Logger } from '../alerts/alerts.ts';
import { policy } from '../core/policy.ts';
import { type Database, DatabaseError, type Executor } from '../db/executor.ts';
import { slowDown, type TurnKind, type Turns, takeTurns } from '../store/stripe-rate.ts';

export interface TurnsContext {
  readonly database: Pick<Database, 'executeSql' | 'transaction'>;
  /** Requests a second that this installation may make of Stripe; null: nobody counts them. */
  readonly requestsPerSecond: () => Promise<number | null>;
  readonly logger: Logger;
  readonly pause: (ms: number) => Promise<void>;
  readonly monotonicNow: () => number;
  readonly closing: () => boolean;
}

interface Waiting {
  readonly until: number;
  readonly go: (granted: boolean) => void;
}

/**
 * Whose turn it is to ask Stripe, of all processes. The account's limit is one row in the database; turns are moments, so
 * nothing is saved up that could come all at once. What waits in this process at the same time takes its turns with one
 * statement. People before recovery before the sweep: who comes later may only take what those before leave, except for a
 * small share that keeps everybody moving.
 *
 * Where the database cannot be asked, this process goes on by itself at an eighth of the rate: a change that is committed
 * must not wait for a meter, and a "too many requests" costs nothing but a back-off, because nothing has run.
 */
export class StripeTurns {
  readonly #context: TurnsContext;
  readonly #queues = {
    interactive: new Queue(),
    recovery: new Queue(),
    sweep: new Queue(),
  };
  /** When the last request of this process went, so that a process that stalled does not send all at once what it missed. */
  #lastAt = Number.NEGATIVE_INFINITY;
  /** Turns that were granted here, by kind. */
  readonly granted: Record<TurnKind, number> = { interactive: 0, recovery: 0, sweep: 0 };

  constructor(context: TurnsContext) {
    this.#context = context;
  }

  /** Resolves at its turn; false: there was none within `withinMs`, so it is not asked now. */
  async turn(kind: TurnKind, withinMs: number): Promise<boolean> {
    const perSecond = await this.#context.requestsPerSecond();
    if (perSecond === null) return true;
    const queue = this.#queues[kind];
    const { promise, resolve } = Promise.withResolvers<boolean>();
    queue.waiting.push({ until: this.#context.monotonicNow() + withinMs, go: resolve });
    if (!queue.served) void this.#serve(kind, queue, 1_000 / (perSecond * policy.rateShare));
    return promise;
  }

  /** Stripe said "too many requests", which is news for all processes. */
  async slowDown(): Promise<void> {
    if ((await this.#context.requestsPerSecond()) === null) return;
    try {
      await slowDown(this.#context.database, policy.rateAfterTooMany, policy.rateLeast, policy.rateRecoversPerSecond);
    } catch (error) {
      this.#context.logger.warn({ err: error }, 'That Stripe is busy could not be told to the other processes.');
    }
  }

  async #serve(kind: TurnKind, queue: Queue, intervalMs: number): Promise<void> {
    queue.served = true;
    const { pause, monotonicNow, closing } = this.#context;
    for (let turns = none; queue.waiting.length > 0; ) {
      queue.dropLate(monotonicNow());
      if (queue.waiting.length === 0) break;
      if (closing()) queue.dropAll();
      turns = await this.#take(kind, queue.waiting.length, intervalMs);
      const base = monotonicNow() + turns.waitMs;
      for (let taken = 0; taken < turns.granted; taken += 1) {
        const at = Math.max(base + taken * turns.intervalMs, this.#lastAt + turns.intervalMs * policy.rateShare);
        const wait = at - monotonicNow();
        if (wait > 0) await pause(wait);
        this.#lastAt = monotonicNow();
        queue.dropLate(this.#lastAt);
        const next = queue.waiting.shift();
        if (next === undefined) break;
        this.granted[kind] += 1;
        next.go(true);
      }
      if (turns.granted === 0) await pause(Math.min(Math.max(turns.waitMs - aheadMs(kind), 5), policy.turnPollMs));
    }
    queue.served = false;
  }

  async #take(kind: TurnKind, count: number, intervalMs: number): Promise<Turns> {
    const { database } = this.#context;
    const take = (db: Executor) =>
      takeTurns(db, {
        kind,
        count,
        intervalMs,
        aheadMs: aheadMs(kind),
        share: policy.rateLowerShare,
        recoversPerSecond: policy.rateRecoversPerSecond,
      });
    try {
      return await take(database).catch((error: unknown) => {
        if (!(error instanceof DatabaseError && error.failure.kind === 'conflict')) throw error;
        // Where statements see by default only what was there when they began, who waits for another's turn is refused.
        // In a transaction of ours the wait goes on with what the other has left.
        return database.transaction(take);
      });
    } catch (error) {
      this.#context.logger.warn(
        { err: error, kind },
        'The turns at Stripe could not be read; this process goes on slowly by itself.',
      );
      const alone = intervalMs * policy.rateAloneSlower;
      return {
        granted: 1,
        waitMs: Math.max(0, this.#lastAt + alone - this.#context.monotonicNow()),
        intervalMs: alone,
      };
    }
  }
}

/** How far ahead each kind may take turns. What a lower one has taken is all that a person has to wait for. */
function aheadMs(kind: TurnKind): number {
  return { interactive: policy.turnAheadMs, recovery: policy.recoveryAheadMs, sweep: 0 }[kind];
}

const none: Turns = { granted: 0, waitMs: 0, intervalMs: 0 };

class Queue {
  waiting: Waiting[] = [];
  served = false;

  dropLate(now: number): void {
    const late = this.waiting.filter(({ until }) => until <= now);
    if (late.length === 0) return;
    this.waiting = this.waiting.filter(({ until }) => until > now);
    for (const { go } of late) go(false);
  }

  dropAll(): void {
    for (const { go } of this.waiting.splice(0)) go(false);
  }
}
