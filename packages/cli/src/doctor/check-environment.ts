import { readDatabaseUrl, readSentryDsn, readStripe, SetupError, stripeItself } from 'seatbelt/environment';
import type { Io } from '../io.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

/** The variables, each by the reader that every program of ours uses. Values are never shown. */
export function checkEnvironment({ env }: Pick<Io, 'env'>): Finding[] {
  return [
    checked('DATABASE_URL', () =>
      readDatabaseUrl(env) === null
        ? fail('DATABASE_URL', 'DATABASE_URL is missing.', 'Set it to the database that Seatbelt lives in.')
        : ok('DATABASE_URL', 'DATABASE_URL is set.'),
    ),
    ...checkStripeVariables(env),
    checked('SENTRY_DSN', () =>
      readSentryDsn(env) === null
        ? warn('SENTRY_DSN', 'SENTRY_DSN is not set, so alerts go to the log only.', 'Set it where a worker runs.')
        : ok('SENTRY_DSN', 'SENTRY_DSN is set.'),
    ),
    env.SEATBELT_API_KEY?.trim()
      ? ok('SEATBELT_API_KEY', 'SEATBELT_API_KEY is set.')
      : warn(
          'SEATBELT_API_KEY',
          'SEATBELT_API_KEY is not set, so the dashboard’s server-to-server door is closed.',
          'Set it to a long random string where the dashboard runs, or ignore this where you embed the engine.',
        ),
  ];
}

function checkStripeVariables(env: Io['env']): Finding[] {
  const findings: Finding[] = [];
  const key = checked('STRIPE_SECRET_KEY', () => {
    const stripe = readStripe(env);
    if (stripe === null) {
      return fail('STRIPE_SECRET_KEY', 'STRIPE_SECRET_KEY is missing.', 'Set it to a secret or a restricted key.');
    }
    findings.push(
      stripe.apiBase === stripeItself
        ? ok('STRIPE_API_BASE', `Requests go to ${stripeItself}.`)
        : warn(
            'STRIPE_API_BASE',
            `Requests go to ${stripe.apiBase}, which is not Stripe itself.`,
            'Remove STRIPE_API_BASE in production.',
          ),
      stripe.webhookSecret === null
        ? warn(
            'STRIPE_WEBHOOK_SECRET',
            'STRIPE_WEBHOOK_SECRET is not set, so the webhook door is closed and changes made at Stripe are found late.',
            'Add an endpoint at Stripe for /api/webhooks/stripe and set its signing secret.',
          )
        : ok('STRIPE_WEBHOOK_SECRET', 'STRIPE_WEBHOOK_SECRET is set.'),
    );
    return ok('STRIPE_SECRET_KEY', 'STRIPE_SECRET_KEY is set.');
  });
  return [key, ...findings];
}

/** A reader that refuses the value says what to correct. */
function checked(check: string, read: () => Finding): Finding {
  try {
    return read();
  } catch (error) {
    if (error instanceof SetupError) return fail(error.variable ?? check, error.message, 'Correct the variable.');
    throw error;
  }
}
