import { createHash } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { classifyDatabaseError, DatabaseError } from './failure.ts';
import { withinTime } from './limits.ts';
import type { Connections, Executor, Row } from './types.ts';

export interface PgDatabaseOptions {
  readonly owned: boolean;
  readonly connectTimeoutMs: number;
  readonly statementTimeoutMs: number;
  /** Statements are named, so that each connection plans each of them once. */
  readonly prepare: boolean;
}

/**
 * Of every transaction, whatever the database's own default is: a statement that has waited for a row or a lock goes on with
 * what was committed meanwhile. With a picture taken before the wait, the wait would end in an error.
 */
export const beginning = 'isolation level read committed';

/** The engine's access through a `pg` pool. Unless `prepare` is set statements are unnamed, so any connection will do. */
export function pgDatabase(pool: Pool, options: PgDatabaseOptions): Connections {
  const { connectTimeoutMs, statementTimeoutMs } = options;
  const nameOf = options.prepare ? statementNames() : () => undefined;
  let ended: Promise<void> | null = null;

  return {
    owned: options.owned,

    async executeSql(text, values) {
      const lent = await borrow(pool, connectTimeoutMs);
      try {
        return withoutCommand(await run(lent.client, text, values, statementTimeoutMs, nameOf(text)));
      } catch (error) {
        lent.broken ||= leavesConnectionBroken(error);
        throw error;
      } finally {
        lent.giveBack();
      }
    },

    async transaction(work, { statementTimeoutMs: timeoutMs = statementTimeoutMs } = {}) {
      const lent = await borrow(pool, connectTimeoutMs);
      let open = true;
      const tx: Executor = {
        async executeSql(text, values) {
          if (!open) throw new Error('This transaction is over; its statement was not awaited.');
          try {
            return withoutCommand(await run(lent.client, text, values, timeoutMs, nameOf(text)));
          } catch (error) {
            throw beforeCommit(error);
          }
        },
      };
      try {
        await tx.executeSql(`begin ${beginning}`, []);
        const result = await work(tx);
        open = false;
        const { command } = await run(lent.client, 'commit', [], timeoutMs);
        // A transaction in which a statement failed is rolled back by its commit, and that is no error to the server.
        if (command === 'ROLLBACK') throw rolledBackByCommit();
        return result;
      } catch (error) {
        open = false;
        lent.broken ||= await wentWrong(lent.client, error, statementTimeoutMs);
        throw error;
      } finally {
        lent.giveBack();
      }
    },

    async close() {
      // Two handlers of one signal may both end it.
      if (options.owned) ended ??= pool.end();
      await ended;
    },
  };
}

/** Whatever happened before the commit was sent, the server has thrown it away or will: it is not in doubt. */
export function beforeCommit(error: unknown): unknown {
  if (!(error instanceof DatabaseError) || error.failure.kind !== 'unknown') return error;
  return new DatabaseError({ ...error.failure, kind: 'never_sent' }, error.cause);
}

export function rolledBackByCommit(): DatabaseError {
  return new DatabaseError(
    {
      kind: 'rejected',
      code: '25P02',
      constraint: null,
      message: 'The transaction was rolled back, because one of its statements had failed.',
    },
    null,
  );
}

/** Ends a failed transaction; true where its connection must not be used again. */
async function wentWrong(client: PoolClient, error: unknown, statementTimeoutMs: number): Promise<boolean> {
  if (leavesConnectionBroken(error)) return true;
  try {
    await run(client, 'rollback', [], statementTimeoutMs);
    return false;
  } catch (rollbackError) {
    // Closing the connection rolls back as well, so nothing is lost with this error; the first one is what counts.
    return rollbackError instanceof DatabaseError;
  }
}

async function run(
  client: PoolClient,
  text: string,
  values: readonly unknown[],
  timeoutMs: number,
  name?: string,
): Promise<{ rows: Row[]; rowCount: number; command: string }> {
  try {
    const sent =
      values.length === 0
        ? client.query(text)
        : client.query({ text, values: [...values], ...(name === undefined ? {} : { name }) });
    const { rows, rowCount, command } = await withinTime(sent, timeoutMs, () => new TooLate(timeoutMs));
    return { rows, rowCount: rowCount ?? 0, command };
  } catch (error) {
    throw new DatabaseError(classifyDatabaseError(error, true), error);
  }
}

/** A name for each text. The engine has a few dozen texts, all fixed, so this does not grow. */
function statementNames(): (text: string) => string {
  const names = new Map<string, string>();
  return (text) => {
    const known = names.get(text);
    if (known !== undefined) return known;
    // Another process behind the same connection may name its own texts, so the name follows from the text.
    const name = `seatbelt_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`;
    names.set(text, name);
    return name;
  };
}

function withoutCommand({ rows, rowCount }: { rows: Row[]; rowCount: number }): { rows: Row[]; rowCount: number } {
  return { rows, rowCount };
}

/** A statement was given up on; it may still be at work. */
export class TooLate extends Error {
  constructor(timeoutMs: number) {
    super(`The database did not answer within ${timeoutMs} ms.`);
  }
}

/** A connection on loan from the pool. */
interface Lent {
  readonly client: PoolClient;
  /** It is closed instead of given to the next one. */
  broken: boolean;
  giveBack(): void;
}

/**
 * Takes a connection, making one if need be, for no longer than `timeoutMs`: a host's pool may be set to wait for ever.
 * While it is ours the pool does not listen to its errors, and an error nobody listens to ends the process. So this does.
 * An idle connection is the business of whoever made the pool: ours has a listener, and on a host's none is added,
 * because it would silence an error that the host may want to hear.
 */
function borrow(pool: Pool, timeoutMs: number): Promise<Lent> {
  const refused = (error: unknown) => new DatabaseError(classifyDatabaseError(error, false), error);
  return new Promise((resolve, reject) => {
    let givenUp = false;
    const timer = setTimeout(() => {
      // It may still come; nobody waits for it any more.
      givenUp = true;
      reject(refused(new Error(`No connection to the database within ${timeoutMs} ms.`)));
    }, timeoutMs);
    // Not its promise: between a promise and who awaits it a connection can end, and nobody would be listening yet.
    pool.connect((error, client) => {
      clearTimeout(timer);
      if (client === undefined) reject(refused(error));
      else if (givenUp) client.release();
      else resolve(lend(client));
    });
  });
}

/** Listens from the moment on in which the pool has stopped to. */
function lend(client: PoolClient): Lent {
  const onError = () => {
    lent.broken = true;
  };
  const lent: Lent = {
    client,
    broken: false,
    giveBack() {
      client.removeListener('error', onError);
      client.release(lent.broken);
    },
  };
  client.on('error', onError);
  return lent;
}

/** After these nobody knows what the connection still carries. */
function leavesConnectionBroken(error: unknown): boolean {
  if (!(error instanceof DatabaseError)) return false;
  return error.failure.kind === 'unknown' || error.failure.kind === 'never_sent';
}
