/** As much of PostgreSQL's protocol as it takes to stand between a client and a server: messages, statements, answers. */

/** One message: a letter, and a length that counts itself. Null: it has not arrived wholly. */
export function takeMessage(bytes: Buffer, from: number): Buffer | null {
  if (bytes.length < from + 5) return null;
  const end = from + 1 + bytes.readUInt32BE(from + 1);
  return bytes.length < end ? null : bytes.subarray(from, end);
}

export function letterOf(message: Buffer): string {
  return String.fromCharCode(message[0] ?? 0);
}

/** What one statement consists of: everything up to the message that asks for an answer. */
export interface Statement {
  readonly messages: readonly Buffer[];
  readonly text: string;
  /** As the client wrote them. */
  readonly values: readonly (string | null)[];
}

/**
 * `messages` end with a Query or a Sync, and are one statement: our clients do not send a second one before the answer.
 * @param named the texts that this client has named so far; those that it names here are added.
 */
export function statementOf(messages: readonly Buffer[], named: Map<string, string>): Statement {
  let text = '';
  let values: (string | null)[] = [];
  for (const message of messages) {
    const letter = letterOf(message);
    if (letter === 'Q') text = textAt(message, 5);
    if (letter === 'P') named.set(textAt(message, 5), textAt(message, textEnd(message, 5) + 1));
    if (letter === 'B') {
      text = named.get(textAt(message, textEnd(message, 5) + 1)) ?? '';
      values = boundValues(message);
    }
  }
  return { messages, text, values };
}

/** The name that a Parse gives its statement; null for any other message and for a statement without a name. */
export function nameGiven(message: Buffer): string | null {
  const name = letterOf(message) === 'P' ? textAt(message, 5) : '';
  return name === '' ? null : name;
}

export const parseComplete = Buffer.from([0x31, 0, 0, 0, 4]);

export function queryMessage(text: string): Buffer {
  const body = Buffer.from(`${text}\0`);
  const head = Buffer.alloc(5);
  head.write('Q', 0, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** The answer to one statement, up to ReadyForQuery. */
export interface Answer {
  readonly messages: readonly Buffer[];
  /** `I` outside a transaction, `T` in one, `E` in one that has failed. */
  readonly status: string;
  /** Rows came back. */
  readonly rows: number;
  /** `UPDATE 1`, `COMMIT`; null where it failed. */
  readonly done: string | null;
}

export function answerOf(messages: readonly Buffer[]): Answer {
  let rows = 0;
  let done: string | null = null;
  let status = 'I';
  for (const message of messages) {
    const letter = letterOf(message);
    if (letter === 'D') rows += 1;
    if (letter === 'C') done = textAt(message, 5);
    if (letter === 'Z') status = String.fromCharCode(message[5] ?? 0);
  }
  return { messages, status, rows, done };
}

/** The first column of the first row, as text. */
export function firstValue(answer: Answer): string | null {
  const row = answer.messages.find((message) => letterOf(message) === 'D');
  if (row === undefined) {
    const error = answer.messages.find((message) => letterOf(message) === 'E');
    if (error) throw new Error(`PostgreSQL refused a statement of the proof: ${error.toString('utf8', 5)}`);
    return null;
  }
  const length = row.readInt32BE(7);
  return length < 0 ? null : row.toString('utf8', 11, 11 + length);
}

function textEnd(message: Buffer, from: number): number {
  return message.indexOf(0, from);
}

function textAt(message: Buffer, from: number): string {
  return message.toString('utf8', from, textEnd(message, from));
}

/** Bind: portal, statement, formats, and then the values, each with its length. */
function boundValues(message: Buffer): (string | null)[] {
  let at = textEnd(message, textEnd(message, 5) + 1) + 1;
  at += 2 + 2 * message.readInt16BE(at);
  const count = message.readInt16BE(at);
  at += 2;
  const values: (string | null)[] = [];
  for (let index = 0; index < count; index += 1) {
    const length = message.readInt32BE(at);
    at += 4;
    values.push(length < 0 ? null : message.toString('utf8', at, at + length));
    at += Math.max(length, 0);
  }
  return values;
}

function message(letter: string, ...parts: readonly (string | number)[]): Buffer {
  const body = Buffer.concat(
    parts.map((part) => {
      if (typeof part === 'string') return Buffer.from(part, 'latin1');
      const number = Buffer.alloc(4);
      number.writeInt32BE(part);
      return number;
    }),
  );
  const head = Buffer.alloc(5);
  head.write(letter, 0, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** What a server says to a client that it lets in. */
export const welcome = Buffer.concat([
  message('R', 0),
  message('S', 'server_version\0', '18.0\0'),
  message('S', 'client_encoding\0', 'UTF8\0'),
  message('S', 'standard_conforming_strings\0', 'on\0'),
  message('K', 1, 1),
  message('Z', 'I'),
]);
