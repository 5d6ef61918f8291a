/** Prices from Stripe itself, as quotes that a change can be bound to. */

import { randomUUID } from 'node:crypto';
import { knownByMark } from './core/known-by-mark.ts';
import { quantityFor } from './core/quantity-for.ts';
import { quotedObservation, quotedState } from './core/quote.ts';
import { SeatRefused } from './core/refusals.ts';
import { refusalByState } from './core/subscription-states.ts';
import type { Price, Quote, State } from './core/types.ts';
import type { Database } from './db/executor.ts';
import { StripeUnavailable } from './failures.ts';
import type { PreviewBody } from './http/contract.ts';
import { readQuote, storeQuote } from './store/quotes.ts';
import type { AccountKey } from './store/store.ts';
import type { StripeAdapter } from './stripe/adapter.ts';
import type { InvoicePreview, PreviewLine } from './stripe/read-preview.ts';
import { wholePreview } from './whole-preview.ts';

/** A quote is good for this long: enough to read a screen, short enough that proration moves little. */
const quoteLifetimeMs = 900_000;

/** `quote_stale`, with the price as it is now; null where Stripe could not be asked for it. */
export class StaleQuote extends SeatRefused {
  static {
    knownByMark(StaleQuote, 'StaleQuote');
  }
  readonly fresh: PreviewBody | null;
  constructor(message: string, fresh: PreviewBody | null) {
    super({ code: 'quote_stale', message });
    this.fresh = fresh;
  }
}

type Asking = Pick<StripeAdapter, 'look' | 'previewQuantity'>;

/** What a number of seats costs in one state of both sides, prorated from one moment. */
interface Priced {
  readonly bound: string;
  /** Unix seconds. */
  readonly prorationDate: number;
  readonly amounts: Omit<PreviewBody, 'quote' | 'expiresAt'>;
}

export interface QuoteContext {
  readonly database: Database;
  readonly stripe: Asking;
  readonly timeoutMs: number;
}

/** Asks Stripe what `seats` seats cost now, and keeps the answer as a quote. @throws SeatRefused, StripeUnavailable */
export async function makeQuote(
  { database, stripe, timeoutMs }: QuoteContext,
  key: AccountKey,
  state: State,
  seats: number,
): Promise<PreviewBody> {
  const { bound, prorationDate, amounts } = await priceOf(stripe, state, seats, null, timeoutMs);
  const quote = randomUUID();
  const expiresAt = state.now + quoteLifetimeMs;
  await storeQuote(database, key, {
    id: quote,
    seats,
    seatCount: state.account.seatCount,
    settledSeats: state.account.settledSeats,
    prorationDate,
    amountDue: amounts.amountDue,
    total: amounts.total,
    currency: amounts.currency,
    expiresAt,
    bound,
    amounts: JSON.stringify(amounts),
  });
  return { quote, ...amounts, expiresAt: new Date(expiresAt).toISOString() };
}

/**
 * What is known of a quote that is being confirmed: Stripe is read and asked for the same price again, prorated from the
 * same moment. Whether it is good is decided with the request, after its idempotency key was looked up.
 */
export async function quoteToConfirm(
  { database, stripe, timeoutMs }: QuoteContext,
  key: AccountKey,
  state: State,
  asked: { readonly id: string; readonly seats: number },
): Promise<{ readonly quote: Quote; readonly unread: StripeUnavailable | null }> {
  const stale: Quote = { id: asked.id, valid: false, state: '', prorationDate: 0 };
  const stored = await readQuote(database, key, asked.id);
  if (stored === null || stored.seats !== asked.seats) return { quote: stale, unread: null };
  try {
    const present = await priceOf(stripe, state, asked.seats, stored.prorationDate, timeoutMs);
    const same = present.bound === stored.bound && JSON.stringify(present.amounts) === stored.amounts;
    const quote: Quote = {
      id: asked.id,
      valid: same,
      state: quotedState(state.account, state.parked),
      prorationDate: stored.prorationDate,
    };
    return { quote, unread: null };
  } catch (error) {
    if (error instanceof StripeUnavailable) return { quote: stale, unread: error };
    if (error instanceof SeatRefused) return { quote: stale, unread: null };
    throw error;
  }
}

