import { createServer } from 'node:net';
import { systemCode } from './embedded-postgres/problem.ts';

/** A port on the loopback interface that nobody listens on at this moment. Somebody may take it in the next one. */
export async function freePort(): Promise<number> {
  const port = await tryListening(0, 'loopback');
  if (port === undefined) throw new Error('The system gave out a port that is taken.');
  return port;
}

/** Whether a server could listen there now: on the loopback interface, or on every one. */
export async function isPortFree(port: number, where: 'loopback' | 'everywhere' = 'loopback'): Promise<boolean> {
  return (await tryListening(port, where)) !== undefined;
}

function tryListening(port: number, where: 'loopback' | 'everywhere'): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => {
      if (systemCode(error) === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen({ port, ...(where === 'loopback' ? { host: '127.0.0.1' } : {}) }, () => {
      const address = server.address();
      const bound = address !== null && typeof address === 'object' ? address.port : port;
      server.close(() => resolve(bound));
    });
  });
}
