import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Outcome, RawRequest } from './http/exchange.ts';
import { maximumBodyBytes } from './http/form.ts';

/** Answers a request; `/_sim` and the API are told apart behind it. */
export type Handler = (request: RawRequest, peer: string) => Promise<Outcome>;

/** The node:http front: bodies in, outcomes out, including those that break the connection. */
export function createHttpServer(handler: Handler, log: (line: string) => void): Server {
  const server = createServer((request, response) => {
    serve(handler, request, response).catch((failure: unknown) => {
      log(`stripe-sim: ${failure instanceof Error ? failure.message : String(failure)}`);
      request.socket.destroy();
    });
  });
  // A client that waits for a hung request must not be cut off by the server's own timeouts.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 60_000;
  return server;
}

async function serve(handler: Handler, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readBody(request);
  // The client went away in the middle of its request: nobody is left to answer.
  if (body === undefined) return;
  if (body === null) {
    const message = `Request body too large: at most ${maximumBodyBytes} bytes.`;
    write(response, {
      kind: 'answer',
      status: 413,
      headers: { 'Content-Type': 'application/json', Connection: 'close' },
      body: JSON.stringify({ error: { type: 'invalid_request_error', message } }),
    });
    return;
  }
  const headers: RawRequest['headers'] = {};
  for (const [name, value] of Object.entries(request.headers)) {
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  const raw: RawRequest = { method: request.method ?? 'GET', target: request.url ?? '/', headers, body };
  write(response, await handler(raw, request.socket.remoteAddress ?? ''));
}

function write(response: ServerResponse, outcome: Outcome): void {
  const { socket } = response;
  if (socket === null || socket.destroyed) return;
  if (outcome.kind === 'drop') {
    // A reset rather than a polite end: what a client sees when the other side or a proxy in between dies.
    socket.resetAndDestroy();
    return;
  }
  const body = Buffer.from(outcome.body);
  response.writeHead(outcome.status, { ...outcome.headers, 'Content-Length': body.length });
  if (outcome.kind === 'answer') {
    response.end(body);
    return;
  }
  response.write(body.subarray(0, outcome.sentBytes), () => socket.destroy());
}

/**
 * The whole body as text; null when it is too large, and the rest is then read and thrown away, up to a bound;
 * undefined when the connection broke.
 */
function readBody(request: IncomingMessage): Promise<string | null | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | null | undefined>();
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > maximumBodyBytes * 8) request.destroy();
    else if (size > maximumBodyBytes) resolve(null);
    else chunks.push(chunk);
  });
  request.on('end', () =>
    resolve(chunks.length === 1 ? (chunks[0] as Buffer).toString('utf8') : Buffer.concat(chunks).toString('utf8')),
  );
  request.on('error', () => resolve(undefined));
  request.on('close', () => resolve(undefined));
  return promise;
}
