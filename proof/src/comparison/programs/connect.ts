import pg from 'pg';

export interface ConnectionOfProgram {
  readonly databaseUrl: string;
  readonly stripePort: number;
}

/** By this name the fault injector knows which connections are the program's. */
export const applicationName = 'comparison';

/**
 * Every program gets the same pool: twenty connections for each of its processes. The listeners are the host's business
 * with `pg`: without the second one a connection that is cut while it is lent ends a process whose query builder does not
 * listen either, as better-auth's does not.
 */
export function poolOf({ databaseUrl }: ConnectionOfProgram): pg.Pool {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 20, application_name: applicationName });
  // A cut connection is replaced at the next query; the query under way rejects by itself.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** Where the simulator is; all other options of the SDK are left at its defaults, its two retries among them. */
export function stripeOptions({ stripePort }: ConnectionOfProgram) {
  return { host: '127.0.0.1', port: stripePort, protocol: 'http' } as const;
}

/** Every program's key; the simulator takes any that looks like a test key. */
export const stripeKey = 'sk_test_comparison';