async function priceOf(
  stripe: Asking,
  state: State,
  seats: number,
  prorateFrom: number | null,
  timeoutMs: number,
): Promise<Priced> {
  const { account } = state;
  const { link } = account;
  if (link === null) {
    throw new SeatRefused({
      code: 'no_subscription',
      message: 'This organization has no Stripe subscription to change.',
    });
  }
  const look = await stripe.look(link, { timeoutMs });
  if (look.kind === 'failed') throw new StripeUnavailable(`Stripe could not be read: ${look.message}`);
  if (look.kind === 'gone') {
    throw new SeatRefused({ code: 'no_subscription', message: 'Stripe does not know the subscription.' });
  }
  const { observation } = look;
  const grows = seats > account.seatCount;
  const seen = { ...account, observed: { ...observation, at: state.now } };
  const refusal = refusalByState(seen, grows ? 'increase' : 'decrease');
  if (refusal) throw new SeatRefused(refusal);

  const target = quantityFor(seats, account.terms);
  const behavior = grows ? account.terms.increase : account.terms.decrease;
  const later = !grows && account.terms.decrease.when === 'period_end';
  const prorationBehavior = later ? 'none' : behavior.prorationBehavior;
  // Stripe prorates from a moment within the period; one that began just now may be ahead of the database's clock.
  const start = Math.ceil((observation.item?.currentPeriodStart ?? 0) / 1_000);
  // What was changed in this very second is told apart by its moment, so this one is prorated from the next second.
  const changedAt = account.quotaUsed.updates.at(-1) ?? 0;
  const prorationDate =
    prorateFrom ?? Math.max(Math.floor(state.now / 1_000), Math.floor(changedAt / 1_000) + 1, start);

  const ask = async (how: { prorationBehavior: typeof prorationBehavior; recurring: boolean }) => {
    const result = await stripe.previewQuantity(link, target, { ...how, prorationDate, timeoutMs });
    if (result.kind === 'failed') {
      throw new StripeUnavailable(`Stripe could not be asked for the price: ${result.message}`);
    }
    if (result.kind === 'refused') {
      throw new SeatRefused({ code: 'subscription_not_changeable', message: result.message });
    }
    return result;
  };
  const shownBy = (result: Awaited<ReturnType<typeof ask>>) => {
    // The change could be made; what it costs is on a bill that does not come.
    if (result.kind === 'nothing_upcoming') throw new StripeUnavailable(`Stripe shows no price: ${result.message}`);
    return result.preview;
  };
  const recurring = () => ask({ prorationBehavior: 'none', recurring: true });
  const shown = shownBy(await ask({ prorationBehavior, recurring: false }));
  // Today's invoice has nothing of the next period in it; where nothing is invoiced today, Stripe shows the renewal, which
  // may be beyond what it lists: then only the lines of the change, which come first, tell.
  const has = (part: PreviewLine['part']) => shown.lines.some((line) => line.part === part);
  const today = prorationBehavior === 'always_invoice' && !has('renewal') && (has('change') || !shown.moreLines);
  const change = await wholePreview(shown, today ? null : async () => shownBy(await recurring()));
  const next = today ? await recurring() : null;
  // A subscription that ends with its period has no renewal.
  const renewal = next === null ? change : next.kind === 'nothing_upcoming' ? null : next.preview;
  return {
    bound: `${quotedState(account, state.parked)}\n${quotedObservation(observation)}`,
    prorationDate,
    amounts: amountsOf(change, renewal, today, observation.item?.currentPeriodEnd ?? null),
  };
}

function amountsOf(
  change: InvoicePreview,
  renewal: InvoicePreview | null,
  today: boolean,
  renewsAt: number | null,
): Priced['amounts'] {
  const ofChange = change.lines.filter((line) => line.part === 'change');
  const sum = (lines: readonly { readonly amount: number }[]) => lines.reduce((total, line) => total + line.amount, 0);
  return {
    amountDue: change.amountDue,
    total: change.total,
    currency: change.currency,
    dueNow: today ? change.amountDue : 0,
    atRenewal: {
      amountDue: renewal?.amountDue ?? 0,
      total: renewal?.total ?? 0,
      at: renewal === null || renewsAt === null ? null : new Date(renewsAt).toISOString(),
    },
    credit: sum(ofChange.filter((line) => line.amount < 0)),
    charge: sum(ofChange.filter((line) => line.amount > 0)),
    tax: change.tax,
    discount: change.discount,
    lines: change.lines.map(({ description, amount, proration, part }) => ({ description, amount, proration, part })),
  };
}

/** What another quantity costs more in each period; null where Stripe does not say it now, so that nobody guesses. */
export async function priceOfGrowth(
  { stripe, timeoutMs }: Pick<QuoteContext, 'stripe' | 'timeoutMs'>,
  state: State,
  seats: number,
): Promise<Price | null> {
  const { account } = state;
  const from = quantityFor(account.seatCount, account.terms);
  const target = quantityFor(seats, account.terms);
  const { link } = account;
  if (link === null) return null;
  // Others bought meanwhile; the one who decides finds that this is not the price of what is asked.
  if (target <= from) return { from, target, amount: 0 };
  const recurring = async (quantity: number) => {
    const how = { prorationBehavior: 'none', recurring: true, prorationDate: null, timeoutMs } as const;
    const result = await stripe.previewQuantity(link, quantity, how);
    return result.kind === 'previewed' ? result.preview.total : null;
  };
  // Side by side, because somebody waits for both.
  const [before, after] = await Promise.all([recurring(from), recurring(target)]);
  return before === null || after === null ? null : { from, target, amount: after - before };
}
