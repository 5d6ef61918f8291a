import * as Sentry from '@sentry/node';
import { pino } from 'pino';
import { createSeatbelt } from 'seatbelt';
import { readEnvironment } from 'seatbelt/environment';
import { stripeClient } from './stripe-client.ts';

/**
 * The worker of `npm start`, a process of its own: it goes on while the dashboard restarts, and the dashboard answers
 * while it restarts. It does what is due for any account; where no worker can run, a cron route does the same.
 */
const environment = readEnvironment(process.env);
const { databaseUrl, stripe, sentryDsn } = environment;
if (databaseUrl === null || stripe === null) {
  throw new Error('The worker needs DATABASE_URL and STRIPE_SECRET_KEY; npm start gives it both.');
}
if (sentryDsn !== null) {
  Sentry.init({
    dsn: sentryDsn,
    environment: process.env.SEATBELT_ENVIRONMENT || 'production',
    // Alerts carry opaque ids only, and nothing of a request is to be added to them; the defaults would add most of it.
    dataCollection: {
      userInfo: false,
      cookies: false,
      httpHeaders: false,
      httpBodies: [],
      urlQueryParams: false,
    },
  });
}

const logger = pino({ base: { program: 'worker' }, level: process.env.LOG_LEVEL || 'info' });
const seatbelt = createSeatbelt({
  db: databaseUrl,
  stripe: stripeClient(stripe),
  logger,
  ...(sentryDsn === null ? {} : { sentry: Sentry }),
});
seatbelt.startWorker();
logger.info('The worker looks for what is due.');

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    seatbelt.close().then(
      () => {
        logger.info('The worker has finished what it had begun.');
        process.exit(0);
      },
      (error: unknown) => {
        logger.error({ err: error }, 'The worker could not finish; the next one picks up what is left.');
        process.exit(1);
      },
    );
  });
}
