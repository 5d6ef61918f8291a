import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What becomes of the connections through the proxy. */
export type ProxyMode =
  /** Everything passes. */
  | { readonly type: 'pass' }
  /** New connections are refused and open ones are reset. */
  | { readonly type: 'down' }
  /** Bytes towards the server pass; the first reply after a request that contains `after` is thrown away and the connection reset. */
  | { readonly type: 'lose_reply'; readonly after: string }
  /** A request that contains `before` is not passed on; the connection is reset. */
  | { readonly type: 'lose_request'; readonly before: string };

export interface TcpProxy {
  readonly port: number;
  /** How many times the present mode has struck. */
  readonly struck: number;
  set(mode: ProxyMode): void;
  /** Resolves when the present mode has struck that many times in all. */
  whenStruck(times: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * Stands between a client and a server on loopback and breaks what it is told to, at the very byte it is told to.
 * A fault that strikes once goes back to `pass`, so that a test says what breaks and everything else is real.
 */
export async function startTcpProxy(target: { readonly host?: string; readonly port: number }): Promise<TcpProxy> {
  let mode: ProxyMode = { type: 'pass' };
  let struck = 0;
  const waiters = new Set<{ times: number; resolve: () => void }>();
  const open = new Set<Socket>();

  const strike = (): void => {
    struck += 1;
    for (const waiter of waiters) {
      if (struck < waiter.times) continue;
      waiters.delete(waiter);
      waiter.resolve();
    }
  };
  const reset = (...sockets: Socket[]): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };

  const server = createServer((client) => {
    if (mode.type === 'down') {
      strike();
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ host: target.host ?? '127.0.0.1', port: target.port });
    let losing = false;
    open.add(client).add(upstream);
    for (const socket of [client, upstream]) {
      // A reset is what this proxy is for; the peer hears of it by the close.
      socket.on('error', () => reset(client, upstream));
      socket.on('close', () => {
        open.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (chunk) => {
      if (mode.type === 'lose_request' && chunk.includes(mode.before)) {
        mode = { type: 'pass' };
        reset(client, upstream);
        strike();
        return;
      }
      if (mode.type === 'lose_reply' && chunk.includes(mode.after)) losing = true;
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (losing) {
        mode = { type: 'pass' };
        reset(client, upstream);
        strike();
        return;
      }
      client.write(chunk);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });

  return {
    port: (server.address() as AddressInfo).port,
    get struck() {
      return struck;
    },
    set(next) {
      mode = next;
      struck = 0;
      if (next.type === 'down') reset(...open);
    },
    whenStruck(times) {
      if (struck >= times) return Promise.resolve();
      return new Promise((resolve) => waiters.add({ times, resolve }));
    },
    async close() {
      reset(...open);
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
