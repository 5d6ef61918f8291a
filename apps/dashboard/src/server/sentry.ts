import * as Sentry from '@sentry/node';
import type { SentryLike } from 'seatbelt';

/**
 * The engine never starts Sentry by itself; this program does, when it was given an address.
 * `@sentry/nextjs` is not used: its latest release asks for a version of a dependency that does not exist.
 */
export function startSentry(dsn: string | null): SentryLike | undefined {
  if (dsn === null) return undefined;
  Sentry.init({
    dsn,
    environment: process.env.SEATBELT_ENVIRONMENT || 'production',
    // Alerts carry opaque ids only; nothing of a request's own is to be added to them.
    dataCollection: { userInfo: false, cookies: false, httpHeaders: false, httpBodies: [], urlQueryParams: false },
  });
  return Sentry;
}
