import { createServer } from 'node:net';
import { systemCode } from './embedded-postgres/problem.ts';

/** A port on the loopback interface that nobody listens on at this moment. Somebody may take it in the next one. */
export async function freePort(): Promise<number> {
  const port = await tryListening(0);
  if (port === undefined) throw new Error('The system gave out a port that is taken.');
  return port;
}

/** Whether a server could listen there now. */
export async function isPortFree(port: number): Promise<boolean> {
  return (await tryListening(port)) !== undefined;
}

function tryListening(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => {
      if (systemCode(error) === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      const bound = address !== null && typeof address === 'object' ? address.port : port;
      server.close(() => resolve(bound));
    });
  });
}
