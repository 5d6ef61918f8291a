import type { Outcome, RawRequest } from './exchange.ts';

/** The fetch-style front: the same handler without a socket. */
export async function answerFetch(request: Request, handler: (raw: RawRequest) => Promise<Outcome>): Promise<Response> {
  const url = new URL(request.url);
  const headers: RawRequest['headers'] = {};
  for (const [name, value] of request.headers) headers[name] = value;
  const body = request.body === null ? '' : await request.text();
  const pending = handler({ method: request.method, target: url.pathname + url.search, headers, body });
  const outcome = await abortable(pending, request.signal);
  if (outcome.kind === 'drop') throw connectionReset();
  if (outcome.kind === 'answer') {
    return new Response(outcome.body, { status: outcome.status, headers: outcome.headers });
  }
  const sent = new TextEncoder().encode(outcome.body).subarray(0, outcome.sentBytes);
  const stream = new ReadableStream({
    start(controller) {
      controller.enqueue(sent);
    },
    pull(controller) {
      controller.error(connectionReset());
    },
  });
  return new Response(stream, { status: outcome.status, headers: outcome.headers });
}

/** The caller may stop waiting; the request goes on without it, as it does in a real server. */
function abortable(pending: Promise<Outcome>, signal: AbortSignal): Promise<Outcome> {
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
  const stop = () => reject(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  pending.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  return promise;
}

/** What `fetch` rejects with when the other side resets the connection. */
function connectionReset(): TypeError {
  const cause = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
  return new TypeError('fetch failed', { cause });
}
