import { classifyDatabaseError, DatabaseError } from './failure.ts';
import { executorOf } from './host-db.ts';
import { withinTime } from './limits.ts';
import { beforeCommit, tooLate } from './pg-database.ts';
import type { PostgresJsSql, PostgresJsTransaction } from './postgres-js.ts';
import type { Database, Executor } from './types.ts';

/**
 * The engine's access through a host's `postgres` client. Statements are unnamed, also where the host allows prepared
 * ones, so it works behind a transaction-mode pooler whatever `prepare` says.
 *
 * This client does not tell waiting for a connection from waiting for an answer. So what can only have happened while
 * connecting is `never_sent`, and the rest is `unknown`, which costs a look and never a mistake.
 */
export function postgresJsDatabase(sql: PostgresJsSql, options: { readonly statementTimeoutMs: number }): Database {
  const { statementTimeoutMs } = options;
  const bounded = (executor: Executor): Executor => ({
    async executeSql(text, values) {
      try {
        return await withinTime(executor.executeSql(text, values), statementTimeoutMs, () =>
          tooLate(statementTimeoutMs),
        );
      } catch (error) {
        throw new DatabaseError(classifyDatabaseError(error, true), error);
      }
    },
  });

  return {
    ...bounded(executorOf(sql)),
    owned: false,

    async transaction<T>(work: (tx: Executor) => Promise<T>): Promise<T> {
      let committing = false;
      let done: { readonly result: T } | null = null;
      let failed: unknown = null;
      try {
        await sql.begin(async (transaction: PostgresJsTransaction) => {
          const tx = bounded(executorOf(transaction));
          try {
            done = {
              result: await work({
                executeSql: (text, values) =>
                  tx.executeSql(text, values).catch((error: unknown) => {
                    throw beforeCommit(error);
                  }),
              }),
            };
          } catch (error) {
            failed = error;
            throw error;
          }
          committing = true;
        });
      } catch (error) {
        // What the work threw comes out unchanged, whatever happened to the rollback after it.
        if (failed !== null) throw failed;
        const sorted = new DatabaseError(classifyDatabaseError(error, true), error);
        throw committing ? sorted : beforeCommit(sorted);
      }
      if (done === null) throw new Error('The transaction ended without its work.');
      return (done as { readonly result: T }).result;
    },

    async close() {
      // The host made it and the host ends it.
    },
  };
}
