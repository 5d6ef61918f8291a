import { withoutSecrets } from '../alerts/without-secrets.ts';

/**
 * One request and what came back for it, down at the wire. Nothing here knows subscriptions or the SDK's classes.
 *
 * The SDK decides about retries from what its HTTP client hands it, and it resends a closed connection once by itself,
 * whatever `maxNetworkRetries` says. So it gets nothing to decide on: this HTTP client sends at most once in its life,
 * never fails, and hands every outcome to the SDK as a body that was read. The SDK keeps doing what it is good at
 * (keys, headers, hosts, agents), and what happened on the wire arrives here undigested: a 500 that is not JSON keeps
 * its status, and a 404 without an `error` is not mistaken for a success.
 */

/** What one send brought back. */
export type Exchange =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** By lower-case name. */
      readonly headers: Readonly<Record<string, string>>;
      /** The parsed body; undefined where it came completely but is not JSON. */
      readonly body: unknown;
    }
  | { readonly kind: 'no_answer'; readonly reason: 'timeout' | 'connection' | 'cut_body'; readonly message: string };

type RequestHeaders = Record<string, string | number | string[]>;

/** The part of the SDK's HTTP client interface that is used here; the same in stripe 20 to 23. */
export interface HttpClient {
  getClientName(): string;
  makeRequest(
    host: string,
    port: string,
    path: string,
    method: string,
    headers: RequestHeaders,
    requestData: string,
    protocol: string,
    timeout: number,
  ): Promise<HttpResponse>;
}

export interface HttpResponse {
  getStatusCode(): number;
  getHeaders(): Record<string, string | string[]>;
  getRawResponse(): unknown;
  toStream(streamCompleteCallback: () => void): unknown;
  toJSON(): Promise<unknown>;
  dispose?: () => void;
}

/** What the SDK is given as the answer's body. It has no `error`, so the SDK resolves with it. */
export interface Envelope {
  readonly exchange: Exchange;
}

/** Sends at most one request in its life, through the host's own HTTP client. */
export class SingleSend implements HttpClient {
  readonly #inner: HttpClient;
  readonly #verbatimBody: string | null;
  #spent = false;
  #response: HttpResponse | null = null;

  /** @param verbatimBody goes over the wire byte for byte; null sends the body that the SDK made. */
  constructor(inner: HttpClient, verbatimBody: string | null) {
    this.#inner = inner;
    this.#verbatimBody = verbatimBody;
  }

  getClientName(): string {
    return this.#inner.getClientName();
  }

  async makeRequest(
    host: string,
    port: string,
    path: string,
    method: string,
    headers: RequestHeaders,
    requestData: string,
    protocol: string,
    timeout: number,
  ): Promise<HttpResponse> {
    if (this.#spent) {
      return envelope({
        kind: 'no_answer',
        reason: 'connection',
        message: 'This request was already sent or given up.',
      });
    }
    this.#spent = true;
    const body = this.#verbatimBody ?? requestData;
    const sentHeaders =
      this.#verbatimBody === null ? headers : { ...headers, 'Content-Length': new TextEncoder().encode(body).length };
    let response: HttpResponse;
    try {
      response = await this.#inner.makeRequest(host, port, path, method, sentHeaders, body, protocol, timeout);
    } catch (error) {
      return envelope(failure(error, 'connection'));
    }
    this.#response = response;
    return envelope(await readResponse(response));
  }

