import Stripe from 'stripe';
import type { Interval } from '#lib/price-words.ts';
import { connections } from '#server/environment.ts';
import { logger } from '#server/logger.ts';
import { once } from '#server/once.ts';
import { Refused } from '#server/problem.ts';
import { seatbelt } from '#server/seatbelt.ts';
import { createStripe } from '#server/stripe.ts';
import type { InvoicesBody } from '../contract.ts';

/** A year of monthly bills; older ones are on Stripe's own pages. */
const most = 12;
/** Reads for screens; nobody waits longer for a list. */
const timeoutMs = 6_000;
/** Stripe's rate limit is for changes, so whoever looks within this time shares one reading. */
const keptMs = 15_000;

interface Reading {
  readonly at: number;
  readonly body: Promise<InvoicesBody>;
}

/** The invoices of the organization's own subscription. @throws Refused 503 where Stripe cannot be read */
export function listInvoices(organization: string): Promise<InvoicesBody> {
  const readings = once('invoices', () => new Map<string, Reading>());
  const now = performance.now();
  for (const [name, reading] of readings) if (now - reading.at > keptMs) readings.delete(name);
  const known = readings.get(organization);
  if (known) return known.body;
  const body = read(organization);
  readings.set(organization, { at: now, body });
  body.catch(() => readings.delete(organization));
  return body;
}

async function read(organization: string): Promise<InvoicesBody> {
  const { link } = (await seatbelt().inspect(organization)).account;
  if (link === null) return { invoices: [], more: false, interval: null };
  const stripe = once('invoices-stripe', () => createStripe(connections().stripe));
  const options = { timeout: timeoutMs, maxNetworkRetries: 0 };
  try {
    const [invoices, subscription] = await Promise.all([
      stripe.invoices.list({ subscription: link.subscription, limit: most }, options),
      stripe.subscriptions.retrieve(link.subscription, {}, options),
    ]);
    const recurring = subscription.items.data.find((item) => item.id === link.item)?.price.recurring;
    return {
      invoices: invoices.data.map(invoiceBody),
      more: invoices.has_more,
      interval: intervalOf(recurring),
    };
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) throw error;
    logger.warn({ err: error, organization }, 'The invoices could not be read of Stripe.');
    throw new Refused({
      status: 503,
      code: 'stripe_unavailable',
      title: 'Stripe could not be read',
      detail: 'The invoices are at Stripe, which does not answer just now. Nothing was changed.',
      retryAfter: 10,
    });
  }
}

const units: readonly Interval['unit'][] = ['day', 'week', 'month', 'year'];

/** A unit that this version does not know is not put into words. */
function intervalOf(recurring: Stripe.Price.Recurring | null | undefined): Interval | null {
  const unit = units.find((known) => known === recurring?.interval);
  return recurring && unit ? { unit, count: recurring.interval_count } : null;
}

function invoiceBody(invoice: Stripe.Invoice): InvoicesBody['invoices'][number] {
  return {
    id: invoice.id ?? '',
    number: invoice.number,
    createdAt: new Date(invoice.created * 1_000).toISOString(),
    status: invoice.status ?? 'draft',
    total: invoice.total,
    amountDue: invoice.amount_due,
    currency: invoice.currency,
    url: invoice.hosted_invoice_url ?? null,
    pdf: invoice.invoice_pdf ?? null,
  };
}
