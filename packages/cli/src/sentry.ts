import type { SentryLike } from 'seatbelt';

/**
 * The worker tells incidents that others found and could not tell, and ticks them off. Without a Sentry of its own it
 * would tick them off after telling its log alone, so it brings one where there is an address.
 */
export async function startSentry(
  dsn: string | null,
  environment: string | undefined,
): Promise<SentryLike | undefined> {
  if (dsn === null) return undefined;
  // Loaded here because it takes longer than every other command as a whole.
  const Sentry = await import('@sentry/node');
  // Alerts are all that is wanted here; tracing would only cost.
  Sentry.init({ dsn, environment: environment || 'production' });
  return Sentry;
}
