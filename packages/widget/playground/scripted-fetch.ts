import type { PlaygroundState } from './states.ts';

/** A `fetch` that answers as one state of the playground wants, so that the real client runs without a server. */
export function scriptedFetch(state: PlaygroundState): typeof fetch {
  return (input, init) => {
    const url = String(input instanceof Request ? input.url : input);
    const signal = init?.signal ?? undefined;
    if (init?.method === 'PUT') return said(state.change ?? 'never', signal);
    if (url.endsWith('/preview')) return said(state.preview ?? 'never', signal);
    return said(state.seats, signal);
  };
}

function said(answer: object | 'never' | 'unreachable', signal: AbortSignal | undefined): Promise<Response> {
  if (answer === 'unreachable') return Promise.reject(new TypeError('Failed to fetch'));
  if (answer === 'never') {
    return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason), { once: true }));
  }
  const status = 'type' in answer && 'status' in answer ? Number(answer.status) : 200;
  return Promise.resolve(new Response(JSON.stringify(answer), { status }));
}
