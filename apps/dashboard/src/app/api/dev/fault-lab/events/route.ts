import { labExists, storyStream } from '#features/fault-lab/server/lab.ts';

/** What a run says, as server-sent events. A browser that lost the connection goes on after the last event that it heard. */
export function GET(request: Request): Response {
  if (!labExists(request.headers.get('host'))) return new Response(null, { status: 404 });
  const seen = Number(request.headers.get('last-event-id') ?? 0);
  const run = new URL(request.url).searchParams.get('run') ?? '';
  const stream = storyStream(run, Number.isSafeInteger(seen) && seen >= 0 ? seen : 0);
  if (stream === null) return new Response(null, { status: 404 });
  return new Response(stream, {
    headers: {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    },
  });
}
