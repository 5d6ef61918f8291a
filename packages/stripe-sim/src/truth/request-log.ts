import type { FormHash } from '../http/form.ts';

/** One request as the oracle saw it. */
export interface RequestEntry {
  seq: number;
  /** Virtual time, seconds. */
  at: number;
  method: string;
  path: string;
  /** `POST /v1/subscriptions/:id`, null when no route matched. */
  route: string | null;
  key: string | null;
  /** The answer came from the idempotency store. */
  replayed: boolean;
  /** The route ran and its changes were kept. */
  executed: boolean;
  /** What was sent; null while in flight and when nothing was. */
  status: number | null;
  /** The kinds of faults that strike it, joined by `+`; once it is finished, of those that had an effect. */
  fault: string | null;
  requestId: string;
  params: FormHash;
  /** arrived, then executed (committed, or refused), then finished (answered or lost). */
  phase: 'arrived' | 'executed' | 'finished';
}

interface Waiter {
  predicate: (entry: RequestEntry) => boolean;
  resolve: (entry: RequestEntry) => void;
  reject: (reason: Error) => void;
}

/** The requests in order of arrival, the newest `limit` of them, and a way to wait for one without sleeping. */
export class RequestLog {
  #entries: RequestEntry[] = [];
  readonly #limit: number;
  readonly #waiters = new Set<Waiter>();
  #seq = 0;
  #closed = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get entries(): RequestEntry[] {
    return this.#entries.slice(-this.#limit);
  }

  get total(): number {
    return this.#seq;
  }

  arrived(entry: Omit<RequestEntry, 'seq' | 'phase'>): RequestEntry {
    this.#seq += 1;
    const logged: RequestEntry = { ...entry, seq: this.#seq, phase: 'arrived' };
    this.#entries.push(logged);
    // Cut in large steps: taking one off the front of a long array at each request would cost more than the request.
    if (this.#entries.length >= this.#limit * 2) this.#entries = this.#entries.slice(-this.#limit);
    this.changed(logged);
    return logged;
  }

  /** Call after changing an entry, so that those who wait for it hear. */
  changed(entry: RequestEntry): void {
    for (const waiter of this.#waiters) {
      if (!waiter.predicate(entry)) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(entry);
    }
  }

  /** The first request, past or future, that the predicate holds for. Rejects after `timeoutMs` (default 10 s), and on closing. */
  waitFor(predicate: (entry: RequestEntry) => boolean, options: { timeoutMs?: number } = {}): Promise<RequestEntry> {
    const found = this.#entries.find(predicate);
    if (found !== undefined) return Promise.resolve(found);
    if (this.#closed) return Promise.reject(closed());
    const timeoutMs = options.timeoutMs ?? 10_000;
    const { promise, resolve, reject } = Promise.withResolvers<RequestEntry>();
    const timer = setTimeout(() => {
      this.#waiters.delete(waiter);
      reject(new Error(`No request matched within ${timeoutMs} ms; ${this.#seq} were seen.`));
    }, timeoutMs);
    const waiter: Waiter = {
      predicate,
      resolve: (entry) => {
        clearTimeout(timer);
        resolve(entry);
      },
      reject: (reason) => {
        clearTimeout(timer);
        reject(reason);
      },
    };
    this.#waiters.add(waiter);
    return promise;
  }

  /** Nothing more arrives: whoever still waits is told, rather than left to wait out his time. */
  close(): void {
    this.#closed = true;
    for (const waiter of this.#waiters) waiter.reject(closed());
    this.#waiters.clear();
  }
}

function closed(): Error {
  return new Error('The simulator was closed before a request matched.');
}
