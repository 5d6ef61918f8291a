import { Pool, type PoolConfig } from 'pg';
import { createSeatbelt, type Seatbelt } from 'seatbelt';
import { webhookSecretsOf } from 'seatbelt/environment';
import { databaseCut } from './dev/database-cut.ts';
import { connections, environment, isDevMode } from './environment.ts';
import { logger } from './logger.ts';
import { once } from './once.ts';
import { startSentry } from './sentry.ts';
import { createStripe } from './stripe.ts';

/** The engine of this process, made from the environment when it is first needed. */
export function seatbelt(): Seatbelt {
  return once('engine', () => {
    const { databaseUrl, stripe } = connections();
    const { sentryDsn, apiKey } = environment();
    const sentry = startSentry(sentryDsn);
    return createSeatbelt({
      db: createPool(databaseUrl),
      stripe: createStripe(stripe),
      logger,
      ...(sentry ? { sentry } : {}),
      ...(stripe.webhookSecret ? { webhookSecrets: webhookSecretsOf(stripe.webhookSecret) } : {}),
      // A cron that calls the tick route is a server of the host's, so it has the key of the host's servers.
      ...(apiKey ? { tickSecret: apiKey } : {}),
    });
  });
}

function createPool(connectionString: string): Pool {
  const settings: PoolConfig = { connectionString, application_name: 'seatbelt dashboard' };
  if (isDevMode()) settings.stream = databaseCut().socket;
  const pool = new Pool(settings);
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', (error) => logger.warn({ err: error }, 'An idle database connection was lost.'));
  return pool;
}