  /** After the deadline: a send that has not begun never begins, and an answer that comes late does not keep its socket. */
  giveUp(): void {
    this.#spent = true;
    if (this.#response !== null) dispose(this.#response);
  }
}

/**
 * Waits for an answer, all in all no longer than `timeoutMs`: looking up the host, waiting for a socket, sending, and
 * reading the last byte of the body. The SDK's own timeout is about silence on the socket and lets a trickling answer
 * go on for ever.
 */
export function withinDeadline(
  client: SingleSend,
  send: () => Promise<unknown>,
  options: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
): Promise<Exchange> {
  const { promise, resolve } = Promise.withResolvers<Exchange>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const finish = (exchange: Exchange) => {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', onAbort);
    resolve(exchange);
  };
  const giveUp = (message: string) => {
    client.giveUp();
    finish({ kind: 'no_answer', reason: 'timeout', message });
  };
  const onAbort = () => giveUp('The caller stopped waiting for Stripe.');
  if (options.signal?.aborted) {
    onAbort();
    return promise;
  }
  timer = setTimeout(() => giveUp(`Stripe did not answer within ${options.timeoutMs} ms.`), options.timeoutMs);
  options.signal?.addEventListener('abort', onAbort);
  send().then(
    (answer) => finish(exchangeIn(answer)),
    // Nothing that the wire can do ends here: what does is the SDK refusing to send, or the host's authenticator.
    (error: unknown) => finish(failure(error, 'connection')),
  );
  return promise;
}

async function readResponse(response: HttpResponse): Promise<Exchange> {
  const status = response.getStatusCode();
  const headers = lowerCase(response.getHeaders());
  const raw = response.getRawResponse();
  // A fetch client may follow a redirect with a second send. An answer to that is not the answer to one send.
  if (isObject(raw) && raw.redirected === true) {
    dispose(response);
    return { kind: 'no_answer', reason: 'connection', message: 'The request was redirected.' };
  }
  try {
    const body = await Promise.race([response.toJSON(), cutOff(raw)]);
    return { kind: 'answered', status, headers, body };
  } catch (error) {
    // A body that came completely and is not JSON: a proxy's page, or Stripe's own bad day. Its status still counts.
    if (error instanceof SyntaxError) return { kind: 'answered', status, headers, body: undefined };
    return failure(error, 'cut_body');
  }
}

/** Lets go of an answer that nobody will read, so that it keeps no socket and no timer. */
function dispose(response: HttpResponse): void {
  const raw = response.getRawResponse();
  if (response.dispose) response.dispose();
  else if (isObject(raw) && typeof raw.destroy === 'function') raw.destroy();
}

/** Before stripe 23 the Node client never noticed that a body was cut, and waited for ever. Rejects when it was. */
function cutOff(raw: unknown): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  if (isObject(raw) && 'complete' in raw && typeof raw.once === 'function') {
    raw.once('close', () => {
      if (raw.complete === false) reject(new Error('The connection was cut in the middle of the answer.'));
    });
  }
  return promise;
}

function failure(error: unknown, reason: 'connection' | 'cut_body'): Exchange {
  const timedOut = isObject(error) && error.code === 'ETIMEDOUT';
  return { kind: 'no_answer', reason: timedOut ? 'timeout' : reason, message: withoutSecrets(messageOf(error)) };
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // The SDK and fetch wrap what really happened; both say it in one of these places.
  const inner = 'exception' in error && error.exception instanceof Error ? error.exception : error.cause;
  return inner instanceof Error ? `${error.message}: ${inner.message}` : error.message;
}

function envelope(exchange: Exchange): HttpResponse {
  const body: Envelope = { exchange };
  return {
    getStatusCode: () => (exchange.kind === 'answered' ? exchange.status : 0),
    getHeaders: () => (exchange.kind === 'answered' ? { ...exchange.headers } : {}),
    // The SDK writes request id and version onto this object; the host's own response object is left alone.
    getRawResponse: () => ({}),
    toStream: () => {
      throw new Error('Seatbelt reads no streams.');
    },
    toJSON: () => Promise.resolve(body),
  };
}

function exchangeIn(answer: unknown): Exchange {
  if (isObject(answer) && isObject(answer.exchange)) return (answer as unknown as Envelope).exchange;
  return {
    kind: 'no_answer',
    reason: 'connection',
    message: 'The Stripe SDK did not use the HTTP client it was given.',
  };
}

function lowerCase(headers: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || value === null ? [] : [[name.toLowerCase(), String(value)]],
    ),
  );
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
