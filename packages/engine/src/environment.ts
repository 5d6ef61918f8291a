import { knownByMark } from './core/known-by-mark.ts';

/** Why a program cannot be set up. The codes are stable; the sentence says what to do. */
export type SetupErrorCode =
  | 'variable_missing'
  | 'variable_empty'
  | 'variable_malformed'
  | 'stripe_api_base_refused'
  | 'embedded_in_production'
  | 'open_door_with_live_key';

/** The environment does not add up. `message` is for a person and can be shown without the stack. */
export class SetupError extends Error {
  static {
    knownByMark(SetupError, 'SetupError');
  }
  override readonly name = 'SetupError';
  readonly code: SetupErrorCode;
  /** The variable to set or to correct; null where several would do. */
  readonly variable: string | null;

  constructor(code: SetupErrorCode, variable: string | null, sentence: string) {
    super(sentence);
    this.code = code;
    this.variable = variable;
  }
}

/** Where Stripe is and how we are known there. */
export interface StripeEnvironment {
  readonly secretKey: string;
  /** The origin requests go to, without a slash at the end. */
  readonly apiBase: string;
  /** One, or several separated by commas while one is being rolled (`webhookSecretsOf`). Null: the webhook door stays closed, and changes made elsewhere are found late: by the next look. */
  readonly webhookSecret: string | null;
}

interface Common {
  /** Where the dashboard listens. */
  readonly port: number;
  /** Null: alerts go to the log and to the host's hook only. */
  readonly sentryDsn: string | null;
  /** The server-to-server key. Null: that door is closed. */
  readonly apiKey: string | null;
}

/** Everything is the user's own, nothing is open. */
export interface ConfiguredEnvironment extends Common {
  readonly mode: 'configured';
  readonly databaseUrl: string;
  readonly stripe: StripeEnvironment;
}

/** A trial or development: the demo session is open, and what is null is brought by ourselves. */
export interface EmbeddedEnvironment extends Common {
  readonly mode: 'embedded';
  /** Null: an embedded PostgreSQL. */
  readonly databaseUrl: string | null;
  /** Null: the simulator. */
  readonly stripe: StripeEnvironment | null;
}

export type Environment = ConfiguredEnvironment | EmbeddedEnvironment;

/** Stripe itself, and the default of STRIPE_API_BASE. */
export const stripeItself = 'https://api.stripe.com';

/** Design section 6: the dashboard listens here unless PORT says otherwise. */
const defaultPort = 3000;

/**
 * Reads the environment of our programs, and fails closed: the embedded parts and the open demo session exist only where
 * neither DATABASE_URL nor STRIPE_SECRET_KEY is set, or where SEATBELT_DEV=1 asks for them, and never in production.
 *
 * @throws SetupError with a sentence that names the variable.
 */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): Environment {
  const databaseUrl = readDatabaseUrl(env);
  const stripe = readStripe(env);
  const common: Common = {
    port: readPort(env),
    sentryDsn: readSentryDsn(env),
    apiKey: optional(env, 'SEATBELT_API_KEY'),
  };
  readLogLevel(env);

  const asked = readDevSwitch(env);
  if (asked || (databaseUrl === null && stripe === null)) {
    refuseInProduction(env, asked);
    if (stripe !== null && /^[a-z]+_live_/.test(stripe.secretKey)) {
      throw new SetupError(
        'open_door_with_live_key',
        'SEATBELT_DEV',
        'SEATBELT_DEV=1 opens the dashboard to everybody, and STRIPE_SECRET_KEY is a live key. Use a test key, or remove SEATBELT_DEV.',
      );
    }
    return { mode: 'embedded', ...common, databaseUrl, stripe };
  }
  if (databaseUrl === null) throw partial('DATABASE_URL', 'STRIPE_SECRET_KEY', 'an embedded database');
  if (stripe === null) throw partial('STRIPE_SECRET_KEY', 'DATABASE_URL', 'a simulated Stripe');
  if (common.apiKey === null) {
    throw new SetupError(
      'variable_missing',
      'SEATBELT_API_KEY',
      'SEATBELT_API_KEY is missing. Outside development it opens the HTTP contract, the tick route and the metrics to your servers. Set it to a long random string.',
    );
  }
  for (const secret of ownSecrets) readOwnSecret(env, secret);
  return { mode: 'configured', ...common, databaseUrl, stripe };
}

/** The secrets that nobody gives out but whoever sets this up. The first opens every organization, the other signs everybody's session. */
const ownSecrets = ['SEATBELT_API_KEY', 'SEATBELT_AUTH_SECRET'] as const;
export type OwnSecret = (typeof ownSecrets)[number];

/** Whoever can reach the door may try keys at it all day. What is shorter than this is found; below `longSecret` doctor warns. */
const shortestSecret = 8;

/** As `openssl rand -hex 16` makes it, which nobody finds by trying. */
export const longSecret = 32;

