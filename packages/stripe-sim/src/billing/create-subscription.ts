import { invalidRequest } from '../http/errors.ts';
import { mergeMetadata, type ReadFields } from '../http/params.ts';
import { customerInParam } from '../routes/customers.ts';
import type { createSubscriptionFields } from '../routes/subscription-params.ts';
import { customerShape } from '../shapes/customer.ts';
import { subscriptionShape } from '../shapes/subscription.ts';
import type { CustomerRow, PriceRow, SubscriptionItemRow, SubscriptionRow } from '../state/rows.ts';
import type { Unit } from '../unit.ts';
import { withDebits } from './change-subscription.ts';
import { afterPaid, setStatus } from './invoice-outcomes.ts';
import { draftInvoice, finalizeInvoice } from './invoices.ts';
import { periodLines, trialLine } from './lines.ts';
import { checkOwnPaymentMethod } from './own-payment-method.ts';
import { failureOfAttempt, noPaymentMethod } from './payment-failure.ts';
import { attemptPayment, markPaid, methodFor } from './payments.ts';
import { intervalOf, periodAround } from './periods.ts';
import { recurringPrice, refuseOtherCurrency } from './prices.ts';

export type CreateParams = ReadFields<typeof createSubscriptionFields>;

/** Creates a subscription with its first invoice and, unless told otherwise, collects that at once. */
export function createSubscription(unit: Unit, params: CreateParams): SubscriptionRow {
  const customer = customerInParam(unit, params.customer);
  unit.onClockOf(customer);
  if (params.payment_behavior === 'pending_if_incomplete') {
    throw invalidRequest(
      'Setting `payment_behavior` to `pending_if_incomplete` has no effect when creating a subscription.',
      'payment_behavior',
    );
  }
  const row = newSubscription(unit, customer, params);
  refuseOtherCurrency(row.currency, params.currency);
  const items = row.itemIds.map((id) => unit.store.items.need(id));
  useCurrency(unit, customer, row.currency);
  const trialing = row.status === 'trialing';
  const draft = draftInvoice(unit, {
    reason: 'subscription_create',
    customer: customer.id,
    subscription: row,
    currency: row.currency,
    period: { start: unit.now, end: unit.now },
    finalizesAt: row.collectionMethod === 'send_invoice' ? unit.now + unit.world.settings.draftSeconds : null,
    lines: (invoiceId) =>
      items.flatMap((item) =>
        trialing ? [trialLine(unit, invoiceId, row, item)] : periodLines(unit, invoiceId, row, item),
      ),
  });
  for (const item of items) {
    unit.store.items.put(trialing ? item : withDebits(row, item, draft));
    unit.quantityChanged(item.id, 0, item.quantity);
  }
  unit.store.subscriptions.put({ ...row, latestInvoice: draft.id });
  if (row.collectionMethod === 'charge_automatically') collectFirst(unit, row.id, params);
  const created = unit.store.subscriptions.need(row.id);
  unit.emit('customer.subscription.created', subscriptionShape(unit.store, created));
  return created;
}

/** The first invoice decides between active and incomplete; `error_if_incomplete` keeps nothing when it fails. */
function collectFirst(unit: Unit, subscriptionId: string, params: CreateParams): void {
  const { store } = unit;
  const row = store.subscriptions.need(subscriptionId);
  const open = finalizeInvoice(unit, store.invoices.need(row.latestInvoice ?? ''));
  if (open.amount_due === 0) {
    markPaid(unit, open, 0);
    return;
  }
  const behavior = params.payment_behavior ?? 'allow_incomplete';
  if (behavior === 'default_incomplete') {
    store.subscriptions.put({ ...row, status: 'incomplete' });
    return;
  }
  if (methodFor(unit, open) === undefined) throw noPaymentMethod();
  const attempt = attemptPayment(unit, open);
  if (attempt.status === 'paid') afterPaid(unit, open.id);
  else if (behavior === 'error_if_incomplete') throw failureOfAttempt(attempt);
  else store.subscriptions.put({ ...store.subscriptions.need(subscriptionId), status: 'incomplete' });
}

