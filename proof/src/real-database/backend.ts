/** One real session with a real server: bytes go in as a client wrote them, and answers come out whole. */
import type { Socket } from 'node:net';
import pg from 'pg';
import {
  type Answer,
  answerOf,
  letterOf,
  nameGiven,
  parseComplete,
  queryMessage,
  type Statement,
  takeMessage,
} from './wire.ts';

export class Backend {
  /** Open transactions of it hold locks until the server has noticed that it is gone. */
  inTransaction = false;
  gone = false;
  readonly #socket: Socket;
  readonly #closed: Promise<void>;
  #incoming: Buffer = Buffer.alloc(0);
  readonly #prepared = new Set<string>();
  #messages: Buffer[] = [];
  #answers: Answer[] = [];
  #waiting: {
    readonly count: number;
    readonly resolve: (answers: Answer[]) => void;
    readonly reject: (error: Error) => void;
  } | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#closed = new Promise((resolve) =>
      socket.once('close', () => {
        this.gone = true;
        this.#waiting?.reject(new Error('The server ended a session of the proof.'));
        resolve();
      }),
    );
    socket.on('data', (bytes: Buffer) => this.#receive(bytes));
  }

  /** Lets `pg` connect and authenticate, and takes the connection over from it. */
  static async connect(url: string): Promise<Backend> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
    for (const event of ['data', 'close', 'end', 'error']) stream.removeAllListeners(event);
    stream.on('error', () => stream.destroy());
    return new Backend(stream);
  }

  /**
   * One statement as its client wrote it, between two of ours, sent at once. A client that names its statements names
   * them anew on each connection; what this session has prepared for one before it is not prepared again, as with a
   * pooler that knows of prepared statements, and its client hears that it was.
   */
  async carry(
    before: string,
    statement: Statement,
    after: string | null,
  ): Promise<{ answer: Answer; read: Answer | null }> {
    const names = statement.messages.flatMap((message) => nameGiven(message) ?? []);
    const known = names.filter((name) => this.#prepared.has(name));
    const messages =
      known.length === 0
        ? statement.messages
        : statement.messages.filter((message) => !known.includes(nameGiven(message) ?? ''));
    const parts = [queryMessage(before), ...messages, ...(after === null ? [] : [queryMessage(after)])];
    const [, answer, read] = await this.#exchange(Buffer.concat(parts), after === null ? 2 : 3);
    if (answer === undefined) throw new Error('Bug: a statement without an answer.');
    if (known.length > 0)
      return { answer: { ...answer, messages: [parseComplete, ...answer.messages] }, read: read ?? null };
    if (answer.messages.some((message) => letterOf(message) === '1'))
      for (const name of names) this.#prepared.add(name);
    return { answer, read: read ?? null };
  }

  /** A statement of ours, answered. */
  async ask(text: string): Promise<Answer> {
    const [answer] = await this.#exchange(queryMessage(text), 1);
    if (answer === undefined) throw new Error('Bug: a statement without an answer.');
    return answer;
  }

  /** Sends all of it at once and resolves with one answer for each of the `count` statements in it. */
  #exchange(bytes: Buffer, count: number): Promise<Answer[]> {
    if (this.#waiting) throw new Error('Bug: a session of the proof was given a second statement before its answer.');
    if (this.gone) return Promise.reject(new Error('The server has ended this session of the proof.'));
    return new Promise((resolve, reject) => {
      this.#waiting = { count, resolve, reject };
      this.#socket.write(bytes);
    });
  }

  /** Sends a part of a statement and goes away; resolves when the server has rolled back and closed its side. */
  async close(unfinished?: Buffer): Promise<void> {
    if (unfinished) this.#socket.write(unfinished);
    this.#socket.end();
    await this.#closed;
  }

  #receive(bytes: Buffer): void {
    this.#incoming = this.#incoming.length === 0 ? bytes : Buffer.concat([this.#incoming, bytes]);
    let at = 0;
    for (let message = takeMessage(this.#incoming, at); message !== null; message = takeMessage(this.#incoming, at)) {
      at += message.length;
      this.#messages.push(message);
      if (letterOf(message) !== 'Z') continue;
      this.#answers.push(answerOf(this.#messages));
      this.#messages = [];
    }
    this.#incoming = this.#incoming.subarray(at);
    const waiting = this.#waiting;
    if (!waiting || this.#answers.length < waiting.count) return;
    const answers = this.#answers;
    this.#answers = [];
    this.#waiting = null;
    this.inTransaction = answers.at(-1)?.status !== 'I';
    waiting.resolve(answers);
  }
}
