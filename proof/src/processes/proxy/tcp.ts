import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Random } from '../../random.ts';
import { Faults } from './faults.ts';

/** What can happen to a connection when bytes towards the server arrive. */
export const tcpFaultKinds = [
  /** The bytes wait, and everything behind them. */
  'delay',
  /** The bytes are thrown away and both sides get a reset: a lost request. */
  'reset',
  /** The bytes pass; the first bytes of the reply are thrown away and both sides get a reset: a lost reply. */
  'lost_reply',
  /** The bytes pass; after so many bytes of the reply both sides get a reset: a reply cut in the middle. */
  'cut',
  /** The bytes pass, and the server is told that the client has nothing more to say. */
  'half_close_to_server',
  /** The bytes pass, and the client is told that the server has nothing more to say. */
  'half_close_to_client',
] as const;
export type TcpFault = (typeof tcpFaultKinds)[number];

/** The longest `delay`: longer than any round trip here, shorter than the time limit of a statement or a client. */
const longestDelayMs = 800;
/** `cut` strikes within so many bytes: a row of an answer or the head of an HTTP response is longer. */
const longestCutBytes = 300;

export interface FaultyTcp {
  readonly port: number;
  readonly faults: Faults<TcpFault>;
  /** Resets every open connection and stops listening. */
  close(): Promise<void>;
}

/**
 * A proxy on loopback between a client and whatever server is the target at the moment a connection is made.
 * Faults are drawn for each piece of data from the client, so a kept-alive connection is not safer than a short one.
 *
 * @param target the port to connect to; null: nobody is there, and the connection is reset.
 */
export async function startFaultyTcp(options: {
  readonly target: () => number | null;
  readonly random: Random;
}): Promise<FaultyTcp> {
  const faults = new Faults(options.random, tcpFaultKinds);
  const open = new Set<Socket>();

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const port = options.target();
    if (port === null) {
      client.on('error', () => client.destroy());
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true });
    join(client, upstream, faults, open);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    faults,
    async close() {
      for (const socket of open) socket.resetAndDestroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function join(client: Socket, upstream: Socket, faults: Faults<TcpFault>, open: Set<Socket>): void {
  /** How many bytes of the reply still pass before the reset; null: all of them. */
  let replyBytesLeft: number | null = null;
  const delays = new Set<NodeJS.Timeout>();
  const reset = () => {
    client.resetAndDestroy();
    upstream.resetAndDestroy();
  };

  for (const [socket, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    open.add(socket);
    // A reset by one side is passed on to the other; it is what this proxy is for.
    socket.on('error', reset);
    socket.on('close', () => {
      open.delete(socket);
      for (const timer of delays) clearTimeout(timer);
      other.destroy();
    });
    socket.on('end', () => other.end());
  }

  const pass = (from: Socket, to: Socket, chunk: Buffer) => {
    if (to.destroyed || to.writableEnded || to.write(chunk)) return;
    from.pause();
    to.once('drain', () => from.resume());
  };

  client.on('data', (chunk: Buffer) => {
    const fault = replyBytesLeft === null ? faults.draw() : null;
    switch (fault) {
      case null:
        return pass(client, upstream, chunk);
      case 'delay': {
        client.pause();
        const timer = setTimeout(
          () => {
            delays.delete(timer);
            pass(client, upstream, chunk);
            client.resume();
          },
          faults.random.between(20, longestDelayMs),
        );
        delays.add(timer);
        return;
      }
      case 'reset':
        return reset();
      case 'lost_reply':
        replyBytesLeft = 0;
        return pass(client, upstream, chunk);
      case 'cut':
        replyBytesLeft = faults.random.between(1, longestCutBytes);
        return pass(client, upstream, chunk);
      case 'half_close_to_server':
        pass(client, upstream, chunk);
        upstream.end();
        return;
      case 'half_close_to_client':
        pass(client, upstream, chunk);
        client.end();
        return;
    }
  });
  upstream.on('data', (chunk: Buffer) => {
    if (replyBytesLeft === null) return pass(upstream, client, chunk);
    if (chunk.length < replyBytesLeft) {
      replyBytesLeft -= chunk.length;
      return pass(upstream, client, chunk);
    }
    const last = chunk.subarray(0, replyBytesLeft);
    // The reset goes out behind the last bytes, not in their place.
    if (last.length > 0) client.write(last, reset);
    else reset();
  });
}
