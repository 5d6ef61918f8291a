/** Doorway of this folder: how statements reach PostgreSQL, and what their failures mean. */
export { type DatabaseOptions, databaseOf } from './database.ts';
export { classifyDatabaseError, DatabaseError, type DatabaseFailure } from './failure.ts';
export { executorOf, type HostDb, type RowsAnswer, withColumns } from './host-db.ts';
export { databaseLimits } from './limits.ts';
export type { PostgresJsSql, PostgresJsTransaction } from './postgres-js.ts';
export type { Database, Executor, Row } from './types.ts';
