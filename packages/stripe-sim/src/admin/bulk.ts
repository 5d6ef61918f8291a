import { intervalOf, periodAround } from '../billing/periods.ts';
import { newCustomer } from '../routes/customers.ts';
import { attachPaymentMethod } from '../routes/payment-methods.ts';
import type { PriceRow } from '../state/rows.ts';
import { Unit } from '../unit.ts';
import type { World } from '../world.ts';
import { type DemoOptions, demoPrice } from './demo.ts';

export interface BulkOptions
  extends Pick<DemoOptions, 'unitAmount' | 'currency' | 'interval' | 'priceModel' | 'billingMode'> {
  /** How many customers, each with one active subscription. */
  count: number;
  /** Seats of each. */
  quantity: number;
  /** Gives each customer a card, which costs memory; without one, whatever has to be charged stays unpaid. Default false. */
  cards?: boolean;
  /** Metadata of subscription number n, from 0. In process only. */
  metadata?: (index: number) => Record<string, string>;
}

/** Subscriptions in one transaction: enough to be quick, few enough to undo. */
const batch = 5_000;

/**
 * Makes many subscriptions as if they had been there for long: no first invoice, no events. Their debits are unknown,
 * so flexible billing has nothing to credit before their first invoice.
 */
export function createInBulk(world: World, options: BulkOptions): { price: string; count: number } {
  if (!Number.isSafeInteger(options.count) || options.count < 1)
    throw new RangeError('count is a whole number from 1 up.');
  if (!Number.isSafeInteger(options.quantity) || options.quantity < 0)
    throw new RangeError('quantity is a whole number from 0 up.');
  const cause = { requestId: null, key: null, by: 'dashboard' as const };
  const { store } = world;
  const price = store.transaction(() => demoPrice(new Unit(world, cause), options));
  for (let from = 0; from < options.count; from += batch) {
    store.transaction(() => {
      const unit = new Unit(world, cause);
      for (let index = from; index < Math.min(from + batch, options.count); index += 1)
        createOne(unit, price, options, index);
    });
  }
  return { price: price.id, count: options.count };
}

const noMetadata = Object.freeze({});

function createOne(unit: Unit, price: PriceRow, options: BulkOptions, index: number): void {
  const { store, now } = unit;
  const customer = store.customers.put(newCustomer(unit, null, { currency: price.currency, metadata: noMetadata }));
  if (options.cards === true) {
    const method = attachPaymentMethod(unit, 'pm_card_visa', customer.id);
    store.customers.put({ ...customer, defaultPaymentMethod: method.id });
  }
  const period = periodAround(now, intervalOf(price), now);
  const subscription = unit.newId('sub');
  const item = store.items.put({
    id: unit.newId('si'),
    created: now,
    subscription,
    price: price.id,
    quantity: options.quantity,
    metadata: noMetadata,
    currentPeriodStart: period.start,
    currentPeriodEnd: period.end,
    debits: null,
  });
  store.subscriptions.put({
    id: subscription,
    created: now,
    customer: customer.id,
    status: 'active',
    currency: price.currency,
    itemIds: [item.id],
    metadata: options.metadata?.(index) ?? noMetadata,
    billingCycleAnchor: now,
    flexibleSince: options.billingMode === 'classic' ? null : now,
    collectionMethod: 'charge_automatically',
    cancelAtPeriodEnd: false,
    latestInvoice: null,
    startDate: now,
    testClock: null,
    extras: null,
  });
}
