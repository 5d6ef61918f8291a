import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import * as Sentry from '@sentry/node';
import type { Logger, SentryLike } from '../src/index.ts';

/** An event as it stood in a real Sentry envelope. */
export interface SentEvent {
  readonly event_id: string;
  readonly level: string;
  readonly message?: string;
  readonly fingerprint?: readonly string[];
  readonly contexts?: Readonly<Record<string, unknown>>;
}

export interface RecordingAlerts extends AsyncDisposable {
  readonly sentry: SentryLike;
  readonly logger: Logger;
  readonly events: readonly SentEvent[];
  readonly lines: readonly { level: string; message: string; fields: object }[];
  /** The next event, or one already received, that fits. */
  event(fits: (event: SentEvent) => boolean): Promise<SentEvent>;
}

/** A local receiver of real envelopes, with the real Sentry SDK in front of it. */
export async function recordingAlerts(): Promise<RecordingAlerts> {
  const events: SentEvent[] = [];
  const lines: { level: string; message: string; fields: object }[] = [];
  const waiters = new Set<{ fits: (event: SentEvent) => boolean; resolve: (event: SentEvent) => void }>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks);
      const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
      for (const event of eventsOf(body.toString('utf8'))) {
        events.push(event);
        for (const waiter of waiters) {
          if (!waiter.fits(event)) continue;
          waiters.delete(waiter);
          waiter.resolve(event);
        }
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = new Sentry.NodeClient({
    dsn: `http://public@127.0.0.1:${port}/1`,
    transport: Sentry.makeNodeTransport,
    stackParser: Sentry.defaultStackParser,
    integrations: [],
  });
  client.init();
  const write = (level: string) => (fields: object, message: string) => {
    lines.push({ level, message, fields });
  };

  return {
    sentry: {
      captureEvent: (
        event: Parameters<typeof client.captureEvent>[0],
        hint?: Parameters<typeof client.captureEvent>[1],
      ) => client.captureEvent(event, hint),
      flush: (ms?: number) => client.flush(ms),
      getClient: () => client,
    } as SentryLike,
    logger: {
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
      fatal: write('fatal'),
    },
    events,
    lines,
    event(fits) {
      const known = events.find(fits);
      if (known) return Promise.resolve(known);
      return new Promise((resolve) => waiters.add({ fits, resolve }));
    },
    async [Symbol.asyncDispose]() {
      await client.close(1_000);
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** An envelope is lines of json: its header, then a header and a payload for each item. */
function eventsOf(envelope: string): SentEvent[] {
  const lines = envelope.split('\n');
  const found: SentEvent[] = [];
  for (let index = 1; index + 1 < lines.length; index += 2) {
    const header = JSON.parse(lines[index] ?? '{}') as { type?: string };
    if (header.type === 'event') found.push(JSON.parse(lines[index + 1] ?? '{}') as SentEvent);
  }
  return found;
}
