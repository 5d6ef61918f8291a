import type { ChangeBody, PreviewBody, ProblemBody, SeatsBody } from 'seatbelt/http';
import type { Ending, SeatsClient } from './client.ts';
import { type Intention, purchase } from './intention.ts';
import { SeatsProblem, SeatsUnreachable } from './problem.ts';

/** The price of what is being chosen. */
export type Price =
  | { readonly is: 'none' }
  | { readonly is: 'asking'; readonly seats: number }
  | { readonly is: 'quoted'; readonly seats: number; readonly quote: PreviewBody }
  /** Stripe or the server could not say. A change without a quote is still possible, and is said to be without one. */
  | { readonly is: 'unknown'; readonly seats: number; readonly problem: ProblemBody | null };

/** Everything a seat manager on screen knows. A new object for every change of it, so that views can compare. */
export interface SeatManagerState {
  /** null: not read yet. */
  readonly seats: SeatsBody | null;
  /** The last reading failed, so `seats` is of some time ago (or was never there). */
  readonly stale: boolean;
  /** Why the server lets nobody in (401, 403, 404); null while it does. */
  readonly turnedAway: ProblemBody | null;
  /** What a person is choosing, and the count that was on screen when they began. */
  readonly draft: { readonly seats: number; readonly seen: number } | null;
  readonly price: Price;
  /** A request of this screen that is under way. `lost`: tries without an answer so far. */
  readonly sending: { readonly intention: Intention; readonly lost: number } | null;
  /** How the last request of this screen ended. */
  readonly ending: Ending | null;
  /** The newest change known, whoever asked for it; followed until it has ended. */
  readonly change: ChangeBody | null;
}

/** A seat manager without a view: reads, follows what is open, asks for prices, and sends what was confirmed. */
export interface SeatManagerStore {
  readonly getState: () => SeatManagerState;
  /** Reads and follows for as long as somebody listens. Returns the way to stop. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Chooses a number of seats and asks what it costs. */
  readonly choose: (seats: number) => void;
  /** Drops what was chosen. */
  readonly undo: () => void;
  /** Sends what was chosen, bound to the quote on screen if there is one. */
  readonly confirm: () => Promise<Ending | null>;
  /** After an outcome that nobody knows: the very same request with the very same key. */
  readonly again: () => Promise<Ending | null>;
  /**
   * Takes back the decrease that is scheduled, or a purchase that waits for an approval.
   * @throws SeatsProblem, SeatsUnreachable; the counts are read again either way.
   */
  readonly cancel: (change: string) => Promise<void>;
  /** Takes the last ending off the screen. */
  readonly dismiss: () => void;
  /** Reads the counts now. */
  readonly refresh: () => Promise<void>;
}

/** While something is open the server is asked every second, otherwise often enough to notice other people. */
const openMs = 1_000;
const quietMs = 15_000;
const unreachableMs = 3_000;
/** A price is asked for when the choosing has paused for this long. */
const priceDelayMs = 250;

export const initialState: SeatManagerState = {
  seats: null,
  stale: false,
  turnedAway: null,
  draft: null,
  price: { is: 'none' },
  sending: null,
  ending: null,
  change: null,
};

export function createSeatManager(client: SeatsClient, initialSeats: SeatsBody | null = null): SeatManagerStore {
  return new Store(client, initialSeats);
}

class Store implements SeatManagerStore {
  readonly #client: SeatsClient;
  readonly #listeners = new Set<() => void>();
  #state: SeatManagerState;
  #reading: Promise<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #priceTimer: ReturnType<typeof setTimeout> | undefined;
  #pricing = new AbortController();

  constructor(client: SeatsClient, seats: SeatsBody | null) {
    this.#client = client;
    this.#state = { ...initialState, seats };
  }

