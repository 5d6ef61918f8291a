import { policy } from '../core/policy.ts';
import { InvalidInput } from '../failures.ts';
import type { StripeAdapter } from '../stripe/adapter.ts';

/**
 * What Stripe allows this account, asked of the key until it has said it. null: nobody counts, because the Stripe of this host is not at
 * Stripe's own address; a simulator or a proxy has the limit that the host says. @throws InvalidInput
 */
export function requestsPerSecond(
  options: { readonly stripeRequestsPerSecond?: number },
  stripe: Pick<StripeAdapter, 'identityOfKey' | 'isStripe'>,
): () => Promise<number | null> {
  const said = options.stripeRequestsPerSecond;
  if (said !== undefined && !(said > 0 && Number.isFinite(said))) {
    throw new InvalidInput('stripeRequestsPerSecond', 'stripeRequestsPerSecond must be a number above 0.');
  }
  if (said !== undefined) return async () => said;
  if (!stripe.isStripe) return async () => null;
  let known: Promise<number> | null = null;
  return () => {
    known ??= stripe
      .identityOfKey()
      // A key that does not say it is taken for a test key: too slow is a wait, too fast a refusal.
      .then((identity) => (identity?.livemode ? policy.liveRequestsPerSecond : policy.testRequestsPerSecond));
    // The host's authenticator may fail for a moment, and what is kept would be its failure: no turn would ever come again.
    return known.catch(() => {
      known = null;
      return policy.testRequestsPerSecond;
    });
  };
}
