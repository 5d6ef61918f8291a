import { knownByMark } from '../core/known-by-mark.ts';

/**
 * What a failed statement says about whether it was committed. This is the database's half of "nobody guesses": only
 * `unknown` leaves the question open, and whoever gets it must find out by reading.
 */
export type DatabaseFailure = {
  readonly kind: /** Another transaction was in the way; nothing is written, and trying again makes sense. */
    | 'conflict'
    /** A constraint refused it; nothing is written. */
    | 'constraint'
    /** The server refused it for another reason; nothing is written. */
    | 'rejected'
    /** It never reached a server that could have run it. */
    | 'never_sent'
    /** The connection went away after it was sent, or a commit may have been under way: nobody knows. */
    | 'unknown';
  /** The SQLSTATE, or the system's code of a connection error. */
  readonly code: string | null;
  /** The constraint's name, where one refused. */
  readonly constraint: string | null;
  readonly message: string;
};

/** A failure of the engine's own database access, already sorted. `cause` is the client library's error. */
export class DatabaseError extends Error {
  static {
    knownByMark(DatabaseError, 'DatabaseError');
  }
  override readonly name = 'DatabaseError';
  readonly failure: DatabaseFailure;

  constructor(failure: DatabaseFailure, cause: unknown) {
    super(failure.message, { cause });
    this.failure = failure;
  }
}

/**
 * The one table of SQLSTATEs. The first prefix that fits decides; an SQLSTATE that none fits is an ordinary ERROR of the
 * server, after which the statement's transaction is gone: `rejected`.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const table: readonly (readonly [prefix: string, kind: DatabaseFailure['kind'], why: string])[] = [
  ['40001', 'conflict', 'Serialization failure: rolled back in favour of another transaction.'],
  ['40P01', 'conflict', 'Deadlock: this transaction was chosen to be rolled back.'],
  ['55P03', 'conflict', 'A row that others hold did not become free in the time that the server waits for it.'],
  ['40003', 'unknown', 'Statement completion unknown, by its very name.'],
  ['23', 'constraint', 'A constraint, at once or deferred to the commit: rolled back.'],
  ['25006', 'rejected', 'Read only: a standby, or a server that is being failed over. It wrote nothing.'],
  ['53300', 'never_sent', 'Too many connections is said to a connection that is being made; no statement ran on it.'],
  [
    '57P03',
    'never_sent',
    'Cannot connect now, said while the server starts, recovers or stops: no session, no statement.',
  ],
  ['28', 'never_sent', 'Who we are was not accepted, so there was no session.'],
  ['3D000', 'never_sent', 'There is no such database, so there was no session.'],
  [
    '57P01',
    'unknown',
    'Admin shutdown ends the session wherever it is next interruptible, and the first such point after a commit comes before the client has heard of that commit.',
  ],
  ['57P02', 'unknown', 'Crash shutdown: the same, and what was being committed is for crash recovery to say.'],
  ['57P', 'unknown', 'Other ends of a session (database dropped, idle session): the same as admin shutdown.'],
  [
    '08',
    'unknown',
    'Connection exceptions on an open session come from poolers that lost their server; they do not know either.',
  ],
];

/**
 * Classes in which PANIC occurs, or which poolers use for lost servers. A PANIC during a commit (the log could not be
 * written) is decided by crash recovery, so such an error means `rejected` only where the server calls it ERROR.
 */
const classesOfPanic = ['53', '58', 'XX', 'F0'];

/** Codes of the system and of client libraries that can only come up while a connection is being made. */
const neverConnected = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'CONNECT_TIMEOUT', 'CONNECTION_ENDED']);

/** pg says these about a client whose connection had already gone, before anything is written to it. */
const refusedByClient = new Set([
  'Client has encountered a connection error and is not queryable',
  'Client was closed and is not queryable',
  'Cannot use a pool after calling end on the pool',
]);

/**
 * Sorts an error of any supported client library.
 * @param sent whether the statement may have left this process: false while waiting for, or making, a connection.
 */