  readonly getState = (): SeatManagerState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) void this.refresh();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stop();
    };
  };

  readonly choose = (seats: number): void => {
    const { draft, seats: known } = this.#state;
    if (known === null || this.#state.sending !== null) return;
    const seen = draft?.seen ?? known.purchasedSeats;
    this.#set({ draft: { seats, seen }, ending: null });
    this.#askPrice(seats === known.purchasedSeats ? null : seats);
  };

  readonly undo = (): void => {
    if (this.#state.sending !== null) return;
    this.#askPrice(null);
    this.#set({ draft: null });
  };

  readonly confirm = async (): Promise<Ending | null> => {
    const { draft, price, sending } = this.#state;
    if (draft === null || sending !== null) return null;
    const quoted = price.is === 'quoted' && price.seats === draft.seats ? { quote: price.quote.quote } : {};
    return await this.#send(purchase({ seats: draft.seats, expectedSeats: draft.seen, ...quoted }));
  };

  readonly again = async (): Promise<Ending | null> => {
    const last = this.#last;
    return last === null || this.#state.sending !== null ? null : await this.#send(last);
  };

  readonly cancel = async (change: string): Promise<void> => {
    try {
      await this.#client.decide(change, 'cancel');
    } finally {
      await this.#reading;
      await this.refresh();
    }
  };

  readonly dismiss = (): void => this.#set({ ending: null });

  readonly refresh = (): Promise<void> => {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null;
      this.#readLater();
    });
    return this.#reading;
  };

  #last: Intention | null = null;

  async #send(intention: Intention): Promise<Ending> {
    this.#last = intention;
    this.#set({ sending: { intention, lost: 0 }, ending: null });
    // The counts lead as soon as the intent is written, which is long before Stripe has answered.
    void this.refresh();
    const ending = await this.#client.send(intention, {
      onLost: (lost) => this.#set({ sending: { intention, lost } }),
    });
    this.#set({ sending: null, ending });
    if (ending.is === 'answered') {
      this.#askPrice(null);
      const { usedSeats, purchasedSeats, availableSeats, change } = ending.body;
      const { seats } = this.#state;
      this.#set({
        draft: null,
        change: change ?? this.#state.change,
        // The answer and its numbers belong together; the rest of the counts is read right after.
        seats: seats === null ? null : { ...seats, usedSeats, purchasedSeats, availableSeats },
      });
    } else if (ending.is === 'refused') {
      this.#afterRefusal(ending.problem);
    }
    // What is being read may be from before the answer.
    await this.#reading;
    await this.refresh();
    return ending;
  }

  /** A choice that was turned down stays, measured against the count and the price that the server has now. */
  #afterRefusal(problem: ProblemBody): void {
    const { draft } = this.#state;
    if (draft === null) return;
    this.#set({ draft: { seats: draft.seats, seen: problem.counts?.purchasedSeats ?? draft.seen } });
    if (problem.code === 'quote_stale' || problem.code === 'seats_changed') this.#askPrice(draft.seats);
  }

  #askPrice(seats: number | null): void {
    clearTimeout(this.#priceTimer);
    this.#pricing.abort();
    if (seats === null) {
      this.#set({ price: { is: 'none' } });
      return;
    }
    const pricing = new AbortController();
    this.#pricing = pricing;
    this.#set({ price: { is: 'asking', seats } });
    this.#priceTimer = setTimeout(() => void this.#price(seats, pricing.signal), priceDelayMs);
  }

  async #price(seats: number, signal: AbortSignal): Promise<void> {
    let price: Price;
    try {
      price = { is: 'quoted', seats, quote: await this.#client.preview(seats, signal) };
    } catch (error) {
      if (signal.aborted) return;
      price = { is: 'unknown', seats, problem: knownProblem(error) };
    }
    if (!signal.aborted) this.#set({ price });
  }

  async #read(): Promise<void> {
    try {
      const seats = await this.#client.seats();
      const { change } = this.#state;
      const newest = seats.pending?.changes.at(-1);
      this.#set({ seats, stale: false, turnedAway: null, ...(newest ? { change: newest } : {}) });
      if (!newest && change !== null && change.endedAt === null) await this.#follow(change.id);
    } catch (error) {
      const problem = knownProblem(error);
      const turnedAway = problem !== null && [401, 403, 404].includes(problem.status) ? problem : null;
      this.#set({ stale: true, turnedAway });
    }
  }

  async #follow(id: string): Promise<void> {
    const { change } = await this.#client.change(id);
    if (this.#state.change?.id === id) this.#set({ change });
  }

  #readLater(): void {
    clearTimeout(this.#timer);
    if (this.#listeners.size === 0) return;
    const { stale, seats, sending, change } = this.#state;
    const open = sending !== null || seats?.pending != null || (change !== null && change.endedAt === null);
    this.#timer = setTimeout(() => void this.refresh(), stale ? unreachableMs : open ? openMs : quietMs);
  }

  #stop(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#priceTimer);
    this.#pricing.abort();
  }

  #set(fields: Partial<SeatManagerState>): void {
    this.#state = { ...this.#state, ...fields };
    for (const listener of this.#listeners) listener();
  }
}

/** What the server said, or null where it said nothing. Anything else that is thrown is a bug and goes on being thrown. */
function knownProblem(error: unknown): ProblemBody | null {
  if (error instanceof SeatsProblem) return error.body;
  if (error instanceof SeatsUnreachable) return null;
  throw error;
}
