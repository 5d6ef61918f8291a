/** Bounds of the engine's own database access, in milliseconds. */
export const databaseLimits = {
  /** Longer than a TCP handshake with one lost packet; shorter than anybody's patience with "the database is down". */
  connectTimeoutMs: 5_000,
  /**
   * A statement of ours takes milliseconds, or waits for a row that another process commits on. Kept by the client and
   * never by SET, because behind a transaction-mode pooler a setting would stick to somebody else's session.
   */
  statementTimeoutMs: 10_000,
  /**
   * Of a migration: it waits for the whole of another process's one, and an index on a table of millions is made in one
   * statement. Long enough for both; not for ever, so that a deployment that hangs says so.
   */
  migrationTimeoutMs: 3_600_000,
  /**
   * How long the server waits for a row before it gives a statement up. Whoever comes to a row for which another one waits
   * already waits twice, for its turn and for the row; both together are less than a statement may take.
   */
  rowWaitMs: 4_500,
  /** Each step of the engine is one statement, so a few connections carry many organizations. */
  maxConnections: 10,
} as const;

/** Resolves with `promise`, or rejects with what `late` makes once `timeoutMs` have passed. */
export function withinTime<T>(promise: Promise<T>, timeoutMs: number, late: () => Error): Promise<T> {
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(() => timeout.reject(late()), timeoutMs);
  return Promise.race([promise, timeout.promise]).finally(() => clearTimeout(timer));
}
