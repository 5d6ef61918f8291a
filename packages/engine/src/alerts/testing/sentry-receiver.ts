import { createServer, type IncomingMessage, type Server } from 'node:http';
import { gunzipSync } from 'node:zlib';

/** One item of an envelope: its header, and its payload where that is JSON. */
export interface EnvelopeItem {
  readonly type: string;
  readonly payload: Record<string, unknown>;
}

export interface ReceivedEvent {
  readonly status: number;
  readonly gzip: boolean;
  readonly event: Record<string, unknown>;
}

export interface SentryReceiver {
  readonly dsn: string;
  /** Events that arrived, accepted or not. */
  readonly events: readonly ReceivedEvent[];
  /** All items of all envelopes. */
  readonly items: readonly EnvelopeItem[];
  /** What the next requests are answered with; after them 200. `hang`: never. */
  answerNext(...answers: readonly (number | 'hang')[]): void;
  /** Settles once an event was accepted with a 200; at once if one was already. */
  accepted(): Promise<ReceivedEvent>;
  /** Stops listening, and cuts what is open. */
  down(): Promise<void>;
  /** Listens, on the same port as before. */
  up(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * A stand-in for Sentry's ingest endpoint, on the real wire format: gzip, envelopes with several items.
 * https://develop.sentry.dev/sdk/data-model/envelopes/
 */
export async function sentryReceiver(): Promise<SentryReceiver> {
  const events: ReceivedEvent[] = [];
  const items: EnvelopeItem[] = [];
  let answers: (number | 'hang')[] = [];
  let waiting: ((event: ReceivedEvent) => void)[] = [];
  let port = 0;
  let server: Server | null = null;

  async function receive(request: IncomingMessage): Promise<number | 'hang'> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const gzip = request.headers['content-encoding'] === 'gzip';
    const bytes = gzip ? gunzipSync(Buffer.concat(chunks)) : Buffer.concat(chunks);
    const envelope = parseEnvelope(bytes);
    // The SDK sends reports of its own in between; the script is about events.
    const answer = envelope.some((item) => item.type === 'event') ? (answers.shift() ?? 200) : 200;
    for (const item of envelope) {
      items.push(item);
      if (item.type !== 'event') continue;
      const received = { status: answer === 'hang' ? 0 : answer, gzip, event: item.payload };
      events.push(received);
      if (answer !== 200) continue;
      for (const resolve of waiting) resolve(received);
      waiting = [];
    }
    return answer;
  }

  async function up(): Promise<void> {
    server = createServer((request, response) => {
      receive(request).then(
        (status) => {
          if (status === 'hang') return;
          response.writeHead(status, status === 429 ? { 'Retry-After': '1' } : {});
          response.end('{}');
        },
        () => request.socket.destroy(),
      );
    });
    const listening = server;
    await new Promise<void>((resolve) => listening.listen(port, '127.0.0.1', resolve));
    const address = listening.address();
    if (address === null || typeof address === 'string') throw new Error('The receiver has no port.');
    port = address.port;
  }

  async function down(): Promise<void> {
    const listening = server;
    server = null;
    if (listening === null) return;
    listening.closeAllConnections();
    await new Promise<void>((resolve) => listening.close(() => resolve()));
  }

  await up();
  return {
    get dsn() {
      return `http://public@127.0.0.1:${port}/1`;
    },
    events,
    items,
    answerNext: (...next) => {
      answers = [...next];
    },
    accepted: () => {
      const known = events.find((received) => received.status === 200);
      return known ? Promise.resolve(known) : new Promise((resolve) => waiting.push(resolve));
    },
    up,
    down,
    [Symbol.asyncDispose]: down,
  };
}

function parseEnvelope(bytes: Buffer): EnvelopeItem[] {
  const found: EnvelopeItem[] = [];
  let at = lineEnd(bytes, 0) + 1;
  while (at < bytes.length) {
    const end = lineEnd(bytes, at);
    if (end === at) {
      at += 1;
      continue;
    }
    const header: { type: string; length?: number } = JSON.parse(bytes.subarray(at, end).toString('utf8'));
    const start = end + 1;
    const stop = header.length === undefined ? lineEnd(bytes, start) : start + header.length;
    const text = bytes.subarray(start, stop).toString('utf8');
    found.push({ type: header.type, payload: text.startsWith('{') ? JSON.parse(text) : {} });
    at = stop + 1;
  }
  return found;
}

function lineEnd(bytes: Buffer, from: number): number {
  const at = bytes.indexOf(0x0a, from);
  return at < 0 ? bytes.length : at;
}
