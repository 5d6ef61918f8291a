/** What the process was started with. Names and meanings are those of the contract (docs, "Environment"). */
export interface Environment {
  readonly databaseUrl: string;
  readonly stripeSecretKey: string;
  /** Where Stripe is; null for the real one. */
  readonly stripeApiBase: URL | null;
  readonly stripeWebhookSecret: string | null;
  readonly sentryDsn: string | null;
  readonly tickSecret: string | null;
}

/** Reads the environment. Throws with the names of all that is missing, so that one try is enough to set it right. */
export function readEnvironment(): Environment {
  const missing = ['DATABASE_URL', 'STRIPE_SECRET_KEY'].filter((name) => !process.env[name]);
  if (missing.length > 0) throw new Error(`Set ${missing.join(' and ')} to run the dashboard.`);
  return {
    databaseUrl: process.env.DATABASE_URL ?? '',
    stripeSecretKey: process.env.STRIPE_SECRET_KEY ?? '',
    stripeApiBase: stripeApiBase(),
    stripeWebhookSecret: process.env.STRIPE_WEBHOOK_SECRET || null,
    sentryDsn: process.env.SENTRY_DSN || null,
    // A cron that calls the tick route is a server of the host's, so it has the same key as the host's other servers.
    tickSecret: process.env.CRON_SECRET || process.env.SEATBELT_API_KEY || null,
  };
}

/** The key by which the host's servers come in; null closes that door. */
export function apiKey(): string | null {
  return process.env.SEATBELT_API_KEY || null;
}

/**
 * Whether the demo's session and fault switches exist. The supervisor of `npm start` sets SEATBELT_DEV; a live key or a
 * Stripe that is not on this machine closes both again, whatever it says.
 */
export function isDevMode(): boolean {
  if (process.env.SEATBELT_DEV !== '1') return false;
  if (/^(sk|rk)_live_/.test(process.env.STRIPE_SECRET_KEY ?? '')) return false;
  const base = stripeApiBase();
  return base !== null && isLoopback(base.hostname);
}

/** Hostname as in a URL: `localhost`, `127.0.0.1`, `[::1]`. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

function stripeApiBase(): URL | null {
  const text = process.env.STRIPE_API_BASE;
  if (!text) return null;
  const url = URL.parse(text);
  if (url === null) throw new Error('STRIPE_API_BASE must be a URL such as http://127.0.0.1:12111.');
  const isStripe = url.protocol === 'https:' && url.hostname === 'api.stripe.com';
  if (!isStripe && !isLoopback(url.hostname)) {
    throw new Error('STRIPE_API_BASE must be on this machine or https://api.stripe.com: a key is sent there.');
  }
  return url;
}
