/**
 * Stripe's quotas of one subscription: 200 quantity updates an hour, 10 invoices a minute and 20 a day. Who has used one up
 * waits here, where everything that comes meanwhile rides along, and not at Stripe, where every try is refused.
 * https://docs.stripe.com/rate-limits
 */
import { policy } from './policy.ts';
import type { Account, QuotaUsed, SeatChange } from './types.ts';

export const nothingUsed: QuotaUsed = { updates: [], invoices: [] };

/**
 * From when on Stripe takes another quantity for this account; 0: now, as far as it is known here.
 * @param waiting what is to be told to Stripe next, where that is known.
 */
export function quotaFreeAt({ quotaUsed, terms }: Account, waiting: readonly SeatChange[] = []): number {
  const { updatesPerHour, invoicesPerMinute, invoicesPerDay } = policy.quotas;
  const free = [freeAt(quotaUsed.updates, updatesPerHour, hour)];
  // Which way the next change goes is not known yet, so it is enough that one way makes an invoice.
  const invoices = [terms.increase, terms.decrease].some(
    ({ prorationBehavior }) => prorationBehavior === 'always_invoice',
  );
  // A decrease of a period's end makes none, and it has to be told before the period is billed again.
  const dated = waiting.length > 0 && waiting.every(({ waitsUntil }) => waitsUntil !== null);
  if (invoices && !dated) {
    free.push(freeAt(quotaUsed.invoices, invoicesPerMinute, minute), freeAt(quotaUsed.invoices, invoicesPerDay, day));
  }
  return Math.max(...free);
}

/** What is used once this quantity is asked for. A replay is the same request and counts once. */
export function useQuota(used: QuotaUsed, body: string, now: number): QuotaUsed {
  const invoiced = new URLSearchParams(body).get('proration_behavior') === 'always_invoice';
  return {
    updates: [...used.updates.filter((at) => at > now - hour), now],
    invoices: [...used.invoices.filter((at) => at > now - day), ...(invoiced ? [now] : [])],
  };
}

/** How many of each are used at this moment. */
export function quotaUsedNow({ updates, invoices }: QuotaUsed, now: number) {
  return {
    updatesInHour: updates.filter((at) => at > now - hour).length,
    invoicesInDay: invoices.filter((at) => at > now - day).length,
  };
}

/** When fewer than `allowed` of these are within the window. */
function freeAt(times: readonly number[], allowed: number, windowMs: number): number {
  const blocking = times.at(-allowed);
  return blocking === undefined ? 0 : blocking + windowMs;
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
