/** The engine's end of a connection: what its client library takes for a socket. What it writes goes to the network. */
import { Duplex } from 'node:stream';
import type { Backend } from './backend.ts';
import { letterOf, type Statement, statementOf, takeMessage, welcome } from './wire.ts';

export interface Carrier {
  /** Somebody wants to connect: `arrive` or `refuse` follows. */
  dial(end: ClientEnd): void;
  statement(end: ClientEnd, statement: Statement): void;
  /** The client has closed it, or it was cut. */
  closed(end: ClientEnd): void;
}

export class ClientEnd extends Duplex {
  /** The server's end, once something was said. */
  backend: Backend | null = null;
  /** A statement of it is on its way. */
  underWay = false;
  /** The server's end is gone, and this one has not heard of it. */
  lost = false;
  readonly #carrier: Carrier;
  #started = false;
  #incoming: Buffer = Buffer.alloc(0);
  #messages: Buffer[] = [];
  readonly #named = new Map<string, string>();

  constructor(carrier: Carrier) {
    super();
    this.#carrier = carrier;
  }

  // What a client library asks of a socket

  connect(_port: number, _host: string): this {
    this.#carrier.dial(this);
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  override _read(): void {}
  override _write(bytes: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#receive(bytes);
    done();
  }
  override _final(done: () => void): void {
    done();
    this.destroy();
  }
  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#carrier.closed(this);
    done(error);
  }

  // What happens to it on the network

  arrive(): void {
    if (!this.destroyed) this.emit('connect');
  }

  refuse(): void {
    this.destroy(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' }));
  }

  answer(bytes: Buffer): void {
    if (!this.destroyed) this.push(bytes);
  }

  /** With a reset, as from a firewall, or without a word, as from a peer that closes. */
  cut(reset: boolean): void {
    if (reset) this.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' }));
    else this.destroy();
  }

  #receive(bytes: Buffer): void {
    this.#incoming = this.#incoming.length === 0 ? bytes : Buffer.concat([this.#incoming, bytes]);
    if (!this.#started) {
      // The first message has no letter: who wants to talk to which database.
      const length = this.#incoming.length < 4 ? 4 : this.#incoming.readUInt32BE(0);
      if (this.#incoming.length < length) return;
      this.#incoming = this.#incoming.subarray(length);
      this.#started = true;
      this.push(welcome);
    }
    let at = 0;
    for (let message = takeMessage(this.#incoming, at); message !== null; message = takeMessage(this.#incoming, at)) {
      at += message.length;
      const letter = letterOf(message);
      // Terminate: the client ends its side right after it.
      if (letter === 'X') continue;
      this.#messages.push(message);
      if (letter !== 'Q' && letter !== 'S') continue;
      const statement = statementOf(this.#messages, this.#named);
      this.#messages = [];
      this.#carrier.statement(this, statement);
    }
    this.#incoming = this.#incoming.subarray(at);
  }
}
