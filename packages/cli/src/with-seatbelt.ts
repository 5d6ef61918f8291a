import { createSeatbelt, type Seatbelt, type SeatbeltOptions } from 'seatbelt';
import { readDatabaseUrl, readStripe, SetupError } from 'seatbelt/environment';
import type { Io } from './io.ts';
import { stripeClient, stripeClientWithoutKey } from './stripe-client.ts';
import { quietLog } from './worker-log.ts';

export interface Needs {
  /** `required`: the command reads or writes Stripe. `optional`: it says what it does not know without a key. */
  readonly stripe: 'required' | 'optional';
  readonly verbose?: boolean | undefined;
  readonly engine?: Partial<Pick<SeatbeltOptions, 'logger' | 'sentry'>>;
}

/** Makes the engine from the environment, lets `work` use it, and lets go of it whatever happened. @throws SetupError */
export async function withSeatbelt<T>(io: Io, needs: Needs, work: (seatbelt: Seatbelt) => Promise<T>): Promise<T> {
  const db = databaseUrl(io);
  const stripe = readStripe(io.env);
  if (stripe === null && needs.stripe === 'required') {
    throw new SetupError(
      'variable_missing',
      'STRIPE_SECRET_KEY',
      'STRIPE_SECRET_KEY is missing. This command reads or writes Stripe; set it to a secret key (sk_…) or a restricted one (rk_…).',
    );
  }
  const environment = io.env.SEATBELT_ENVIRONMENT;
  const seatbelt = createSeatbelt({
    db,
    ...(environment === undefined ? {} : { environment }),
    stripe: stripe === null ? stripeClientWithoutKey() : stripeClient(stripe),
    ...(needs.verbose ? { logger: quietLog(io) } : {}),
    ...needs.engine,
  });
  try {
    return await work(seatbelt);
  } finally {
    await seatbelt.close();
  }
}

/** @throws SetupError where DATABASE_URL is missing or is none. */
export function databaseUrl(io: Io): string {
  const url = readDatabaseUrl(io.env);
  if (url !== null) return url;
  throw new SetupError(
    'variable_missing',
    'DATABASE_URL',
    'DATABASE_URL is missing. Set it to the database that Seatbelt lives in (postgres://…).',
  );
}
