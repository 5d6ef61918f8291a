import { randomUUID } from 'node:crypto';
import { quantityFor } from '../core/quantity-for.ts';
import { SeatRefused } from '../core/refusals.ts';
import type { Quote } from '../core/types.ts';
import { StripeUnavailable } from '../failures.ts';
import type { PreviewBody } from '../http/contract.ts';
import { isChangeId, wholeSeats } from '../input.ts';
import { readQuote, storeQuote } from '../store/quotes.ts';
import type { AccountKey } from '../store/store.ts';
import { type Inside, lookTimeoutMs } from './inside.ts';
import { readBefore } from './read-before.ts';

/** A quote is good for this long: enough to read a screen, short enough that proration moves little. */
const quoteLifetimeMs = 900_000;

/** What `seats` seats would cost, from Stripe itself, as a quote that `set` can be bound to. */
export async function preview(inside: Inside, key: AccountKey, seats: number): Promise<PreviewBody> {
  const wanted = wholeSeats('seats', seats, 1);
  const state = await inside.freshState(key);
  const { account } = state;
  if (account.link === null)
    throw new SeatRefused({
      code: 'no_subscription',
      message: 'This organization has no Stripe subscription to change.',
    });
  const target = quantityFor(wanted, account.terms);
  const grows = wanted > account.seatCount;
  const prorationDate = Math.floor(state.now / 1000);
  const result = await inside.stripe.previewQuantity(account.link, target, {
    prorationBehavior: (grows ? account.terms.increase : account.terms.decrease).prorationBehavior,
    prorationDate,
    timeoutMs: lookTimeoutMs,
  });
  if (result.kind === 'failed')
    throw new StripeUnavailable(`Stripe could not be asked for the price: ${result.message}`);
  if (result.kind === 'refused')
    throw new SeatRefused({ code: 'subscription_not_changeable', message: result.message });
  const expiresAt = state.now + quoteLifetimeMs;
  const { amountDue, total, currency, lines } = result.preview;
  const quote = randomUUID();
  await storeQuote(inside.database, key, {
    id: quote,
    seats: wanted,
    seatCount: account.seatCount,
    settledSeats: account.settledSeats,
    prorationDate,
    amountDue,
    total,
    currency,
    expiresAt,
  });
  return {
    quote,
    amountDue,
    total,
    currency,
    lines: lines.map(({ description, amount, proration }) => ({ description, amount, proration })),
    expiresAt: new Date(expiresAt).toISOString(),
  };
}

/** What is known of a quote. Whether it is good is decided with the request, after its idempotency key was looked up. */
export async function quoteFor(inside: Inside, key: AccountKey, id: string, seats: number): Promise<Quote> {
  const quote = isChangeId(id) ? await readBefore(() => readQuote(inside.database, key, id)) : null;
  if (quote === null || quote.seats !== seats)
    return { id, valid: false, seatCount: 0, settledSeats: 0, prorationDate: 0 };
  const { seatCount, settledSeats, prorationDate } = quote;
  return { id, valid: true, seatCount, settledSeats, prorationDate };
}
