import pg from 'pg';
import { databaseLimits } from './limits.ts';
import { pgDatabase } from './pg-database.ts';
import type { PostgresJsSql } from './postgres-js.ts';
import { postgresJsDatabase } from './postgres-js-database.ts';
import { rememberingRefusals } from './refused-writes.ts';
import type { Connections, Database } from './types.ts';

export interface DatabaseOptions {
  /** Default 5,000. How long getting a connection may take, a wait for a free one included. */
  readonly connectTimeoutMs?: number;
  /** Default 10,000. How long one statement may take. */
  readonly statementTimeoutMs?: number;
  /** Default 10. Only for a connection string; a pool knows its own. */
  readonly maxConnections?: number;
  /**
   * Default false. Names the statements, so that each connection plans each of them once: about a third less time per
   * change. Only for connections of one's own; behind a transaction-mode pooler leave it off. Not for `postgres`, which
   * has its own setting.
   */
  readonly prepare?: boolean;
  /** Hears of idle connections that broke. Only for a connection string; the next statement gets a new one either way. */
  readonly onIdleError?: (error: Error) => void;
}

/**
 * The engine's access to PostgreSQL: from a connection string (then the pool is ours, and `close` ends it), from a host's
 * `pg` pool, or from a host's `postgres` client. Keeps no state in a session and names no prepared statement unless told
 * to, so a transaction-mode pooler may stand in between. Connects when first used.
 * @throws TypeError where the source is none of these.
 */
export function databaseOf(source: string | pg.Pool | PostgresJsSql, options: DatabaseOptions = {}): Database {
  return rememberingRefusals(connectionsOf(source, options));
}

function connectionsOf(source: string | pg.Pool | PostgresJsSql, options: DatabaseOptions): Connections {
  const connectTimeoutMs = options.connectTimeoutMs ?? databaseLimits.connectTimeoutMs;
  const statementTimeoutMs = options.statementTimeoutMs ?? databaseLimits.statementTimeoutMs;
  const prepare = options.prepare ?? false;
  if (typeof source === 'string') {
    const pool = new pg.Pool({
      connectionString: source,
      max: options.maxConnections ?? databaseLimits.maxConnections,
      connectionTimeoutMillis: connectTimeoutMs,
      // A silent peer is found out by the system, not only by the next statement's timeout.
      keepAlive: true,
      application_name: 'seatbelt',
    });
    // Without a listener a backend that goes away while idle would end the process.
    pool.on('error', (error) => options.onIdleError?.(error));
    return pgDatabase(pool, { owned: true, connectTimeoutMs, statementTimeoutMs, prepare });
  }
  if (typeof source === 'function' && 'unsafe' in source && 'begin' in source) {
    return postgresJsDatabase(source, { connectTimeoutMs, statementTimeoutMs });
  }
  if ('connect' in source && 'query' in source) {
    return pgDatabase(source, { owned: false, connectTimeoutMs, statementTimeoutMs, prepare });
  }
  throw new TypeError('Seatbelt needs a connection string, a `pg` pool or a `postgres` client.');
}
