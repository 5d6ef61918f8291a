import type { Logger } from './alerts/alerts.ts';
import type { TickReport } from './duties/tick.ts';

export interface WorkerContext {
  /** @param stopped whether the worker was asked to stop, so that the round begins nothing new. */
  readonly tick: (stopped: () => boolean) => Promise<TickReport>;
  readonly pollMs: number;
  readonly logger: Logger;
  readonly wait: (ms: number) => Promise<void>;
  readonly closing: () => boolean;
}

/** After failures the worker waits longer, up to this: a database that is down is not asked twice a second. */
const slowestPollMs = 30_000;

/** Owns the loop and the timer; what a round does is in duties/. */
export class Worker {
  readonly #context: WorkerContext;
  readonly #running: Promise<void>;
  readonly #stopping = Promise.withResolvers<void>();
  #stopped = false;

  constructor(context: WorkerContext) {
    this.#context = context;
    this.#running = this.#run();
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Resolves when the round under way is over. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopping.resolve();
    await this.#running;
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#stopped && !this.#context.closing()) {
      try {
        const report = await this.#context.tick(() => this.#stopped);
        if (report.accounts.claimed > 0) this.#context.logger.info({ report }, 'Advanced what was due.');
        failures = 0;
        // After an outage thousands are due: a wait between two full rounds would leave Stripe's limit unused.
        if (report.accounts.moreDue) continue;
      } catch (error) {
        failures += 1;
        this.#context.logger.error({ err: error, failures }, 'A round of the worker failed; it goes on.');
      }
      if (this.#stopped) return;
      const wait = this.#context.wait(Math.min(this.#context.pollMs * 2 ** Math.min(failures, 5), slowestPollMs));
      // Whoever asks a waiting worker to stop is not kept for the rest of its wait: supervisors kill after ten seconds.
      await Promise.race([wait, this.#stopping.promise]);
    }
  }
}
