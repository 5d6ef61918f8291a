import { Socket } from 'node:net';
import type Stripe from 'stripe';
import type { FaultStanding } from '#lib/faults.ts';
import { once } from '../once.ts';

/** Long enough to be read on the screen, shorter than a person's patience. */
const cutMs = 12_000;

/** The one of this process. */
export function databaseCut(): DatabaseCut {
  return once('database-cut', () => new DatabaseCut());
}

/**
 * The fault "database down after Stripe refuses", for the demo only. It is not a pretended error: at the moment Stripe's
 * refusal arrives, and before the engine has seen it, every TCP connection of this process to PostgreSQL is destroyed,
 * and each new one is destroyed at birth until the time is over. So the commit of the rollback really cannot be sent.
 * Other processes, such as a worker, keep their connections.
 */
class DatabaseCut {
  readonly #sockets = new Set<Socket>();
  #standing: FaultStanding = 'off';
  #mending: NodeJS.Timeout | null = null;

  get standing(): FaultStanding {
    return this.#standing;
  }

  arm(): void {
    if (this.#standing === 'off') this.#standing = 'armed';
  }

  mend(): void {
    if (this.#mending !== null) clearTimeout(this.#mending);
    this.#mending = null;
    this.#standing = 'off';
  }

  /** What `pg` opens its connections with: an ordinary socket, remembered, so that it can be cut. */
  readonly socket = (): Socket => {
    const socket = new Socket();
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    if (this.#standing === 'on') setImmediate(() => socket.destroy(cutError()));
    return socket;
  };

  /** Watches Stripe's answers on behalf of the fault. What is sent and what comes back stays as it is. */
  watch(client: HttpClient): HttpClient {
    const makeRequest = client.makeRequest.bind(client);
    client.makeRequest = async (...request) => {
      const response = await makeRequest(...request);
      const [, , , method] = request;
      if (this.#standing === 'armed' && method === 'POST' && response.getStatusCode() === 402) this.#cut();
      return response;
    };
    return client;
  }

  #cut(): void {
    this.#standing = 'on';
    this.#mending = setTimeout(() => this.mend(), cutMs);
    // The demo's timer must not keep a process alive that is being stopped.
    this.#mending.unref();
    for (const socket of this.#sockets) socket.destroy(cutError());
  }
}

type HttpClient = NonNullable<NonNullable<ConstructorParameters<typeof Stripe>[1]>['httpClient']>;

function cutError(): Error {
  return Object.assign(new Error('The connection was cut by the demo.'), { code: 'ECONNRESET' });
}