/** One of our own secrets, outside development; null where it is not set. @throws SetupError where it can be guessed. */
export function readOwnSecret(env: Readonly<Record<string, string | undefined>>, variable: OwnSecret): string | null {
  const secret = optional(env, variable);
  if (secret === null || secret.length >= shortestSecret) return secret;
  const characters = secret.length === 1 ? '1 character' : `${secret.length} characters`;
  throw new SetupError(
    'variable_malformed',
    variable,
    `${variable} has ${characters}, which can be guessed, and needs ${shortestSecret} at least. Set it to a long random string, such as \`openssl rand -hex 32\` makes.`,
  );
}

function partial(missing: string, present: string, instead: string): SetupError {
  return new SetupError(
    'variable_missing',
    missing,
    `${present} is set and ${missing} is not. Set ${missing} as well, or set SEATBELT_DEV=1 to use ${instead} in its place, or remove ${present} to try Seatbelt without either.`,
  );
}

/** DATABASE_URL alone, for commands that need nothing else; null where it is not set. @throws SetupError */
export function readDatabaseUrl(env: Readonly<Record<string, string | undefined>>): string | null {
  const url = notEmpty(env, 'DATABASE_URL');
  if (url === null) return null;
  if (/^postgres(ql)?:\/\//.test(url)) return url;
  // The value is not repeated: it may hold a password.
  throw new SetupError(
    'variable_malformed',
    'DATABASE_URL',
    'DATABASE_URL does not begin with postgres:// or postgresql://.',
  );
}

/** The variables of Stripe alone; null where there is no key. @throws SetupError */
export function readStripe(env: Readonly<Record<string, string | undefined>>): StripeEnvironment | null {
  const apiBase = readApiBase(env);
  const secretKey = notEmpty(env, 'STRIPE_SECRET_KEY');
  if (secretKey === null) return null;
  if (secretKey.startsWith('pk_')) {
    throw new SetupError(
      'variable_malformed',
      'STRIPE_SECRET_KEY',
      'STRIPE_SECRET_KEY is a publishable key (pk_…). Seatbelt needs a secret one (sk_…) or a restricted one (rk_…).',
    );
  }
  if (!/^[\x21-\x7e]+$/.test(secretKey)) {
    throw new SetupError(
      'variable_malformed',
      'STRIPE_SECRET_KEY',
      'STRIPE_SECRET_KEY contains a space, a line break or another character that no Stripe key has.',
    );
  }
  return { secretKey, apiBase, webhookSecret: optional(env, 'STRIPE_WEBHOOK_SECRET') };
}

/**
 * What is odd about STRIPE_WEBHOOK_SECRET; null where nothing is. It is told and not refused: with a wrong secret every event
 * is turned away, which makes changes elsewhere be found late and nothing else.
 */
export function webhookSecretTrouble(text: string): string | null {
  const secrets = webhookSecretsOf(text);
  const odd = secrets.filter((secret) => !/^whsec_./.test(secret)).length;
  if (odd === 0) return null;
  const which =
    secrets.length === 1
      ? 'STRIPE_WEBHOOK_SECRET does not begin with whsec_'
      : `${odd} of the ${secrets.length} secrets in STRIPE_WEBHOOK_SECRET ${odd === 1 ? 'does' : 'do'} not begin with whsec_`;
  return `${which}, as the signing secret of an endpoint at Stripe does: what Stripe signs would be refused.`;
}

/** The secrets that STRIPE_WEBHOOK_SECRET holds: Stripe signs with the old one for a while after it gave out a new one. */
export function webhookSecretsOf(text: string): string[] {
  return text.split(',').flatMap((secret) => (secret.trim() === '' ? [] : [secret.trim()]));
}

/**
 * A secret key sent to the wrong host is a stolen key, so there are only two right ones: Stripe, and this machine.
 * What is read is what the client will use: the parsed host, not the text (`http://localhost@elsewhere` is elsewhere).
 */
function readApiBase(env: Readonly<Record<string, string | undefined>>): string {
  const text = optional(env, 'STRIPE_API_BASE');
  if (text === null) return stripeItself;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (
    url === null ||
    !['http:', 'https:'].includes(url.protocol) ||
    url.pathname !== '/' ||
    url.search + url.hash !== ''
  ) {
    throw new SetupError(
      'variable_malformed',
      'STRIPE_API_BASE',
      `STRIPE_API_BASE must be an origin such as ${stripeItself} or http://127.0.0.1:12111, without a path.`,
    );
  }
  const withoutCredentials = url.username + url.password === '';
  if (withoutCredentials && (url.origin === stripeItself || isLoopback(url.hostname))) return url.origin;
  throw new SetupError(
    'stripe_api_base_refused',
    'STRIPE_API_BASE',
    `STRIPE_API_BASE points at ${url.host}. The secret key is sent only to ${stripeItself} or to this machine (localhost, 127.0.0.1, [::1]).`,
  );
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

function readPort(env: Readonly<Record<string, string | undefined>>): number {
  const text = optional(env, 'PORT');
  if (text === null) return defaultPort;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw new SetupError('variable_malformed', 'PORT', `PORT is "${text}", and has to be a number from 1 to 65535.`);
}

/** Where alerts go besides the log; null: nowhere else. @throws SetupError */
export function readSentryDsn(env: Readonly<Record<string, string | undefined>>): string | null {
  const dsn = optional(env, 'SENTRY_DSN');
  if (dsn === null) return null;
  // https://<public key>@<host>/<project>
  const url = URL.canParse(dsn) ? new URL(dsn) : null;
  if (url !== null && /^https?:$/.test(url.protocol) && url.username !== '' && url.pathname.length > 1) return dsn;
  throw new SetupError(
    'variable_malformed',
    'SENTRY_DSN',
    'SENTRY_DSN is not a DSN (https://key@host/project), so alerts would go nowhere. Correct it, or remove it.',
  );
}

/** How much a program may log. The words are pino's, which every program of ours logs by. */
const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** LOG_LEVEL; `info` where it is not set. @throws SetupError */
export function readLogLevel(env: Readonly<Record<string, string | undefined>>): LogLevel {
  const text = optional(env, 'LOG_LEVEL');
  if (text === null) return 'info';
  const level = logLevels.find((known) => known === text);
  if (level !== undefined) return level;
  throw new SetupError(
    'variable_malformed',
    'LOG_LEVEL',
    `LOG_LEVEL is "${text}", and can be ${logLevels.join(', ')}. Correct it, or remove it.`,
  );
}

/** Whether SEATBELT_DEV asks for a trial. @throws SetupError */
export function readDevSwitch(env: Readonly<Record<string, string | undefined>>): boolean {
  const text = optional(env, 'SEATBELT_DEV');
  if (text === null || text === '0') return false;
  if (text === '1') return true;
  throw new SetupError('variable_malformed', 'SEATBELT_DEV', `SEATBELT_DEV is "${text}", and can be 1 or 0.`);
}

// What each platform sets in the processes it runs. `RAILWAY_` and the like: any variable that begins so.
const hostingPlatforms: readonly { name: string; sign: string }[] = [
  { name: 'Vercel', sign: 'VERCEL' },
  { name: 'Render', sign: 'RENDER' },
  { name: 'Fly.io', sign: 'FLY_APP_NAME' },
  { name: 'Railway', sign: 'RAILWAY_' },
  { name: 'Cloud Run', sign: 'K_SERVICE' },
  { name: 'AWS Lambda', sign: 'AWS_LAMBDA_' },
  { name: 'Heroku', sign: 'DYNO' },
  { name: 'Netlify', sign: 'NETLIFY' },
  { name: 'App Engine', sign: 'GAE_' },
  { name: 'Azure App Service', sign: 'WEBSITE_SITE_NAME' },
];

function refuseInProduction(env: Readonly<Record<string, string | undefined>>, asked: boolean): void {
  const where = productionSign(env);
  if (where === null) return;
  const what = 'the embedded database, the simulated Stripe and the open demo session are for trials only';
  throw asked
    ? new SetupError(
        'embedded_in_production',
        'SEATBELT_DEV',
        `SEATBELT_DEV=1 is set and ${where}: ${what}. Remove SEATBELT_DEV.`,
      )
    : new SetupError(
        'embedded_in_production',
        null,
        `Neither DATABASE_URL nor STRIPE_SECRET_KEY is set and ${where}: ${what}. Set both.`,
      );
}

/** How we know that this is no trial; null where it may be one. */
function productionSign(env: Readonly<Record<string, string | undefined>>): string | null {
  const names = Object.keys(env).filter((name) => env[name] !== undefined && env[name] !== '');
  for (const { name, sign } of hostingPlatforms) {
    const found = names.find((each) => (sign.endsWith('_') ? each.startsWith(sign) : each === sign));
    if (found !== undefined) return `this is ${name} (${found} is set)`;
  }
  // `next start` sets NODE_ENV to production by itself, in a dashboard whose supervisor has asked this question already.
  if (env.NODE_ENV === 'production' && env.SEATBELT_SUPERVISED !== '1') return 'NODE_ENV is production';
  return null;
}

/** A variable that may be missing; an empty one is the same as none. */
function optional(env: Readonly<Record<string, string | undefined>>, name: string): string | null {
  const value = env[name]?.trim();
  return value === undefined || value === '' ? null : value;
}

/**
 * One that decides whether this is a trial: an empty value there is a secret that did not arrive, and must not turn a
 * production into a demo.
 */
function notEmpty(env: Readonly<Record<string, string | undefined>>, name: string): string | null {
  const value = env[name];
  if (value === undefined) return null;
  if (value.trim() !== '') return value.trim();
  throw new SetupError('variable_empty', name, `${name} is set but empty. Give it a value, or remove it.`);
}
