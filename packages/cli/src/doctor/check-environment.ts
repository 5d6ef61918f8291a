import {
  longSecret,
  type OwnSecret,
  readDatabaseUrl,
  readDevSwitch,
  readLogLevel,
  readOwnSecret,
  readSentryDsn,
  readStripe,
  SetupError,
  stripeItself,
  webhookSecretTrouble,
} from 'seatbelt/environment';
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
    isSaid(env, 'SEATBELT_API_KEY')
      ? ownSecret(env, 'SEATBELT_API_KEY')
      : warn(
          'SEATBELT_API_KEY',
          'SEATBELT_API_KEY is not set, so the dashboard’s server-to-server door is closed.',
          'Set it to a long random string where the dashboard runs, or ignore this where you embed the engine.',
        ),
    // Nobody has to set these two.
    ...(isSaid(env, 'SEATBELT_AUTH_SECRET') ? [ownSecret(env, 'SEATBELT_AUTH_SECRET')] : []),
    ...(isSaid(env, 'LOG_LEVEL')
      ? [checked('LOG_LEVEL', () => ok('LOG_LEVEL', `Logs from ${readLogLevel(env)} on.`))]
      : []),
  ];
}

function isSaid(env: Io['env'], variable: string): boolean {
  return (env[variable]?.trim() ?? '') !== '';
}

/** A trial listens on this machine alone and is open to everybody who is on it, so its keys protect nothing. */
function ownSecret(env: Io['env'], variable: OwnSecret): Finding {
  return checked(variable, () => {
    const said = ok(variable, `${variable} is set.`);
    if (readDevSwitch(env)) return said;
    const secret = readOwnSecret(env, variable);
    if (secret === null || secret.length >= longSecret) return said;
    return warn(
      variable,
      `${variable} has ${secret.length} characters, fewer than ${longSecret}.`,
      'Set it to a long random string: openssl rand -hex 32',
    );
  });
}

/** What events are believed by. */
function webhookSecret(secret: string | null): Finding {
  if (secret === null) {
    return warn(
      'STRIPE_WEBHOOK_SECRET',
      'STRIPE_WEBHOOK_SECRET is not set, so the webhook door is closed and changes made at Stripe are found late.',
      'Add an endpoint at Stripe for /api/webhooks/stripe and set its signing secret.',
    );
  }
  const trouble = webhookSecretTrouble(secret);
  return trouble === null
    ? ok('STRIPE_WEBHOOK_SECRET', 'STRIPE_WEBHOOK_SECRET is set.')
    : warn('STRIPE_WEBHOOK_SECRET', trouble, 'Set it to the signing secret that Stripe shows at the endpoint.');
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
      webhookSecret(stripe.webhookSecret),
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