export function classifyDatabaseError(error: unknown, sent: boolean): DatabaseFailure {
  const causes = chain(error);
  const sorted = causes.find((cause) => cause instanceof DatabaseError);
  if (sorted instanceof DatabaseError) return sorted.failure;

  const answer = causes.map(serverAnswer).find((found) => found !== null);
  if (answer) {
    const { code, constraint } = answer;
    return { kind: sent ? kindOf(answer) : 'never_sent', code, constraint, message: answer.message };
  }
  const code = causes.map(codeOf).find((found) => found !== null) ?? null;
  const message = messageOf(causes[0]);
  const notSent =
    !sent ||
    (code !== null && neverConnected.has(code)) ||
    causes.some((cause) => refusedByClient.has(messageOf(cause)) || failedToConnect(cause));
  return { kind: notSent ? 'never_sent' : 'unknown', code, constraint: null, message };
}

function kindOf(answer: ServerAnswer): DatabaseFailure['kind'] {
  const entry = table.find(([prefix]) => answer.code.startsWith(prefix));
  if (entry) return entry[1];
  // Messages of the server are translated, this word with them. Only the plain one is taken as proof.
  if (classesOfPanic.some((prefix) => answer.code.startsWith(prefix)) && answer.severity !== 'ERROR') return 'unknown';
  return 'rejected';
}

interface ServerAnswer {
  readonly code: string;
  readonly severity: string | null;
  readonly constraint: string | null;
  readonly message: string;
}

/** An error that the server (or a pooler in its place) sent: it has an SQLSTATE. */
function serverAnswer(error: unknown): ServerAnswer | null {
  if (typeof error !== 'object' || error === null) return null;
  const fields = error as Record<string, unknown>;
  const { code, severity, constraint, constraint_name: constraintName, message } = fields;
  // Prisma's driver adapters keep the server's code under another name, and raise their own codes beside it.
  const sqlState = typeof fields.originalCode === 'string' ? fields.originalCode : code;
  if (typeof sqlState !== 'string' || !/^[0-9A-Z]{5}$/.test(sqlState)) return null;
  // Node's own codes are words (EPIPE has five letters too), and Prisma's are P with four digits.
  if (/^E[A-Z]+$/.test(sqlState) || /^P[12]\d{3}$/.test(sqlState)) return null;
  const text = (value: unknown) => (typeof value === 'string' ? value : null);
  return {
    code: sqlState,
    severity: text(severity),
    constraint:
      text(constraint) ?? text(constraintName) ?? text((constraint as { index?: unknown } | null | undefined)?.index),
    message: text(message) ?? text(fields.originalMessage) ?? `The database answered ${sqlState}.`,
  };
}

function codeOf(error: unknown): string | null {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : null;
}

/** The system call that failed was the one that connects, or looks up where to. */
function failedToConnect(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'syscall' in error &&
    (error.syscall === 'connect' || error.syscall === 'getaddrinfo')
  );
}

/** Query builders wrap the driver's error; this follows them down. Bounded, because a cause may point back. */
function chain(error: unknown): unknown[] {
  const found: unknown[] = [];
  let wrapped: unknown[] = [error];
  for (let depth = 0; depth < 6 && wrapped.length > 0; depth += 1) {
    found.push(...wrapped);
    wrapped = wrapped.flatMap(insideOf);
  }
  return found;
}

function insideOf(error: unknown): unknown[] {
  if (typeof error !== 'object' || error === null) return [];
  const fields = error as Record<string, unknown>;
  const inner = [fields.cause, ...(Array.isArray(fields.errors) ? fields.errors.slice(0, 4) : [])];
  // Prisma: PrismaClientKnownRequestError.meta, with a driver adapter's error inside.
  const meta = fields.meta;
  if (typeof meta === 'object' && meta !== null) inner.push(meta, (meta as Record<string, unknown>).driverAdapterError);
  return inner.filter((value) => typeof value === 'object' && value !== null);
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
