import { type Environment, readEnvironment, type StripeEnvironment } from 'seatbelt/environment';
import { once } from './once.ts';

/** What this process was started with. Throws a `SetupError` that names the variable to set. */
export function environment(): Environment {
  return once('environment', () => readEnvironment(process.env));
}

/** The dashboard brings neither a database nor a simulator of its own; `npm start` starts both and says where they are. */
export function connections(): { readonly databaseUrl: string; readonly stripe: StripeEnvironment } {
  const { databaseUrl, stripe } = environment();
  if (databaseUrl === null || stripe === null) {
    throw new Error('The dashboard needs DATABASE_URL and STRIPE_SECRET_KEY. `npm start` sets both.');
  }
  return { databaseUrl, stripe };
}

/** Whether the demo session is open. Decided by the rules of `seatbelt/environment`, which fail closed. */
export function isDevMode(): boolean {
  return environment().mode === 'embedded';
}

/** The simulator's address, where the Stripe of the demo is one on this machine; null otherwise. */
export function simulatorUrl(): string | null {
  const { mode, stripe } = environment();
  if (mode !== 'embedded' || stripe === null) return null;
  return isLoopback(new URL(stripe.apiBase).hostname) ? stripe.apiBase : null;
}

/** Hostname as in a URL: `localhost`, `127.0.0.1`, `[::1]`. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
