import { Refused } from '#server/problem.ts';
import { watch } from './watch.ts';

/** After this long the line is closed and the browser comes back by itself, through the door: a right that was taken away ends here. */
const lifetimeMs = 5 * 60_000;
/** More screens of one organization than this are left to asking: each costs memory and a socket. */
const mostScreens = 200;

/** Server-sent events of one organization. @throws Refused 429 where too many screens are open already */
export function liveStream(organization: string, gone: AbortSignal): Response {
  if (watch().count(organization) >= mostScreens) {
    throw new Refused({
      status: 429,
      code: 'too_many_screens',
      title: 'Too many screens are open',
      detail: 'This screen asks every few seconds instead. Nothing was changed.',
      retryAfter: 60,
    });
  }
  const encoder = new TextEncoder();
  let end = () => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const write = (text: string) => {
        // Somebody who reads too slowly comes back to a fresh line instead of filling our memory.
        if ((controller.desiredSize ?? 0) < -slowest) end();
        else controller.enqueue(encoder.encode(text));
      };
      let over = false;
      let stop = () => {};
      end = () => {
        if (over) return;
        over = true;
        stop();
        clearTimeout(timer);
        gone.removeEventListener('abort', end);
        controller.close();
      };
      const timer = setTimeout(() => end(), lifetimeMs);
      gone.addEventListener('abort', end, { once: true });
      write('retry: 1000\n\n');
      stop = watch().add(organization, {
        state: (state) => write(`event: state\ndata: ${JSON.stringify(state)}\n\n`),
        still: () => write('event: still\ndata: {}\n\n'),
      });
    },
    cancel: () => end(),
  });
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      // Compression and proxies would hold events back.
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    },
  });
}

/** Chunks that may wait for a slow reader. */
const slowest = 64;
