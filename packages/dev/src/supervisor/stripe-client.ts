import type { StripeEnvironment } from 'seatbelt/environment';
import Stripe from 'stripe';

/** A client for the Stripe that the environment names. The engine decides about timeouts and never retries by itself. */
export function stripeClient({ secretKey, apiBase }: StripeEnvironment): Stripe {
  const base = new URL(apiBase);
  const secure = base.protocol === 'https:';
  return new Stripe(secretKey, {
    host: base.hostname,
    port: base.port === '' ? (secure ? 443 : 80) : Number(base.port),
    protocol: secure ? 'https' : 'http',
    telemetry: false,
  });
}
