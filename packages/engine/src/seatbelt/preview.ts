import { SeatRefused } from '../core/refusals.ts';
import type { StripeUnavailable } from '../failures.ts';
import type { PreviewBody, SeatChangeBody } from '../http/contract.ts';
import { isChangeId, wholeSeats } from '../input.ts';
import { makeQuote, type QuoteContext, quoteToConfirm, StaleQuote } from '../quotes.ts';
import type { AccountKey } from '../store/store.ts';
import { command } from './commands.ts';
import { type Inside, lookTimeoutMs } from './inside.ts';
import type { AcceptedChange, SetOptions } from './options.ts';
import { readBefore } from './read-before.ts';
import { setRequest } from './requests.ts';

/** What `seats` seats would cost, from Stripe itself, as a quote that `set` can be bound to. */
export async function preview(inside: Inside, key: AccountKey, seats: number): Promise<PreviewBody> {
  const wanted = wholeSeats('seats', seats, 1);
  return makeQuote(contextOf(inside), key, await inside.freshState(key), wanted);
}

/** Sets the number of seats at the price that was shown. @throws StaleQuote with the price as it is now */
export async function setAtPrice(
  inside: Inside,
  key: AccountKey,
  seats: number,
  quoteId: string,
  options: SetOptions,
): Promise<SeatChangeBody | AcceptedChange> {
  const { quote, unread } = await readBefore(() => quoteFor(inside, key, quoteId, seats));
  try {
    return await command(inside, key, setRequest(seats, options, quote), options);
  } catch (error) {
    if (!(error instanceof SeatRefused) || error.code !== 'quote_stale') throw error;
    if (unread) throw unread;
    const fresh = await inside
      .state(key)
      .then((state) => makeQuote(contextOf(inside), key, state, seats))
      .catch((failure: unknown) => {
        inside.logger.warn({ ...key, err: failure }, 'There is no new price for a quote that is stale.');
        return null;
      });
    throw new StaleQuote(error.message, fresh);
  }
}

/** What is known of a quote. Whether it is good is decided with the request, after its idempotency key was looked up. */
async function quoteFor(
  inside: Inside,
  key: AccountKey,
  id: string,
  seats: number,
): Promise<{ quote: Awaited<ReturnType<typeof quoteToConfirm>>['quote']; unread: StripeUnavailable | null }> {
  if (!isChangeId(id)) return { quote: { id, valid: false, state: '', prorationDate: 0 }, unread: null };
  return quoteToConfirm(contextOf(inside), key, await inside.state(key), { id, seats });
}

function contextOf({ database, stripe }: Inside): QuoteContext {
  return { database, stripe, timeoutMs: lookTimeoutMs };
}
