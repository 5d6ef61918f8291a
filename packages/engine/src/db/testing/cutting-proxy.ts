import { connect, createServer, type Socket } from 'node:net';

export interface CuttingProxy {
  /** The same database, through the proxy. */
  readonly url: string;
  /** From now on answers are swallowed; settles with the first one swallowed, by when the server has done its work. */
  swallowAnswers(): Promise<void>;
  /** Cuts every connection, as a network that goes away. */
  cut(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Stands between a client and PostgreSQL, to lose answers and connections at a chosen moment. */
export async function cuttingProxy(url: string): Promise<CuttingProxy> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let swallowed: (() => void) | null = null;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      // Being cut is what this is for.
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        client.destroy();
        upstream.destroy();
        sockets.delete(socket);
      });
    }
    client.on('data', (bytes) => upstream.write(bytes));
    upstream.on('data', (bytes) => {
      if (swallowed === null) client.write(bytes);
      else swallowed();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
  const through = new URL(url);
  through.hostname = '127.0.0.1';
  through.port = String(address.port);
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: through.href,
    swallowAnswers: () =>
      new Promise((resolve) => {
        swallowed = resolve;
      }),
    cut,
    async [Symbol.asyncDispose]() {
      cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
