import type { StripeEnvironment } from 'seatbelt/environment';
import Stripe from 'stripe';

/** A client that talks to where STRIPE_API_BASE says. */
export function stripeClient(environment: StripeEnvironment): Stripe {
  const base = new URL(environment.apiBase);
  const secure = base.protocol === 'https:';
  return new Stripe(environment.secretKey, {
    // An IPv6 address has brackets in a URL and none in a socket.
    host: base.hostname.replace(/^\[|\]$/g, ''),
    port: base.port || (secure ? 443 : 80),
    protocol: secure ? 'https' : 'http',
    maxNetworkRetries: 0,
    telemetry: false,
  });
}

/** For commands that can do without Stripe: nothing is ever sent, and whoever asks hears why. */
export function stripeClientWithoutKey(): Stripe {
  return new Stripe('', {
    authenticator: async () => {
      throw new Error('STRIPE_SECRET_KEY is not set');
    },
  });
}
