import type { StripeEnvironment } from 'seatbelt/environment';
import Stripe from 'stripe';
import { databaseCut } from './dev/database-cut.ts';
import { isDevMode } from './environment.ts';

/** The Stripe client that the engine is given; it points where STRIPE_API_BASE says. */
export function createStripe(environment: StripeEnvironment): Stripe {
  const base = new URL(environment.apiBase);
  const secure = base.protocol === 'https:';
  return new Stripe(environment.secretKey, {
    host: base.hostname,
    port: base.port || (secure ? 443 : 80),
    protocol: secure ? 'https' : 'http',
    telemetry: false,
    ...(isDevMode() ? { httpClient: databaseCut().watch(Stripe.createNodeHttpClient()) } : {}),
  });
}
