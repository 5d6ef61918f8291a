import { Problem } from './api.ts';

/** Where a reading of Stripe stopped on its way there. Only what Stripe did is said of Stripe. */
export type WhoFailed = 'offline' | 'server' | 'database' | 'stripe' | 'turned_away';

/** @param online what the browser thinks of its own line; it is asked only where nothing came back */
export function whoFailed(error: Error, online: boolean): WhoFailed {
  if (!(error instanceof Problem)) return online ? 'server' : 'offline';
  if (error.body.status < 500) return 'turned_away';
  if (error.body.code === 'stripe_unavailable') return 'stripe';
  return error.body.code === 'database_unavailable' ? 'database' : 'server';
}
