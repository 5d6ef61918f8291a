import { classifyDatabaseError, DatabaseError } from './failure.ts';
import { executorOf } from './host-db.ts';
import { withinTime } from './limits.ts';
import { beforeCommit, beginning, rolledBackByCommit, TooLate } from './pg-database.ts';
import type { PostgresJsSql } from './postgres-js.ts';
import type { Connections, Executor, TransactionOptions } from './types.ts';

/**
 * The engine's access through a host's `postgres` client. Statements are unnamed, also where the host allows prepared
 * ones, so it works behind a transaction-mode pooler whatever `prepare` says.
 *
 * This client does not tell waiting for a connection from waiting for an answer. So what can only have happened while
 * connecting is `never_sent`, and the rest is `unknown`, which costs a look and never a mistake. (`reserve` would tell
 * them apart, but a reserved connection that breaks ends the process at its next statement; tried with 3.4.9.)
 */
export function postgresJsDatabase(
  sql: PostgresJsSql,
  options: { readonly connectTimeoutMs: number; readonly statementTimeoutMs: number },
): Connections {
  const { connectTimeoutMs, statementTimeoutMs } = options;
  const bounded = (executor: Executor, timeoutMs = statementTimeoutMs): Executor => ({
    async executeSql(text, values) {
      try {
        const answer = executor.executeSql(text, values);
        return await withinTime(answer, timeoutMs, () => new TooLate(timeoutMs));
      } catch (error) {
        throw new DatabaseError(classifyDatabaseError(error, true), error);
      }
    },
  });

  return {
    ...bounded(executorOf(sql)),
    owned: false,

    transaction<T>(work: (tx: Executor) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
      const outcome = Promise.withResolvers<T>();
      let over = false;
      let done: { readonly result: T; readonly transactionId: string | null } | null = null;
      // The client waits for a free connection for as long as the host keeps all of them.
      const waiting = setTimeout(() => {
        over = true;
        outcome.reject(neverBegan(connectTimeoutMs));
      }, connectTimeoutMs);
      sql
        .begin(beginning, async (transaction) => {
          clearTimeout(waiting);
          // It came after all, and nobody waits for it any more.
          if (over) throw neverBegan(connectTimeoutMs);
          const tx = whileWorking(bounded(executorOf(transaction), options.statementTimeoutMs), () => over);
          try {
            const result = await work(tx);
            const transactionId = sql.options?.prepare === false ? null : await transactionIdOf(tx);
            done = { result, transactionId };
          } catch (error) {
            outcome.reject(error);
            // The client would now roll back on a connection that is gone, and the process would end with that.
            if (over || connectionIsGone(error)) return await new Promise<never>(() => undefined);
            throw error;
          } finally {
            over ||= done !== null;
          }
        })
        .then(
          async () => {
            if (done === null) throw new Error('The transaction ended without its work.');
            const { result, transactionId } = done;
            if (transactionId !== null) await provenCommitted(bounded(executorOf(sql)), transactionId);
            outcome.resolve(result);
          },
          (error: unknown) => {
            clearTimeout(waiting);
            over = true;
            const sorted = new DatabaseError(classifyDatabaseError(error, true), error);
            throw done === null ? beforeCommit(sorted) : sorted;
          },
        )
        .catch(outcome.reject);
      return outcome.promise;
    },

    async close() {
      // The host made it and the host ends it.
    },
  };
}

function neverBegan(connectTimeoutMs: number): DatabaseError {
  const message = `No connection to the database within ${connectTimeoutMs} ms.`;
  return new DatabaseError({ kind: 'never_sent', code: null, constraint: null, message }, null);
}

/** After the connection broke, the client would end the process at the next statement of its transaction. */
function whileWorking(tx: Executor, over: () => boolean): Executor {
  return {
    async executeSql(text, values) {
      if (over()) {
        const message = 'This transaction is over.';
        throw new DatabaseError({ kind: 'never_sent', code: null, constraint: null, message }, null);
      }
      try {
        return await tx.executeSql(text, values);
      } catch (error) {
        throw beforeCommit(error);
      }
    },
  };
}

/** A statement that was only given up on still has its connection, and its transaction must be rolled back there. */
function connectionIsGone(error: unknown): boolean {
  if (!(error instanceof DatabaseError) || error.cause instanceof TooLate) return false;
  return error.failure.kind === 'never_sent' || error.failure.kind === 'unknown';
}

async function transactionIdOf(tx: Executor): Promise<string | null> {
  const { rows } = await tx.executeSql('select pg_current_xact_id_if_assigned()::text as id', []);
  const id = rows[0]?.id;
  return typeof id === 'string' ? id : null;
}

/**
 * Where the host allows prepared statements, the client's own `commit` is one. Behind a pooler that statement may be
 * unknown, which fails the transaction, and the client then repeats it: a commit of a failed transaction, which rolls
 * back and is no error. So the server is asked what became of the transaction.
 */
async function provenCommitted(database: Executor, transactionId: string): Promise<void> {
  let status: unknown;
  try {
    const { rows } = await database.executeSql('select pg_xact_status($1::xid8) as status', [transactionId]);
    status = rows[0]?.status;
  } catch (error) {
    throw unproven(error);
  }
  if (status === 'aborted') throw rolledBackByCommit();
  if (status !== 'committed') throw unproven(null);
}

/** Whatever kept the question from being answered, a connection that could not be made as well: the commit was sent. */
function unproven(error: unknown): DatabaseError {
  const failure =
    error === null
      ? { code: null, constraint: null, message: 'The server does not say whether the transaction was committed.' }
      : classifyDatabaseError(error, true);
  return new DatabaseError({ ...failure, kind: 'unknown' }, error);
}
