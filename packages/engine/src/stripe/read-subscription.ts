import type { Observation } from '../core/types.ts';
import { isObject } from './exchange.ts';
import { textOf } from './text.ts';

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
  readonly cancelAt: number | null;
  readonly cancelAtPeriodEnd: boolean;
  /** `charge_automatically` or `send_invoice`. */
  readonly collectionMethod: string;
  /** How invoices are treated while collection is paused. */
  readonly pausedCollection: string | null;
  readonly pendingUpdate: PendingUpdateFacts | null;
  /** `status` and `url` only where the invoice was expanded. */
  readonly latestInvoice: { readonly id: string; readonly status: string | null; readonly url: string | null } | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly created: number | null;
}

export interface PendingUpdateFacts {
  readonly expiresAt: number | null;
  /** What it would set, by item. */
  readonly items: readonly { readonly id: string; readonly quantity: number | null; readonly price: string | null }[];
}

/** The facts of a subscription in an answer's body, or null where it is something else. */
export function readSubscription(body: unknown): SubscriptionFacts | null {
  if (!isObject(body) || body.object !== 'subscription') return null;
  const { livemode, items } = body;
  const [id, status, customer, currency] = [
    textOf(body.id),
    textOf(body.status),
    idOf(body.customer),
    textOf(body.currency),
  ];
  if (id === null || status === null || customer === null) return null;
  if (currency === null || typeof livemode !== 'boolean') return null;
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
    cancelAt: milliseconds(body.cancel_at),
    cancelAtPeriodEnd: body.cancel_at_period_end === true,
    collectionMethod: textOf(body.collection_method) ?? 'charge_automatically',
    pausedCollection: isObject(body.pause_collection) ? textOf(String(body.pause_collection.behavior)) : null,
    pendingUpdate: readPendingUpdate(body.pending_update),
    latestInvoice: readLatestInvoice(body.latest_invoice),
    metadata: readMetadata(body.metadata),
    created: milliseconds(body.created),
  };
}

/** The facts of a subscription item, or null where it is something else. */
export function readItem(body: unknown): ItemFacts | null {
  if (!isObject(body) || body.object !== 'subscription_item') return null;
  const id = textOf(body.id);
  if (id === null) return null;
  const price = isObject(body.price) ? body.price : {};
  return {
    id,
    quantity: wholeNumber(body.quantity),
    price: idOf(body.price),
    product: idOf(price.product),
    unitAmount: wholeNumber(price.unit_amount),
    currency: textOf(price.currency),
    currentPeriodStart: milliseconds(body.current_period_start),
    currentPeriodEnd: milliseconds(body.current_period_end),
  };
}

function readPendingUpdate(pending: unknown): PendingUpdateFacts | null {
  if (!isObject(pending)) return null;
  const items = Array.isArray(pending.subscription_items) ? pending.subscription_items : [];
  return {
    expiresAt: milliseconds(pending.expires_at),
    items: items.flatMap((item: unknown) => {
      const id = idOf(isObject(item) ? item : null);
      return isObject(item) && id !== null
        ? [{ id, quantity: wholeNumber(item.quantity), price: idOf(item.price) }]
        : [];
    }),
  };
}

/** An invoice that was asked for by its id, or null where it is something else. */
export function readInvoice(body: unknown): NonNullable<SubscriptionFacts['latestInvoice']> | null {
  return isObject(body) && body.object === 'invoice' ? readLatestInvoice(body) : null;
}

function readLatestInvoice(invoice: unknown): SubscriptionFacts['latestInvoice'] {
  const id = idOf(invoice);
  if (id === null) return null;
  if (!isObject(invoice)) return { id, status: null, url: null };
  return {
    id,
    status: textOf(invoice.status),
    url: textOf(invoice.hosted_invoice_url),
  };
}

function readMetadata(metadata: unknown): Record<string, string> {
  if (!isObject(metadata)) return {};
  return Object.fromEntries(
    Object.entries(metadata).flatMap(([name, value]) => {
      const text = textOf(value);
      return text === null ? [] : [[name, text]];
    }),
  );
}

/** Stripe gives a related object as its id, or expanded. */
export function idOf(value: unknown): string | null {
  return textOf(isObject(value) ? value.id : value);
}

export function wholeNumber(value: unknown): number | null {
  return Number.isSafeInteger(value) ? (value as number) : null;
}

/** Stripe's times are whole seconds. */
export function milliseconds(seconds: unknown): number | null {
  const whole = wholeNumber(seconds);
  return whole === null ? null : whole * 1_000;
}

/** The subscription as the rules of the core see it, from the side of one of its items. */
export function observationOf(facts: SubscriptionFacts, item: string): Observation {
  const ours = facts.items.find((candidate) => candidate.id === item);
  return {
    status: facts.status,
    collectionMethod: facts.collectionMethod,
    // By id and never by position: a subscription may have other items, and Stripe does not promise their order.
    item: ours
      ? {
          id: ours.id,
          price: ours.price,
          quantity: ours.quantity,
          currentPeriodStart: ours.currentPeriodStart,
          currentPeriodEnd: ours.currentPeriodEnd,
        }
      : null,
    otherItems: facts.items
      .filter((candidate) => candidate.id !== item)
      .map(({ id, price, quantity }) => ({ id, price, quantity })),
    moreItems: facts.moreItems,
    cancelAt: facts.cancelAt,
    cancelAtPeriodEnd: facts.cancelAtPeriodEnd,
    schedule: facts.schedule,
    pausedCollection: facts.pausedCollection,
    pendingUpdate: facts.pendingUpdate,
    latestInvoice: facts.latestInvoice,
    organization: facts.metadata[organizationMetadataKey] ?? null,
  };
}

/** Where a subscription's metadata names the organization that it bills. */
export const organizationMetadataKey = 'organization';
