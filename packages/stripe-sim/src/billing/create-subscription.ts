import { invalidRequest, noSuch } from '../http/errors.ts';
import { mergeMetadata, type ReadFields } from '../http/params.ts';
import { customerInParam } from '../routes/customers.ts';
import type { createSubscriptionFields } from '../routes/subscription-params.ts';
import { subscriptionShape } from '../shapes/subscription.ts';
import type { PriceRow, SubscriptionItemRow, SubscriptionRow } from '../state/rows.ts';
import type { Unit } from '../unit.ts';
import { intervalOf, periodAround } from './periods.ts';

type CreateParams = ReadFields<typeof createSubscriptionFields>;

export function createSubscription(unit: Unit, params: CreateParams): SubscriptionRow {
  const customer = customerInParam(unit, params.customer);
  unit.onClockOf(customer);
  const wanted = params.items ?? [];
  if (wanted.length === 0) {
    throw invalidRequest('Missing required param: items.', 'items', 'parameter_missing');
  }
  const prices = wanted.map((item, index) => recurringPrice(unit, item.price ?? item.plan, `items[${index}][price]`));
  const subscriptionId = unit.newId('sub');
  const anchor = unit.now;
  const items = wanted.map((item, index): SubscriptionItemRow => {
    const price = prices[index] as PriceRow;
    const period = periodAround(anchor, intervalOf(price), unit.now);
    return {
      id: unit.newId('si'),
      created: unit.now,
      subscription: subscriptionId,
      price: price.id,
      quantity: item.quantity ?? 1,
      metadata: mergeMetadata({}, item.metadata),
      currentPeriodStart: period.start,
      currentPeriodEnd: period.end,
      debits: null,
    };
  });
  for (const item of items) unit.store.items.put(item);
  const row: SubscriptionRow = {
    id: subscriptionId,
    created: unit.now,
    customer: customer.id,
    status: 'active',
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
    extras: null,
  };
  unit.store.subscriptions.put(row);
  unit.emit('customer.subscription.created', subscriptionShape(unit.store, row));
  for (const item of items) unit.quantityChanged(item.id, 0, item.quantity);
  return row;
}

export function recurringPrice(unit: Unit, priceId: string | undefined, param: string): PriceRow {
  if (priceId === undefined) {
    throw invalidRequest(`Missing required param: ${param}.`, param, 'parameter_missing');
  }
  const price = unit.store.prices.get(priceId);
  if (price === undefined) throw noSuch('price', priceId, { param });
  if (price.recurring === null) {
    throw invalidRequest(
      `The price specified is set to \`type=one_time\` but this field only accepts prices with \`type=recurring\`.`,
      param,
    );
  }
  return price;
}
