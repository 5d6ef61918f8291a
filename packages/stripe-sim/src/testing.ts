import Stripe from 'stripe';
import type { StripeSim } from './index.ts';

/** The official SDK, talking to a simulator without a port. For this package's own tests. */
export function sdkFor(sim: StripeSim, key = 'sk_test_x'): Stripe {
  return new Stripe(key, {
    httpClient: Stripe.createFetchHttpClient((input: string | URL | Request, init?: RequestInit) =>
      sim.fetch(new Request(input, init)),
    ),
    maxNetworkRetries: 0,
    telemetry: false,
  });
}

/** The first of a list that must have one. */
export function first<T>(list: readonly T[]): T {
  const [element] = list;
  if (element === undefined) throw new Error('Expected at least one element.');
  return element;
}
