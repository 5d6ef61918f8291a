import { createServer, type Socket } from 'node:net';
import pg from 'pg';

export interface TransactionPooler {
  readonly url: string;
  /** How many transactions each backend has served. */
  readonly served: readonly number[];
  [Symbol.asyncDispose](): Promise<void>;
}

interface Backend {
  readonly index: number;
  readonly socket: Socket;
  readonly client: pg.Client;
  incoming: Buffer;
  lentTo: Session | null;
}

interface Session {
  readonly socket: Socket;
  incoming: Buffer;
  started: boolean;
  backend: Backend | null;
  /** Frames that wait for a backend. */
  held: Buffer[];
  /** Query and Sync messages whose ReadyForQuery has not come back. */
  unanswered: number;
}

/**
 * A pooler in transaction mode, as PgBouncer and Supavisor are: a client has a server connection from the first message
 * of a transaction to its end, and the next transaction gets another one, in turn. Nothing is reset in between. So
 * whatever relies on a session (a named statement, a SET, an advisory lock) breaks here as it breaks there.
 */
export async function transactionPooler(url: string, backendCount = 2): Promise<TransactionPooler> {
  const served = Array.from({ length: backendCount }, () => 0);
  const free: Backend[] = [];
  const queue: Session[] = [];
  const sessions = new Set<Session>();

  const backends = await Promise.all(served.map((_, index) => connectBackend(url, index)));
  for (const backend of backends) {
    free.push(backend);
    backend.socket.on('data', (bytes: Buffer) => {
      backend.incoming = Buffer.concat([backend.incoming, bytes]);
      for (let frame = takeFrame(backend.incoming); frame !== null; frame = takeFrame(backend.incoming)) {
        backend.incoming = backend.incoming.subarray(frame.length);
        fromBackend(backend, frame);
      }
    });
  }

  function fromBackend(backend: Backend, frame: Buffer): void {
    const session = backend.lentTo;
    session?.socket.write(frame);
    if (session === null || frame[0] !== code('Z')) return;
    session.unanswered -= 1;
    if (frame[5] !== code('I') || session.unanswered > 0) return;
    served[backend.index] = (served[backend.index] ?? 0) + 1;
    backend.lentTo = null;
    session.backend = null;
    free.push(backend);
    lend();
  }

  function lend(): void {
    while (free.length > 0 && queue.length > 0) {
      const session = queue.shift();
      const backend = free.shift();
      if (!session || !backend) return;
      session.backend = backend;
      backend.lentTo = session;
      for (const frame of session.held.splice(0)) backend.socket.write(frame);
    }
  }

  function fromClient(session: Session, frame: Buffer): void {
    if (frame[0] === code('X')) {
      session.socket.end();
      return;
    }
    if (frame[0] === code('Q') || frame[0] === code('S')) session.unanswered += 1;
    if (session.backend) {
      session.backend.socket.write(frame);
      return;
    }
    session.held.push(frame);
    if (!queue.includes(session)) queue.push(session);
    lend();
  }

  const server = createServer((socket) => {
    const session: Session = {
      socket,
      incoming: Buffer.alloc(0),
      started: false,
      backend: null,
      held: [],
      unanswered: 0,
    };
    sessions.add(session);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sessions.delete(session));
    socket.on('data', (bytes) => {
      session.incoming = Buffer.concat([session.incoming, bytes]);
      while (!session.started) {
        const length = session.incoming.length < 8 ? 0 : session.incoming.readUInt32BE(0);
        if (length === 0 || session.incoming.length < length) return;
        const request = session.incoming.readUInt32BE(4);
        session.incoming = session.incoming.subarray(length);
        if (request === sslRequest) {
          socket.write('N');
          continue;
        }
        session.started = true;
        socket.write(welcome);
      }
      for (let frame = takeFrame(session.incoming); frame !== null; frame = takeFrame(session.incoming)) {
        session.incoming = session.incoming.subarray(frame.length);
        fromClient(session, frame);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The pooler has no port.');
  const through = new URL(url);
  through.hostname = '127.0.0.1';
  through.port = String(address.port);
  return {
    url: through.href,
    served,
    async [Symbol.asyncDispose]() {
      for (const session of sessions) session.socket.destroy();
      for (const backend of backends) backend.socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

const sslRequest = 80_877_103;
const code = (letter: string) => letter.charCodeAt(0);

/** Lets `pg` connect and authenticate, and takes the connection over from it. */
async function connectBackend(url: string, index: number): Promise<Backend> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
  stream.removeAllListeners('data');
  stream.removeAllListeners('close');
  // It is cut at the end of each test.
  stream.removeAllListeners('error');
  stream.on('error', () => stream.destroy());
  return { index, socket: stream, client, incoming: Buffer.alloc(0), lentTo: null };
}

/** One message of the protocol: a letter, and a length that counts itself. */
function takeFrame(bytes: Buffer): Buffer | null {
  if (bytes.length < 5) return null;
  const length = 1 + bytes.readUInt32BE(1);
  return bytes.length < length ? null : bytes.subarray(0, length);
}

function message(letter: string, ...parts: readonly (string | number)[]): Buffer {
  const body = Buffer.concat(
    parts.map((part) => {
      if (typeof part === 'string') return Buffer.from(part, 'latin1');
      const number = Buffer.alloc(4);
      number.writeInt32BE(part);
      return number;
    }),
  );
  const head = Buffer.alloc(5);
  head.write(letter, 0, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** AuthenticationOk, what clients want to know of a server, a cancellation key, and ReadyForQuery. */
const welcome = Buffer.concat([
  message('R', 0),
  message('S', 'server_version\0', '18.0\0'),
  message('S', 'client_encoding\0', 'UTF8\0'),
  message('S', 'standard_conforming_strings\0', 'on\0'),
  message('K', 1, 1),
  message('Z', 'I'),
]);
