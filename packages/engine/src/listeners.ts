import type { Logger } from './alerts/alerts.ts';
import type { StoredHostEvent } from './store/host-events.ts';
import { tooLate, within } from './within.ts';

/** Hears one event of the host's. Throwing means that it was not dealt with and is told again later. */
export type HostListener = (event: StoredHostEvent) => void | Promise<void>;

/** How many events were heard, and how many are to be told again. */
export interface Delivered {
  readonly delivered: number;
  readonly failed: number;
}

/** Who in this process hears of what, and the wish to deliver soon. The rows themselves are the queue. */
export class Listeners {
  readonly #byType = new Map<string, Set<HostListener>>();
  readonly #logger: Logger;
  #delivering: Promise<unknown> | null = null;
  #again = false;
  #deliver: (() => Promise<Delivered>) | null = null;
  #inRound: Promise<Delivered> | null = null;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** @param type an event's type, or `*` for all. @returns a function that stops listening. */
  on(type: string, listener: HostListener): () => void {
    const listeners = this.#byType.get(type) ?? new Set();
    listeners.add(listener);
    this.#byType.set(type, listeners);
    return () => listeners.delete(listener);
  }

  /** A process without listeners leaves the events to one that has some. */
  get any(): boolean {
    return [...this.#byType.values()].some((listeners) => listeners.size > 0);
  }

  /** The types somebody here listens to; null: all of them. What nobody here hears is left to a process that does. */
  get types(): readonly string[] | null {
    const heard = [...this.#byType].flatMap(([type, listeners]) => (listeners.size > 0 ? [type] : []));
    return heard.includes('*') ? null : heard;
  }

  /** How delivery is done, given once by the owner. */
  deliverWith(deliver: () => Promise<Delivered>): void {
    this.#deliver = deliver;
  }

  /**
   * A round's delivery, for which it waits that long: a listener that never answers is the host's, and must not keep the
   * bills of all from being looked after. While it has not answered, no later round asks it again.
   */
  async deliverWithin(ms: number): Promise<Delivered> {
    if (this.#deliver === null) return nothing;
    this.#inRound ??= this.#deliver().finally(() => {
      this.#inRound = null;
    });
    const inTime = await within(this.#inRound, ms);
    if (inTime !== tooLate) return inTime;
    this.#inRound?.catch((error: unknown) => this.#tellAgain(error));
    this.#logger.warn({ afterMs: ms }, 'A listener has not answered yet; the round goes on without it.');
    return nothing;
  }

  /** Delivers soon, without anybody waiting for it. What fails is told again by a later round. */
  somethingHappened(): void {
    if (!this.any || this.#deliver === null) return;
    this.#again = true;
    this.#delivering ??= this.#run(this.#deliver);
  }

  async #run(deliver: () => Promise<unknown>): Promise<void> {
    while (this.#again) {
      this.#again = false;
      try {
        await deliver();
      } catch (error) {
        this.#tellAgain(error);
      }
    }
    // In the same breath as the last question above: whatever happens from here on starts a round of its own.
    this.#delivering = null;
  }

  /** Resolves when nothing is being delivered, or after that many milliseconds: what was not heard is told again. */
  async idle(ms: number): Promise<void> {
    await within(Promise.allSettled([this.#delivering, this.#inRound]), ms);
  }

  #tellAgain(error: unknown): void {
    this.#logger.warn({ err: error }, 'Host events could not be delivered now; they are tried again.');
  }

  /** true: everybody who listens has dealt with it. */
  async tell(event: StoredHostEvent): Promise<boolean> {
    let dealtWith = true;
    for (const type of [event.type, '*']) {
      for (const listener of this.#byType.get(type) ?? []) {
        try {
          await listener(event);
        } catch (error) {
          dealtWith = false;
          this.#logger.warn(
            { err: error, event: event.id, type: event.type },
            'A listener threw; it is told again later.',
          );
        }
      }
    }
    return dealtWith;
  }
}

const nothing: Delivered = { delivered: 0, failed: 0 };
