import { Agent, createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Random } from '../../random.ts';
import { Faults } from './faults.ts';

/** What can happen to a request to Stripe. `before`: Stripe does not see it. `after`: it is done, and its answer suffers. */
export const httpFaultKinds = [
  'reset_before',
  'reset_after',
  'cut_after',
  'half_close_after',
  'delay_after',
  /** Longer than the caller waits: the request arrives when nobody listens for its answer any more. */
  'late_request',
  'status_500_before',
  'status_500_after',
  /** A 429 comes from the limiter, in front of everything: never after the request was done. */
  'status_429_before',
  'status_409_before',
  'status_409_after',
] as const;
export type HttpFault = (typeof httpFaultKinds)[number];

/** What a network and Stripe itself cost without any fault; so that there is something to interrupt. */
const usualDelayMs = [10, 250] as const;
const longDelayMs = [500, 4_000] as const;
/** Beyond the engine's own time limit of 10 s for a request to Stripe. */
const lateMs = [10_500, 13_500] as const;

export interface FaultyHttp {
  readonly port: number;
  readonly faults: Faults<HttpFault>;
  /** How many requests are between here and Stripe, or on their way back. */
  readonly underWay: number;
  close(): Promise<void>;
}

/** A proxy that understands requests, between the servers and Stripe. `target`: Stripe's port, null while it is down. */
export async function startFaultyHttp(options: {
  readonly target: () => number | null;
  readonly random: Random;
}): Promise<FaultyHttp> {
  const faults = new Faults(options.random, httpFaultKinds);
  const agent = new Agent({ keepAlive: true });
  const timers = new Map<NodeJS.Timeout, () => void>();
  let underWay = 0;
  let closing = false;

  const wait = ([least, most]: readonly [number, number]) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(
        () => {
          timers.delete(timer);
          resolve();
        },
        options.random.between(least, most),
      );
      timers.set(timer, resolve);
    });

  async function carry(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    if (body === null) return;
    const fault = faults.draw();
    await wait(fault === 'late_request' ? lateMs : usualDelayMs);
    if (closing || fault === 'reset_before') return reset(response);
    const scripted = fault === null ? undefined : scriptedAnswers[fault];
    if (fault?.endsWith('_before') && scripted) return answer(response, scripted);

    const port = options.target();
    const came = port === null ? null : await forward(agent, port, request, body);
    if (came === null || fault === 'reset_after') return reset(response);
    if (fault === 'delay_after') await wait(longDelayMs);
    if (scripted) return answer(response, scripted);
    if (response.destroyed) return;
    response.writeHead(came.status, came.headers);
    if (fault === 'cut_after' || fault === 'half_close_after') {
      const part = came.body.subarray(0, options.random.between(0, came.body.length - 1));
      const { socket } = response;
      response.write(part, () => (fault === 'cut_after' ? socket?.resetAndDestroy() : socket?.end()));
      return;
    }
    response.end(came.body);
  }

  const server = createServer((request, response) => {
    underWay += 1;
    // The caller went away in the middle of its answer: nobody is left to tell.
    response.on('error', () => reset(response));
    void carry(request, response).finally(() => {
      underWay -= 1;
    });
  });
  server.requestTimeout = 0;
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    faults,
    get underWay() {
      return underWay;
    },
    async close() {
      closing = true;
      for (const [timer, resolve] of timers) {
        clearTimeout(timer);
        resolve();
      }
      agent.destroy();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

interface Scripted {
  readonly status: number;
  readonly error: Readonly<Record<string, string>>;
}

const serverError: Scripted = { status: 500, error: { type: 'api_error', message: 'An unknown error occurred.' } };
const keyInUse: Scripted = {
  status: 409,
  error: {
    type: 'invalid_request_error',
    code: 'idempotency_key_in_use',
    message: 'There is currently another in-progress request using this Idempotent Key. Please try again later.',
  },
};
const scriptedAnswers: Partial<Record<HttpFault, Scripted>> = {
  status_500_before: serverError,
  status_500_after: serverError,
  status_429_before: {
    status: 429,
    error: { type: 'invalid_request_error', code: 'rate_limit', message: 'Request rate limit exceeded.' },
  },
  status_409_before: keyInUse,
  status_409_after: keyInUse,
};

function answer(response: ServerResponse, { status, error }: Scripted): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error }));
}

function reset(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}

/** null: the caller went away before it had said everything. */
function bodyOf(request: IncomingMessage): Promise<Buffer | null> {
  const { promise, resolve } = Promise.withResolvers<Buffer | null>();
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => resolve(Buffer.concat(chunks)));
  request.on('error', () => resolve(null));
  request.on('close', () => resolve(null));
  return promise;
}

interface Came {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: Buffer;
}

/** The server's whole answer, or null where it went away. The request goes on even if its caller has gone. */
function forward(agent: Agent, port: number, request: IncomingMessage, body: Buffer): Promise<Came | null> {
  const { promise, resolve } = Promise.withResolvers<Came | null>();
  const { method = 'GET', url = '/', headers } = request;
  const outgoing = send({ agent, host: '127.0.0.1', port, method, path: url, headers }, (incoming) => {
    bodyOf(incoming).then((came) => {
      const { 'transfer-encoding': _, ...kept } = incoming.headers;
      resolve(came === null ? null : { status: incoming.statusCode ?? 502, headers: kept, body: came });
    });
  });
  outgoing.on('error', () => resolve(null));
  outgoing.end(body);
  return promise;
}