/** Writes the subscription and its items, active or trialing, without an invoice. */
export function newSubscription(unit: Unit, customer: CustomerRow, params: CreateParams): SubscriptionRow {
  const wanted = params.items ?? [];
  if (wanted.length === 0) throw invalidRequest('Missing required param: items.', 'items', 'parameter_missing');
  const prices = wanted.map((item, index) => recurringPrice(unit, item.price ?? item.plan, `items[${index}][price]`));
  checkPrices(prices, customer, params);
  const trialEnd = trialEndOf(unit, params);
  const anchor = trialEnd ?? params.billing_cycle_anchor ?? unit.now;
  const subscriptionId = unit.newId('sub');
  const items = wanted.map((item, index): SubscriptionItemRow => {
    const price = prices[index];
    if (price === undefined) throw new Error('invariant: an item without its price');
    const period =
      trialEnd === null ? periodAround(anchor, intervalOf(price), unit.now) : { start: unit.now, end: trialEnd };
    return {
      id: unit.newId('si'),
      created: unit.now,
      subscription: subscriptionId,
      price: price.id,
      quantity: item.quantity ?? 1,
      metadata: mergeMetadata({}, item.metadata),
      currentPeriodStart: Math.max(period.start, unit.now),
      currentPeriodEnd: period.end,
      debits: null,
    };
  });
  for (const item of items) unit.store.items.put(item);
  const firstEnd = Math.min(...items.map((item) => item.currentPeriodEnd));
  const extras: NonNullable<SubscriptionRow['extras']> = {};
  if (params.description) extras.description = params.description;
  if (params.days_until_due !== undefined) extras.daysUntilDue = params.days_until_due;
  if (params.default_payment_method) {
    checkOwnPaymentMethod(unit, customer.id, params.default_payment_method, 'default_payment_method');
    extras.defaultPaymentMethod = params.default_payment_method;
  }
  if (trialEnd !== null) Object.assign(extras, { trialStart: unit.now, trialEnd });
  if (params.payment_settings?.save_default_payment_method === 'on_subscription') extras.savesMethod = true;
  if (params.trial_settings) extras.trialMissingMethod = params.trial_settings.end_behavior.missing_payment_method;
  if (params.cancel_at_period_end === true || params.cancel_at) {
    extras.cancelAt = params.cancel_at ?? firstEnd;
    extras.canceledAt = unit.now;
    extras.cancellation = { comment: null, feedback: null, reason: 'cancellation_requested' };
  }
  return unit.store.subscriptions.put({
    id: subscriptionId,
    created: unit.now,
    customer: customer.id,
    status: trialEnd === null ? 'active' : 'trialing',
    currency: prices[0]?.currency ?? 'usd',
    itemIds: items.map((item) => item.id),
    metadata: mergeMetadata({}, params.metadata),
    billingCycleAnchor: anchor,
    flexibleSince: params.billing_mode?.type === 'classic' ? null : unit.now,
    collectionMethod: params.collection_method ?? 'charge_automatically',
    cancelAtPeriodEnd: params.cancel_at_period_end ?? false,
    latestInvoice: null,
    startDate: unit.now,
    testClock: customer.testClock,
    extras: Object.keys(extras).length === 0 ? null : extras,
  });
}

function checkPrices(prices: PriceRow[], customer: CustomerRow, params: CreateParams): void {
  const seen = new Set<string>();
  for (const price of prices) {
    if (seen.has(price.id)) {
      throw invalidRequest(
        `Cannot create a Subscription with multiple Subscription Items with the same Price: ${price.id}`,
        'plan',
      );
    }
    seen.add(price.id);
  }
  const currencies = new Set(prices.map((price) => price.currency));
  if (currencies.size > 1) throw invalidRequest('All prices on a subscription must have the same currency.', 'items');
  if (customer.currency !== null && !currencies.has(customer.currency)) {
    throw invalidRequest(
      'You cannot combine currencies on a single customer. This customer has had a subscription, coupon, or invoice ' +
        `item with currency ${customer.currency}`,
    );
  }
  if (params.billing_mode?.type === 'classic') {
    const intervals = new Set(prices.map((price) => JSON.stringify(intervalOf(price))));
    if (intervals.size > 1) {
      throw invalidRequest(
        'All prices on a subscription must have the same `recurring.interval` and `recurring.interval_count`.',
        'items',
      );
    }
  }
  if (params.collection_method === 'send_invoice' && params.days_until_due === undefined) {
    throw invalidRequest(
      'You must pass `days_until_due` when `collection_method` is `send_invoice`.',
      'days_until_due',
    );
  }
}

function trialEndOf(unit: Unit, params: CreateParams): number | null {
  if (params.trial_period_days !== undefined && params.trial_period_days > 0) {
    return unit.now + params.trial_period_days * 86_400;
  }
  if (params.trial_end === undefined || params.trial_end === 'now') return null;
  if (params.trial_end <= unit.now) {
    throw invalidRequest('Invalid timestamp: must be an integer Unix timestamp in the future.', 'trial_end');
  }
  return params.trial_end;
}

/** A customer keeps the currency of the first thing bought. */
function useCurrency(unit: Unit, customer: CustomerRow, currency: string): void {
  if (customer.currency !== null) return;
  const before = unit.store.customers.need(customer.id);
  const after = unit.store.customers.put({ ...before, currency });
  unit.emitChange('customer.updated', customerShape(before), customerShape(after));
}

/** The first invoice was not paid in time. */
export function expireIncomplete(unit: Unit, row: SubscriptionRow): void {
  setStatus(unit, row, 'incomplete_expired');
}
