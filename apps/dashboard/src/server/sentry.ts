import type { SentryLike } from 'seatbelt';
import { environment } from './environment.ts';
import { once } from './once.ts';

/**
 * The engine never starts Sentry by itself; this program does, when it was given an address. Without one Sentry is not
 * even loaded: its modules take a new server longer than those of the engine, the Stripe client and the database together.
 * `@sentry/nextjs` is not used: its latest release asks for a version of a dependency that does not exist.
 */
export async function startSentry(): Promise<void> {
  const { sentryDsn } = environment();
  if (sentryDsn === null) return;
  const sentry = await import('@sentry/node');
  sentry.init({
    dsn: sentryDsn,
    environment: process.env.SEATBELT_ENVIRONMENT || 'production',
    // Alerts carry opaque ids only; nothing of a request's own is to be added to them.
    dataCollection: { userInfo: false, cookies: false, httpHeaders: false, httpBodies: [], urlQueryParams: false },
  });
  started().sentry = sentry;
}

/** For the engine; undefined where this program has no address. */
export function startedSentry(): SentryLike | undefined {
  const { sentry } = started();
  if (sentry === undefined && environment().sentryDsn !== null) {
    throw new Error('Bug: the engine was asked for before Sentry was started.');
  }
  return sentry;
}

function started(): { sentry: SentryLike | undefined } {
  return once('sentry', () => ({ sentry: undefined }));
}
