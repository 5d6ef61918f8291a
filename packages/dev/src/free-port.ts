import { createServer } from 'node:net';
import { systemCode } from './embedded-postgres/problem.ts';

/** A port on the loopback interface that nobody listens on at this moment. Somebody may take it in the next one. */
export async function freePort(): Promise<number> {
  const port = await tryListening(0, 'loopback');
  if (port === undefined) throw new Error('The system gave out a port that is taken.');
  return port;
}

/**
 * Whether a server could listen there now: on the loopback interface, or on every one.
 * @throws the system's error where nobody is in the way and it does not let us all the same; `listenTrouble` sorts it.
 */
export async function isPortFree(port: number, where: 'loopback' | 'everywhere' = 'loopback'): Promise<boolean> {
  return (await tryListening(port, where)) !== undefined;
}

/** What kept a server from listening: another program, the system's rules, or something else about the address. */
export type ListenTrouble = 'taken' | 'not_permitted' | 'impossible';

/** Undefined where the error is about something other than listening. */
export function listenTrouble(error: unknown): ListenTrouble | undefined {
  if (!(error instanceof Error) || !('syscall' in error) || error.syscall !== 'listen') return undefined;
  const code = systemCode(error);
  if (code === 'EADDRINUSE') return 'taken';
  return code === 'EACCES' || code === 'EPERM' ? 'not_permitted' : 'impossible';
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
