import type { ProblemBody } from 'seatbelt/http';
import { SeatsProblem, SeatsUnreachable } from './problem.ts';

export interface SeatsClientOptions {
  /** Where the host serves the seats: `https://app.example.com/api/billing/seats`. Default: that path on this origin. */
  readonly url?: string;
  /**
   * A short-lived token for another origin, made by the host's server (`widgetTokens` of `seatbelt/widget`). It is asked for
   * once, kept in memory, and asked for again when the server says that it is over. Without it the page's own session counts.
   */
  readonly token?: () => Promise<string>;
  /** Headers of the host's own, sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: the global one. */
  readonly fetch?: typeof fetch;
  /** How long a reading may take, in milliseconds. Default 8,000. */
  readonly readTimeoutMs?: number;
  /** How long one try of a change may take, in milliseconds. Default 30,000: the server itself waits up to 10 s for Stripe. */
  readonly writeTimeoutMs?: number;
}

export interface Exchange {
  readonly status: number;
  readonly ok: boolean;
  readonly body: unknown;
}

const defaultUrl = '/api/billing/seats';

/** Sends requests to one host and reads JSON back. Knows tokens and timeouts, and nothing about seats. */
export class Exchanges {
  readonly #options: SeatsClientOptions;
  readonly #url: string;
  #token: Promise<string> | null = null;

  constructor(options: SeatsClientOptions) {
    this.#options = options;
    this.#url = (options.url ?? defaultUrl).replace(/\/+$/, '');
  }

  /** @throws SeatsProblem, SeatsUnreachable, or the reason of `signal` when that ended it. */
  async read<Body>(path: string, signal?: AbortSignal, post?: object): Promise<Body> {
    const { ok, status, body } = await this.#send(
      path,
      post === undefined ? { method: 'GET' } : { method: 'POST', body: JSON.stringify(post) },
      this.#options.readTimeoutMs ?? 8_000,
      signal,
    );
    if (!ok) throw problemOf(status, body);
    return body as Body;
  }

  /** @throws SeatsUnreachable when nobody knows whether it arrived. */
  write(method: 'PUT' | 'POST', body: object, key: string): Promise<Exchange> {
    return this.#send(
      '',
      { method, body: JSON.stringify(body), headers: { 'Idempotency-Key': key } },
      this.#options.writeTimeoutMs ?? 30_000,
    );
  }

  async #send(
    path: string,
    init: RequestInit & { headers?: Record<string, string> },
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<Exchange> {
    const first = await this.#sendOnce(path, init, timeoutMs, signal);
    if (first.status !== 401 || this.#options.token === undefined) return first;
    // The token was over. The door refused before anything was done, so the same request may go again with a new one.
    this.#token = null;
    return this.#sendOnce(path, init, timeoutMs, signal);
  }

  async #sendOnce(
    path: string,
    init: RequestInit & { headers?: Record<string, string> },
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<Exchange> {
    const timeout = AbortSignal.timeout(timeoutMs);
    const token = await this.#bearer();
    let response: Response;
    try {
      response = await (this.#options.fetch ?? fetch)(`${this.#url}${path}`, {
        ...init,
        cache: 'no-store',
        credentials: token === null ? 'same-origin' : 'omit',
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
        headers: {
          Accept: 'application/json',
          ...(init.body === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...this.#options.headers,
          ...init.headers,
          ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
        },
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw new SeatsUnreachable('The server did not answer.', { cause: error });
    }
    return { status: response.status, ok: response.ok, body: await jsonOf(response) };
  }

  async #bearer(): Promise<string | null> {
    const { token } = this.#options;
    if (token === undefined) return null;
    this.#token ??= token();
    try {
      return await this.#token;
    } catch (error) {
      this.#token = null;
      throw new SeatsUnreachable('No token could be had from the host.', { cause: error });
    }
  }
}

/** What a failed answer is thrown as. */
export function problemOf(status: number, body: unknown): SeatsProblem | SeatsUnreachable {
  return isProblem(body)
    ? new SeatsProblem(body)
    : new SeatsUnreachable(`The server answered ${status} without saying why.`);
}

async function jsonOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    throw new SeatsUnreachable(`The answer (${response.status}) could not be read.`, { cause: error });
  }
}

function isProblem(body: unknown): body is ProblemBody {
  return typeof body === 'object' && body !== null && 'code' in body && 'detail' in body;
}
