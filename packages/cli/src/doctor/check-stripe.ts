import type { StripeEnvironment } from 'seatbelt/environment';
import { stripeApiVersion, withoutSecrets } from 'seatbelt/operator';
import Stripe from 'stripe';
import { stripeClient } from '../stripe-client.ts';
import { type Finding, fail, ok } from './finding.ts';

const timeoutMs = 8_000;

/** One read with the key and the API version that pushes are sent with. */
export async function checkStripe(environment: StripeEnvironment): Promise<Finding[]> {
  try {
    const answer = await stripeClient(environment).subscriptions.list(
      { limit: 1 },
      { timeout: timeoutMs, apiVersion: stripeApiVersion },
    );
    const answered = answer.lastResponse.apiVersion;
    return [
      ok('stripe', 'Stripe answers and accepts the key.'),
      answered === undefined || answered === stripeApiVersion
        ? ok('stripe_api_version', `Requests are made with API version ${stripeApiVersion}.`)
        : fail(
            'stripe_api_version',
            `Stripe answered with API version ${answered} to a request with ${stripeApiVersion}.`,
            'Is something between here and Stripe that rewrites requests?',
          ),
    ];
  } catch (error) {
    return [findingOf(error)];
  }
}

function findingOf(error: unknown): Finding {
  if (!(error instanceof Stripe.errors.StripeError)) throw error;
  const said = withoutSecrets(error.message);
  if (error instanceof Stripe.errors.StripeAuthenticationError) {
    return fail(
      'stripe',
      `Stripe does not accept the key: ${said}`,
      'Set STRIPE_SECRET_KEY to a key that is not revoked.',
    );
  }
  if (error instanceof Stripe.errors.StripePermissionError) {
    return fail(
      'stripe',
      `The key may not read subscriptions: ${said}`,
      'Give the restricted key: Subscriptions, write.',
    );
  }
  if (error instanceof Stripe.errors.StripeConnectionError) {
    return fail('stripe', `Stripe cannot be reached: ${said}`, 'Check the network, a proxy, and STRIPE_API_BASE.');
  }
  return fail(
    'stripe',
    `Stripe answered ${error.statusCode ?? 'without a status'}: ${said}`,
    'Try again; see status.stripe.com.',
  );
}

/** Whether the key is for live money; null where the key does not say. */
export function livemodeOf(environment: StripeEnvironment): boolean | null {
  const mode = /^(?:sk|rk)_(live|test)_/.exec(environment.secretKey)?.[1];
  return mode === undefined ? null : mode === 'live';
}
