import { createSeatbelt, type Seatbelt } from 'seatbelt';
import { webhookSecretsOf } from 'seatbelt/environment';
import { pool } from './database.ts';
import { connections, environment } from './environment.ts';
import { logger } from './logger.ts';
import { once } from './once.ts';
import { startSentry } from './sentry.ts';
import { createStripe } from './stripe.ts';

/** The engine of this process, made from the environment when it is first needed. */
export function seatbelt(): Seatbelt {
  return once('engine', () => {
    const { stripe } = connections();
    const { sentryDsn, apiKey } = environment();
    const sentry = startSentry(sentryDsn);
    return createSeatbelt({
      db: pool(),
      stripe: createStripe(stripe),
      logger,
      ...(sentry ? { sentry } : {}),
      ...(stripe.webhookSecret ? { webhookSecrets: webhookSecretsOf(stripe.webhookSecret) } : {}),
      // A cron that calls the tick route is a server of the host's, so it has the key of the host's servers.
      ...(apiKey ? { tickSecret: apiKey } : {}),
    });
  });
}
