import { stripe as stripePlugin } from '@better-auth/stripe';
import { betterAuth } from 'better-auth';
import { organization } from 'better-auth/plugins/organization';
import Stripe from 'stripe';
import { poolOf, stripeKey, stripeOptions } from '../programs/connect.ts';
import type { ProgramSettings } from '../programs.ts';

/** What one server of better-auth's needs to know. */
export type AuthSettings = Pick<ProgramSettings, 'databaseUrl' | 'stripePort' | 'webhookSecret' | 'price'>;

/**
 * better-auth as its documentation says for teams that pay per member: organization plugin, Stripe plugin with
 * `organization.enabled`, and a plan whose `seatPriceId` is its price, so that the plugin itself keeps Stripe's quantity at
 * the number of members whenever one is added or removed. The webhook route is part of `auth.handler`.
 */
export function createAuth(settings: AuthSettings) {
  const pool = poolOf(settings);
  const auth = betterAuth({
    database: pool,
    baseURL: 'http://127.0.0.1',
    secret: 'only-for-the-comparison-0123456789abcdef',
    // The plugin logs a failed sync and goes on; the log is not read here.
    logger: { disabled: true },
    telemetry: { enabled: false },
    emailAndPassword: { enabled: true },
    plugins: [
      // The default limit of 100 members is no part of what is compared.
      organization({ membershipLimit: 1_000_000 }),
      stripePlugin({
        stripeClient: new Stripe(stripeKey, stripeOptions(settings)),
        stripeWebhookSecret: settings.webhookSecret,
        organization: { enabled: true },
        subscription: {
          enabled: true,
          plans: [{ name: 'team', priceId: settings.price, seatPriceId: settings.price }],
        },
      }),
    ],
  });
  return { auth, pool };
}
