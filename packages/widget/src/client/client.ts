import type {
  ChangeDetailBody,
  ChangesBody,
  PreviewBody,
  ProblemBody,
  PurchaseRequest,
  SeatChangeBody,
  SeatsBody,
  UsageRequest,
} from 'seatbelt/http';
import { type Exchange, Exchanges, problemOf, type SeatsClientOptions } from './exchange.ts';
import { type Intention, purchase, usage } from './intention.ts';
import { SeatsProblem, SeatsUnreachable } from './problem.ts';

/** How sending an intention ended. There is no other way for it to end. */
export type Ending =
  /** The server knows the change: applied, rolled back, or still open (`success: null`, not known yet). */
  | { readonly is: 'answered'; readonly body: SeatChangeBody }
  /** It was turned down before anything was written. */
  | { readonly is: 'refused'; readonly problem: ProblemBody }
  /** It surely did not happen; the same intention may be sent again. */
  | { readonly is: 'not_written'; readonly problem: ProblemBody }
  /** No answer came, however often it was asked. It may have happened; the same intention, sent again, tells. */
  | { readonly is: 'unknown' };

export interface SendOptions {
  /** Called before each further try, with the number of tries that brought no answer. */
  readonly onLost?: (lost: number) => void;
  /** No further try after this; the one under way is not called back, because it may have arrived. */
  readonly signal?: AbortSignal;
}

/** Seats of one organization over HTTP, from browsers and servers alike. No React, no state. */
export interface SeatsClient {
  /** The counts of this moment. */
  seats(signal?: AbortSignal): Promise<SeatsBody>;
  /** What a number of seats would cost, as a quote that `set` can be bound to. */
  preview(seats: number, signal?: AbortSignal): Promise<PreviewBody>;
  /** History, newest first. @param before the mark that the page before this one ended with. */
  changes(before?: number | null, signal?: AbortSignal): Promise<ChangesBody>;
  /** One change with its push and audit entries. */
  change(id: string, signal?: AbortSignal): Promise<ChangeDetailBody>;
  /** Sets the number of purchased seats. */
  set(request: PurchaseRequest, options?: SendOptions): Promise<Ending>;
  /** Takes or frees seats. */
  use(request: UsageRequest, options?: SendOptions): Promise<Ending>;
  /**
   * Takes back a change that waits for its date or for an approval; `approve` and `decline` are an owner's word about one that
   * waits for an approval. Saying the same twice changes nothing, so there is no key.
   * @throws SeatsProblem where it was turned down; SeatsUnreachable where nobody knows whether it arrived.
   */
  decide(id: string, action: 'cancel' | 'approve' | 'decline'): Promise<SeatChangeBody>;
  /** Sends an intention, also one that was sent before: its key makes it count once. */
  send(intention: Intention, options?: SendOptions): Promise<Ending>;
}

/** Waits between tries of one intention while nobody knows whether it arrived; then a person decides. */
const retryDelaysMs = [1_000, 2_000, 4_000, 8_000] as const;

export function createSeatsClient(options: SeatsClientOptions = {}): SeatsClient {
  const exchanges = new Exchanges(options);
  // Of which a try was lost. What is asked again later, by hand too, does not speak for that one.
  const everLost = new WeakSet<Intention>();

  async function send(intention: Intention, { onLost, signal }: SendOptions = {}): Promise<Ending> {
    for (let tries = 1; ; tries += 1) {
      const ending = afterLoss(await sendOnce(exchanges, intention), everLost.has(intention));
      if (ending.is === 'unknown') everLost.add(intention);
      const delayMs = retryDelaysMs[tries - 1];
      if (ending.is !== 'unknown' || delayMs === undefined || signal?.aborted) return ending;
      onLost?.(tries);
      if (!(await paused(delayMs, signal))) return ending;
    }
  }

  return {
    seats: (signal) => exchanges.read('', signal),
    preview: (seats, signal) => exchanges.read('/preview', signal, { seats }),
    changes: (before, signal) => exchanges.read(`/changes${before ? `?before=${before}` : ''}`, signal),
    change: (id, signal) => exchanges.read(`/changes/${encodeURIComponent(id)}`, signal),
    decide: (id, action) => exchanges.read(`/changes/${encodeURIComponent(id)}`, undefined, { action }),
    set: (request, more) => send(purchase(request), more),
    use: (request, more) => send(usage(request), more),
    send,
  };
}

/**
 * "Nothing was written" is said of one try only; after a lost try it does not speak for that one. A refusal does where the
 * engine made it, which looks for the key first. It makes them with these two; every other one was made at the door.
 */
function afterLoss(ending: Ending, lost: boolean): Ending {
  const speaksForAll =
    ending.is === 'answered' || (ending.is === 'refused' && [409, 422].includes(ending.problem.status));
  return lost && !speaksForAll ? { is: 'unknown' } : ending;
}

async function sendOnce(exchanges: Exchanges, { method, body, key }: Intention): Promise<Ending> {
  let answer: Exchange;
  try {
    answer = await exchanges.write(method, body, key);
  } catch (error) {
    if (error instanceof SeatsUnreachable) return { is: 'unknown' };
    throw error;
  }
  // A rolled back change is an answer, not an error: it has the same shape as an applied one.
  if (isSeatChange(answer.body)) return { is: 'answered', body: answer.body };
  const problem = problemOf(answer.status, answer.body);
  return problem instanceof SeatsProblem ? sorted(problem.body) : { is: 'unknown' };
}

function sorted(problem: ProblemBody): Ending {
  if (problem.code === 'outcome_unknown') return { is: 'unknown' };
  if (problem.status === 503) return { is: 'not_written', problem };
  // Any other answer of the 500s promises nothing about what was done before it.
  if (problem.status >= 500) return { is: 'unknown' };
  return { is: 'refused', problem };
}

function isSeatChange(body: unknown): body is SeatChangeBody {
  return typeof body === 'object' && body !== null && 'success' in body && 'purchasedSeats' in body;
}

/** Resolves with false when the signal ended the wait. */
function paused(ms: number, signal: AbortSignal | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    const over = (went: boolean) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
      resolve(went);
    };
    const aborted = () => over(false);
    const timer = setTimeout(over, ms, true);
    signal?.addEventListener('abort', aborted, { once: true });
  });
}
