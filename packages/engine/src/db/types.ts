/** One row, as the client library made it. */
export interface Row {
  readonly [column: string]: unknown;
}

/**
 * One way to run one statement.
 *
 * Parameters are `$1`, `$2` and so on. A json parameter is passed as text and cast in the statement (`$1::jsonb`). Rows
 * are left as the client made them, and clients differ: an `int8` is a string (pg, postgres) or a bigint (Prisma), a
 * timestamp is a Date or text. So statements select times as epoch milliseconds, and readers use `Number(…)` on
 * anything wider than an `int4`.
 */
export interface Executor {
  /** `rowCount`: rows returned; for a statement that returns none, rows affected where the client tells, else 0. */
  executeSql(text: string, values: readonly unknown[]): Promise<{ rows: Row[]; rowCount: number }>;
}

export interface TransactionOptions {
  /** How long one statement of it may take, where that is not as long as any other one. */
  readonly statementTimeoutMs?: number;
}

/** Connections of one client library. Every failure is a `DatabaseError`. */
export interface Connections extends Executor {
  /**
   * Runs `work` between `begin` and `commit` on one connection. When it throws, everything is rolled back and the error
   * comes out unchanged. Nothing of the network may happen inside.
   */
  transaction<T>(work: (tx: Executor) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** Ends the connections that were opened for this; those of a host's own pool stay. */
  close(): Promise<void>;
  /** Whether the connections are ours, made from a connection string. */
  readonly owned: boolean;
}

/** The engine's own access to PostgreSQL. */
export interface Database extends Connections {
  /** Whether a write was refused lately, for want of room or by a server that takes none, and has not gone through since. */
  refusesWrites(): boolean;
}
