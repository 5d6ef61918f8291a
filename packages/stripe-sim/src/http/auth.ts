import { StripeFailure } from './errors.ts';

/** Which secret keys open the simulated account. */
export class ApiKeys {
  readonly #only: Set<string> | null;
  readonly #revoked = new Set<string>();

  /** Without a list every test key is good: `sk_test_…` and `rk_test_…`. */
  constructor(only: string[] | undefined) {
    this.#only = only === undefined ? null : new Set(only);
  }

  revoke(key: string): void {
    this.#revoked.add(key);
  }

  allow(key: string): void {
    this.#revoked.delete(key);
    this.#only?.add(key);
  }

  /** Throws Stripe's 401 for a missing, unknown or revoked key. */
  check(authorization: string | undefined): void {
    const key = keyIn(authorization);
    if (key === undefined || key === '') throw missingKey();
    const known = this.#only === null ? /^(sk|rk)_test_/.test(key) : this.#only.has(key);
    if (!known || this.#revoked.has(key)) throw badKey(key);
  }
}

export function badKey(key: string): StripeFailure {
  return new StripeFailure(401, {
    type: 'invalid_request_error',
    message: `Invalid API Key provided: ${masked(key)}`,
  });
}

function missingKey(): StripeFailure {
  return new StripeFailure(401, {
    type: 'invalid_request_error',
    message:
      'You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth ' +
      "(e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, " +
      'or we can help at https://support.stripe.com/.',
  });
}

/** Bearer, or Basic with the key as user name. */
function keyIn(authorization: string | undefined): string | undefined {
  if (authorization === undefined) return undefined;
  const [scheme, value] = authorization.split(' ', 2);
  if (value === undefined) return undefined;
  if (/^bearer$/i.test(scheme ?? '')) return value;
  if (/^basic$/i.test(scheme ?? '')) return Buffer.from(value, 'base64').toString('utf8').split(':')[0];
  return undefined;
}

function masked(key: string): string {
  const shown = key.slice(0, 200);
  return shown.length <= 12 ? shown : `${shown.slice(0, 8)}${'*'.repeat(shown.length - 12)}${shown.slice(-4)}`;
}
