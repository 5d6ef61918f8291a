import { randomUUID } from 'node:crypto';
import { testDatabase } from '@seatbelt/dev';
import { startMailReceiver } from './mail-receiver.ts';

/** A route as Next calls it. */
type Route = (request: Request, route: { params: Promise<never> }) => Promise<Response>;

export interface Asked {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, string>>;
}

/**
 * The app's routes in this process, over a database and a mail server of their own: what they answer needs no build. There
 * is no connection, so where a request comes from is said by X-Forwarded-For alone, as behind a platform's proxy.
 */
export async function routesInProcess() {
  const [database, mail] = await Promise.all([testDatabase(), startMailReceiver()]);
  const apiKey = randomUUID();
  const url = 'http://localhost:3000';
  Object.assign(process.env, {
    DATABASE_URL: database.url,
    // Nothing listens there: no test of these asks Stripe.
    STRIPE_SECRET_KEY: 'sk_test_routes',
    STRIPE_API_BASE: 'http://127.0.0.1:1',
    SEATBELT_API_KEY: apiKey,
    SEATBELT_URL: url,
    SMTP_URL: mail.url,
    MAIL_FROM: 'seats@example.com',
    LOG_LEVEL: 'silent',
  });
  // The environment is read when the modules are first used.
  const { pool } = await import('../../src/server/database.ts');
  const { seatbelt } = await import('../../src/server/seatbelt.ts');
  return {
    apiKey,
    database,
    mail,
    seatbelt: seatbelt(),
    ask(route: unknown, method: string, path: string, { body, headers, params = {} }: Asked = {}): Promise<Response> {
      const request = new Request(`${url}${path}`, {
        method,
        headers: {
          host: new URL(url).host,
          origin: url,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return (route as Route)(request, { params: Promise.resolve(params as never) });
    },
    async [Symbol.asyncDispose]() {
      await seatbelt().close();
      await pool().end();
      await mail[Symbol.asyncDispose]();
      await database.drop();
    },
  };
}

export type RoutesInProcess = Awaited<ReturnType<typeof routesInProcess>>;

/** What a browser sends back of the cookies that an answer sets. */
export function cookiesOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0] ?? '')
    .join('; ');
}
