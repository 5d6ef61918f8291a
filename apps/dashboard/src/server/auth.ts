import { hkdfSync, randomBytes } from 'node:crypto';
import { betterAuth } from 'better-auth';
import { magicLink } from 'better-auth/plugins/magic-link';
import { organization } from 'better-auth/plugins/organization';
import { CamelCasePlugin, Kysely, PostgresDialect } from 'kysely';
import { appSchema } from './app-schema/migrate.ts';
import { pool } from './database.ts';
import { devSignIn } from './dev/dev-sign-in.ts';
import { environment, isDevMode } from './environment.ts';
import { newId } from './ids.ts';
import { logger } from './logger.ts';
import { mailConfirmation, mailSignInLink } from './mail/auth-mails.ts';
import { sendsMail } from './mail.ts';
import { once } from './once.ts';
import { accessControl, roles } from './permissions.ts';
import { isSecure, publicUrl } from './public-url.ts';

/**
 * A session ends a week after signing in. It is not prolonged by being used: a cookie that somebody copied would live as
 * long as they like, and the browser's own would end after a week all the same.
 */
const sessionSeconds = 7 * 86_400;
/** Long enough to switch to the mail program, short enough that a mailbox read later is no door. */
const magicLinkSeconds = 600;
/** Confirming an address is nothing anybody waits for, and the link opens nothing without a session. */
const confirmationSeconds = 86_400;

/** Accounts, sessions and organizations. Resolves when its tables are there. */
export async function auth(): Promise<Auth> {
  await appSchema();
  return once('auth', createAuth);
}

export type Auth = ReturnType<typeof createAuth>;

function createAuth() {
  const database = new Kysely<Record<string, never>>({
    dialect: new PostgresDialect({ pool: pool() }),
    plugins: [new CamelCasePlugin()],
  });
  return betterAuth({
    appName: 'Seatbelt',
    baseURL: publicUrl() ?? `http://localhost:${environment().port}`,
    secret: sessionSecret(),
    database: { db: database, type: 'postgres', schemaName: 'app', transaction: true },
    user: { modelName: 'users' },
    session: { modelName: 'sessions', expiresIn: sessionSeconds, disableSessionRefresh: true },
    account: { modelName: 'credentials' },
    verification: { modelName: 'verifications' },
    emailAndPassword: {
      enabled: true,
      // Length is what counts (NIST SP 800-63B); nothing is asked about kinds of characters.
      minPasswordLength: 10,
      maxPasswordLength: 128,
    },
    ...(sendsMail()
      ? {
          emailVerification: {
            sendOnSignUp: true,
            expiresIn: confirmationSeconds,
            sendVerificationEmail: mailConfirmation,
          },
        }
      : {}),
    plugins: [
      organization({
        ac: accessControl,
        roles: { owner: roles.owner, admin: roles.admin, member: roles.member },
        schema: {
          organization: { modelName: 'organizations' },
          member: { modelName: 'members' },
          invitation: { modelName: 'invitations' },
        },
      }),
      ...(sendsMail()
        ? [
            magicLink({
              expiresIn: magicLinkSeconds,
              storeToken: 'hashed',
              sendMagicLink: mailSignInLink,
            }),
          ]
        : []),
      ...(isDevMode() ? [devSignIn()] : []),
    ],
    // `server/attempts.ts` counts instead: in the database, so for all processes together, and by address and place.
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    // Our own pages only: whoever reaches us under a name sends that name as `Host`, and a browser says it in `Origin`.
    trustedOrigins: (request) => [originOf(request)],
    advanced: {
      cookiePrefix: 'seatbelt',
      useSecureCookies: isSecure(),
      database: { generateId: ({ model }) => newId(model) },
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax', path: '/' },
    },
    logger: {
      level: 'warn',
      log: (level, message, ...details) => logger[level === 'debug' ? 'debug' : level]({ details }, message),
    },
  });
}

function originOf(request: Request | undefined): string | null {
  const host = request?.headers.get('host');
  if (request === undefined || !host) return null;
  return `${isSecure() ? 'https' : 'http'}://${host}`;
}

/**
 * What session cookies are signed with: SEATBELT_AUTH_SECRET, or a key derived from the server key, which every
 * installation has. A development server without either forgets its sessions when it ends.
 */
function sessionSecret(): string {
  const said = process.env.SEATBELT_AUTH_SECRET;
  if (said !== undefined && said.trim() !== '') return said;
  const { apiKey } = environment();
  if (apiKey === null) return randomBytes(32).toString('base64url');
  return Buffer.from(hkdfSync('sha256', apiKey, '', 'seatbelt session cookies', 32)).toString('base64url');
}
