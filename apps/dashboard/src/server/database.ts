import { Pool, type PoolClient, type PoolConfig } from 'pg';
import { databaseCut } from './dev/database-cut.ts';
import { connections, isDevMode } from './environment.ts';
import { logger } from './logger.ts';
import { once } from './once.ts';

/** What a statement of ours runs on: the pool, or a connection with an open transaction. */
export type Sql = Pick<PoolClient, 'query'>;

/** The connections of this process. The engine and the app share them, so that one transaction can hold rows of both. */
export function pool(): Pool {
  return once('pool', () => {
    const settings: PoolConfig = {
      connectionString: connections().databaseUrl,
      application_name: 'seatbelt dashboard',
    };
    if (isDevMode()) settings.stream = databaseCut().socket;
    const made = new Pool(settings);
    // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
    made.on('error', (error) => logger.warn({ err: error }, 'An idle database connection was lost.'));
    // While a connection is lent the pool does not listen to it. What happens to it then fails the statement under way, or the
    // next one, and that is where it is told; here it only must not end the process.
    made.on('connect', (client) => client.on('error', () => undefined));
    return made;
  });
}

/** Runs `work` in one transaction: all of it is committed, or none. Nothing of the network belongs inside. */
export async function inTransaction<Result>(work: (db: PoolClient) => Promise<Result>): Promise<Result> {
  const client = await pool().connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((failure: unknown) => {
      // A connection that cannot roll back is not given to anybody else; the server rolls back when it closes.
      broken = failure instanceof Error ? failure : new Error(String(failure));
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
