import { randomBytes } from 'node:crypto';
import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { once } from './once.ts';

/** The header that carries it inside this process. Its name is new at every start, so nobody outside can send it. */
const header = () => once('peer-header', () => `x-seatbelt-peer-${randomBytes(8).toString('hex')}`);

/**
 * Writes on every request from which address its connection comes. Next hands routes no connection, and where a request
 * brings an X-Forwarded-For of its own Next leaves that as it is.
 * https://nodejs.org/api/diagnostics_channel.html#http
 */
export function notePeers(): void {
  once('peers', () => {
    subscribe('http.server.request.start', (message) => {
      const { request } = message as { readonly request: IncomingMessage };
      request.headers[header()] = request.socket.remoteAddress;
    });
    return true;
  });
}

/** The address at the other end of the connection; null where it was not noted. */
export function peerOf(headers: Headers): string | null {
  return headers.get(header());
}
