import { createSeatbelt, failureResponse, type Seatbelt } from 'seatbelt';
import { webhookSecretsOf } from 'seatbelt/environment';
import { pool } from './database.ts';
import { connections, environment } from './environment.ts';
import { logger } from './logger.ts';
import { once } from './once.ts';
import { startedSentry } from './sentry.ts';
import { createStripe } from './stripe.ts';

/** The engine of this process, made from the environment when it is first needed. */
export function seatbelt(): Seatbelt {
  return engine().seatbelt;
}

/**
 * A failure of the engine as a problem document. Next loads the package once for each bundle, so a class of one copy is
 * not the class of another; the copy that made the engine knows its own errors.
 */
export function engineFailure(...[error, errand]: Parameters<typeof failureResponse>): Response {
  return engine().failureResponse(error, errand);
}

function engine(): { readonly seatbelt: Seatbelt; readonly failureResponse: typeof failureResponse } {
  return once('engine', () => ({ seatbelt: createEngine(), failureResponse }));
}

function createEngine(): Seatbelt {
  const { stripe } = connections();
  const { apiKey } = environment();
  const sentry = startedSentry();
  return createSeatbelt({
    db: pool(),
    stripe: createStripe(stripe),
    logger,
    ...(sentry ? { sentry } : {}),
    ...(stripe.webhookSecret ? { webhookSecrets: webhookSecretsOf(stripe.webhookSecret) } : {}),
    // A cron that calls the tick route is a server of the host's, so it has the key of the host's servers.
    ...(apiKey ? { tickSecret: apiKey } : {}),
  });
}
