import type { HealthBody } from '../http/contract.ts';
import { readDuties } from '../store/duties.ts';
import type { Inside } from './inside.ts';

/** One ping in this time, however often health is asked for. */
const pingKeptMs = 5_000;
/** A worker polls every two seconds; after this many times that, it is not late but silent. */
const workerSilentAfterMs = 60_000;

/** Whether the three sides answer. Anybody may ask. */
export class Health {
  readonly #inside: Inside;
  #pinged: { readonly at: number; readonly answer: Promise<'ok' | 'down'> } | null = null;

  constructor(inside: Inside) {
    this.#inside = inside;
  }

  async read(): Promise<HealthBody> {
    const [database, stripe] = await Promise.all([this.#database(), this.#stripe()]);
    const worker = database === 'ok' ? await this.#worker() : 'unknown';
    const status = database === 'down' ? 'down' : stripe === 'ok' && worker === 'ok' ? 'ok' : 'degraded';
    return { status, database, stripe, worker };
  }

  async #database(): Promise<'ok' | 'down'> {
    try {
      await this.#inside.database.executeSql('select 1', []);
      return 'ok';
    } catch (error) {
      this.#inside.logger.warn({ err: error }, 'Health: the database does not answer.');
      return 'down';
    }
  }

  /** Anybody may ask for health, so the answer of Stripe is kept for a while: its rate limit is for pushes. */
  #stripe(): Promise<'ok' | 'down'> {
    const now = performance.now();
    if (this.#pinged === null || now - this.#pinged.at > pingKeptMs)
      this.#pinged = { at: now, answer: this.#inside.stripe.ping() };
    return this.#pinged.answer;
  }

  async #worker(): Promise<HealthBody['worker']> {
    const duties = await this.#inside.tryRead(() => readDuties(this.#inside.database));
    const worker = duties?.find((duty) => duty.name === 'tick');
    if (!worker) return 'unknown';
    return worker.ageMs <= workerSilentAfterMs ? 'ok' : 'silent';
  }
}
