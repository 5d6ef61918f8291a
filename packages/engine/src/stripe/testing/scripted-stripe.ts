import { createServer, type Socket } from 'node:net';

/** What the server does with one request. */
export type Reaction =
  | {
      readonly do: 'answer';
      readonly status: number;
      readonly body: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Announces the whole body, sends half of it and closes. */
  | { readonly do: 'cut'; readonly status: number; readonly body: string }
  /** Closes politely without a byte. */
  | { readonly do: 'close' }
  /** Resets the connection: the client sees ECONNRESET. */
  | { readonly do: 'reset' }
  /** Never answers. */
  | { readonly do: 'hang' }
  /** A byte of the answer now and then, for ever: never silent, never done. */
  | { readonly do: 'trickle' };

/** One request as it arrived on the wire. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ScriptedStripe {
  readonly port: number;
  /** Every request that arrived, whatever was done with it. */
  readonly seen: readonly SeenRequest[];
  /** Settles with the next request that arrives. */
  arrival(): Promise<SeenRequest>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * A server below HTTP libraries, so that nothing but the bytes decides what counts as a send. It reacts to the nth
 * request with the nth reaction, and to all after that with the last.
 */
export async function scriptedStripe(...script: readonly Reaction[]): Promise<ScriptedStripe> {
  const seen: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  let waiting: ((request: SeenRequest) => void)[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    let received = Buffer.alloc(0);
    // Clients are cut on purpose here.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      for (let request = takeRequest(received); request !== null; request = takeRequest(received)) {
        received = received.subarray(request.length);
        seen.push(request.request);
        for (const resolve of waiting) resolve(request.request);
        waiting = [];
        const reaction = script[Math.min(seen.length, script.length) - 1];
        if (reaction) react(socket, reaction);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The scripted server has no port.');
  return {
    port: address.port,
    seen,
    arrival: () => new Promise((resolve) => waiting.push(resolve)),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function react(socket: Socket, reaction: Reaction): void {
  switch (reaction.do) {
    case 'answer':
      socket.write(head(reaction.status, reaction.body, reaction.headers) + reaction.body);
      return;
    case 'cut':
      socket.end(head(reaction.status, reaction.body) + reaction.body.slice(0, reaction.body.length / 2));
      return;
    case 'close':
      socket.end();
      return;
    case 'reset':
      socket.resetAndDestroy();
      return;
    case 'hang':
      return;
    case 'trickle': {
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n');
      const timer = setInterval(() => socket.write(' '), 10);
      socket.on('close', () => clearInterval(timer));
    }
  }
}

function head(status: number, body: string, headers: Readonly<Record<string, string>> = {}): string {
  const lines = Object.entries({
    'Content-Type': 'application/json',
    'Content-Length': String(Buffer.byteLength(body)),
    'Request-Id': 'req_scripted',
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`);
  return `HTTP/1.1 ${status} Scripted\r\n${lines.join('\r\n')}\r\n\r\n`;
}

function takeRequest(bytes: Buffer): { request: SeenRequest; length: number } | null {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const length = end + 4 + Number(headers['content-length'] ?? 0);
  if (bytes.length < length) return null;
  const [method = '', path = ''] = first.split(' ');
  return { request: { method, path, headers, body: bytes.subarray(end + 4, length).toString('utf8') }, length };
}
