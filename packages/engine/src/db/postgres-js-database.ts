import { classifyDatabaseError, DatabaseError } from './failure.ts';
import { executorOf } from './host-db.ts';
import { withinTime } from './limits.ts';
import { beforeCommit, rolledBackByCommit, TooLate } from './pg-database.ts';
import type { PostgresJsSql } from './postgres-js.ts';
import type { Database, Executor } from './types.ts';

/**
 * The engine's access through a host's `postgres` client. Statements are unnamed, also where the host allows prepared
 * ones, so it works behind a transaction-mode pooler whatever `prepare` says.
 *
 * This client does not tell waiting for a connection from waiting for an answer. So what can only have happened while
 * connecting is `never_sent`, and the rest is `unknown`, which costs a look and never a mistake. (`reserve` would tell
 * them apart, but a reserved connection that breaks ends the process at its next statement; tried with 3.4.9.)
 */
export function postgresJsDatabase(sql: PostgresJsSql, options: { readonly statementTimeoutMs: number }): Database {
  const { statementTimeoutMs } = options;
  const bounded = (executor: Executor): Executor => ({
    async executeSql(text, values) {
      try {
        const answer = executor.executeSql(text, values);
        return await withinTime(answer, statementTimeoutMs, () => new TooLate(statementTimeoutMs));
      } catch (error) {
        throw new DatabaseError(classifyDatabaseError(error, true), error);
      }
    },
  });

  return {
    ...bounded(executorOf(sql)),
    owned: false,

    transaction<T>(work: (tx: Executor) => Promise<T>): Promise<T> {
      const outcome = Promise.withResolvers<T>();
      let over = false;
      let done: { readonly result: T; readonly transactionId: string | null } | null = null;
      sql
        .begin(async (transaction) => {
          const tx = whileWorking(bounded(executorOf(transaction)), () => over);
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
  const { rows } = await database.executeSql('select pg_xact_status($1::xid8) as status', [transactionId]);
  if (rows[0]?.status !== 'committed') throw rolledBackByCommit();
}
