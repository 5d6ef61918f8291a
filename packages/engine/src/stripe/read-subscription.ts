import { isObject } from './exchange.ts';

/** An item of a subscription, as far as seats are concerned. */
export interface ItemFacts {
  readonly id: string;
  /** null for a metered price, which has no quantity. */
  readonly quantity: number | null;
  readonly price: string | null;
  readonly product: string | null;
  /** In the currency's smallest unit; null for tiered prices and fractions of a cent. */
  readonly unitAmount: number | null;
  readonly currency: string | null;
  /** Milliseconds since 1970. */
  readonly currentPeriodStart: number | null;
  readonly currentPeriodEnd: number | null;
}

/** A subscription as Stripe shows it. Times are milliseconds since 1970. */
export interface SubscriptionFacts {
  readonly id: string;
  readonly customer: string;
  /** `active`, `past_due`, `canceled` and so on, in Stripe's words. */
  readonly status: string;
  readonly currency: string;
  readonly livemode: boolean;
  readonly items: readonly ItemFacts[];
  /** There are more items than Stripe listed here. */
  readonly moreItems: boolean;
  /** A schedule manages it, so that its quantity may change without us. */
  readonly schedule: string | null;
  readonly cancelAtPeriodEnd: boolean;
  readonly pendingUpdate: PendingUpdateFacts | null;
}

export interface PendingUpdateFacts {
  readonly expiresAt: number | null;
  /** The invoice whose payment applies it. */
  readonly invoice: string | null;
  /** Where the customer pays; only where the invoice was expanded. */
  readonly url: string | null;
  /** The quantities it would set, by item. */
  readonly quantities: ReadonlyMap<string, number>;
}

/** The facts of a subscription in an answer's body, or null where it is something else. */
export function readSubscription(body: unknown): SubscriptionFacts | null {
  if (!isObject(body) || body.object !== 'subscription') return null;
  const { id, status, currency, livemode, items } = body;
  const customer = idOf(body.customer);
  if (typeof id !== 'string' || typeof status !== 'string' || customer === null) return null;
  if (typeof currency !== 'string' || typeof livemode !== 'boolean') return null;
  if (!isObject(items) || !Array.isArray(items.data)) return null;
  const read = items.data.map(readItem);
  if (read.some((item) => item === null)) return null;
  return {
    id,
    customer,
    status,
    currency,
    livemode,
    items: read.filter((item) => item !== null),
    moreItems: items.has_more === true,
    schedule: idOf(body.schedule),
    cancelAtPeriodEnd: body.cancel_at_period_end === true,
    pendingUpdate: readPendingUpdate(body),
  };
}

/** The facts of a subscription item, or null where it is something else. */
export function readItem(body: unknown): ItemFacts | null {
  if (!isObject(body) || body.object !== 'subscription_item' || typeof body.id !== 'string') return null;
  const price = isObject(body.price) ? body.price : {};
  return {
    id: body.id,
    quantity: wholeNumber(body.quantity),
    price: idOf(body.price),
    product: idOf(price.product),
    unitAmount: wholeNumber(price.unit_amount),
    currency: typeof price.currency === 'string' ? price.currency : null,
    currentPeriodStart: milliseconds(body.current_period_start),
    currentPeriodEnd: milliseconds(body.current_period_end),
  };
}

function readPendingUpdate(subscription: Record<string, unknown>): PendingUpdateFacts | null {
  const pending = subscription.pending_update;
  if (!isObject(pending)) return null;
  const items = Array.isArray(pending.subscription_items) ? pending.subscription_items : [];
  const invoice = subscription.latest_invoice;
  return {
    expiresAt: milliseconds(pending.expires_at),
    invoice: idOf(invoice),
    url: isObject(invoice) && typeof invoice.hosted_invoice_url === 'string' ? invoice.hosted_invoice_url : null,
    quantities: new Map(
      items.flatMap((item): [string, number][] => {
        const quantity = isObject(item) ? wholeNumber(item.quantity) : null;
        return isObject(item) && typeof item.id === 'string' && quantity !== null ? [[item.id, quantity]] : [];
      }),
    ),
  };
}

/** Stripe gives a related object as its id, or expanded. */
export function idOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return isObject(value) && typeof value.id === 'string' ? value.id : null;
}

export function wholeNumber(value: unknown): number | null {
  return Number.isSafeInteger(value) ? (value as number) : null;
}

/** Stripe's times are whole seconds. */
export function milliseconds(seconds: unknown): number | null {
  const whole = wholeNumber(seconds);
  return whole === null ? null : whole * 1_000;
}
