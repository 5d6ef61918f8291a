import { changeSubscription } from '../billing/change-subscription.ts';
import { createSubscription } from '../billing/create-subscription.ts';
import type { Hand } from '../cause.ts';
import type { ApiKeys } from '../http/auth.ts';
import type { FormHash } from '../http/form.ts';
import type { Locks } from '../http/locks.ts';
import { readFields } from '../http/params.ts';
import { newCustomer } from '../routes/customers.ts';
import { attachPaymentMethod } from '../routes/payment-methods.ts';
import { createSubscriptionFields } from '../routes/subscription-params.ts';
import { customerShape, type WireCustomer } from '../shapes/customer.ts';
import { priceShape, type WirePrice } from '../shapes/price.ts';
import { itemShape, subscriptionShape, type WireItem, type WireSubscription } from '../shapes/subscription.ts';
import type { PriceRow } from '../state/rows.ts';
import { Unit } from '../unit.ts';
import type { World } from '../world.ts';

export interface DemoSubscription {
  customer: WireCustomer;
  subscription: WireSubscription;
  item: WireItem;
  price: WirePrice;
}

export interface DemoOptions {
  quantity: number;
  /** Cents for each seat and interval; default 1000. */
  unitAmount?: number;
  /** Default usd. */
  currency?: string;
  /** Default month. */
  interval?: 'day' | 'week' | 'month' | 'year';
  metadata?: Record<string, string>;
  /** Default per_unit. */
  priceModel?: 'per_unit' | 'graduated' | 'volume' | 'package';
  /** Default flexible, as for every subscription of this API version. */
  billingMode?: 'flexible' | 'classic';
  /** A test card such as `pm_card_chargeCustomerFail`; default `pm_card_visa`. */
  card?: string;
}

/** What only an operator of the simulator can do: no request id stands behind these, as with a hand in the dashboard. */
export class SimAdmin {
  readonly #world: World;
  readonly #apiKeys: ApiKeys;
  readonly #locks: Locks;

  constructor(parts: { world: World; apiKeys: ApiKeys; locks: Locks }) {
    this.#world = parts.world;
    this.#apiKeys = parts.apiKeys;
    this.#locks = parts.locks;
  }

  /** A customer with a good card and an active subscription with one item. */
  createDemoSubscription(options: DemoOptions): DemoSubscription {
    return this.#work('dashboard', (unit) => {
      const price = demoPrice(unit, options);
      const customer = newCustomer(unit, null);
      unit.store.customers.put({
        ...customer,
        email: `${customer.id.slice(4).toLowerCase()}@example.com`,
        name: 'Demo',
      });
      unit.emit('customer.created', customerShape(unit.store.customers.need(customer.id)));
      const method = attachPaymentMethod(unit, options.card ?? 'pm_card_visa', customer.id);
      unit.store.customers.put({ ...unit.store.customers.need(customer.id), defaultPaymentMethod: method.id });
      const form: FormHash = {
        customer: customer.id,
        items: { 0: { price: price.id, quantity: String(options.quantity) } },
        metadata: { ...options.metadata },
        billing_mode: { type: options.billingMode ?? 'flexible' },
      };
      const row = createSubscription(unit, readFields(createSubscriptionFields, form));
      const itemId = row.itemIds[0] ?? '';
      return {
        customer: customerShape(unit.store.customers.need(customer.id)),
        subscription: subscriptionShape(unit.store, row),
        item: itemShape(unit.store, unit.store.items.need(itemId)),
        price: priceShape(price),
      };
    });
  }

  /** Changes a quantity as somebody else would: in the dashboard, in the customer portal, or by another program. */
  foreignQuantityChange(change: {
    subscription: string;
    item: string;
    quantity: number;
    by: 'dashboard' | 'portal' | 'api';
  }): WireSubscription {
    if (!Number.isSafeInteger(change.quantity) || change.quantity < 0) {
      throw new RangeError('A quantity is a whole number from 0 up.');
    }
    return this.#work(change.by, (unit) => {
      const row = this.#world.store.subscriptions.get(change.subscription);
      if (row === undefined) throw new RangeError(`There is no subscription ${change.subscription}.`);
      const changed = changeSubscription(unit, row, { items: [{ id: change.item, quantity: change.quantity }] });
      return subscriptionShape(unit.store, changed);
    });
  }

  /** From now on requests with this key get 401. */
  revokeKey(key: string): void {
    this.#apiKeys.revoke(key);
  }

  allowKey(key: string): void {
    this.#apiKeys.allow(key);
  }

  /** The customer's card goes bad: every charge is declined until it is mended. */
  breakCard(customer: string, declineCode = 'generic_decline'): void {
    this.#setBroken(customer, declineCode);
  }

  mendCard(customer: string): void {
    this.#setBroken(customer, null);
  }

  /** Holds an object's lock, as a background process of Stripe does; call the result to let go. */
  holdLock(object: string): () => void {
    const release = this.#locks.tryAcquire(object);
    if (release === undefined) throw new Error(`${object} is locked already.`);
    return release;
  }

  #setBroken(customer: string, brokenCard: string | null): void {
    const { store } = this.#world;
    const row = store.customers.get(customer);
    if (row === undefined) throw new RangeError(`There is no customer ${customer}.`);
    store.transaction(() => store.customers.put({ ...row, brokenCard }));
  }

  /** A request by another program has a request id of its own and a key that nobody here knows; people have neither. */
  #work<T>(by: Hand, work: (unit: Unit) => T): T {
    const { ids, store } = this.#world;
    const foreign = by === 'api';
    const cause = {
      requestId: foreign ? ids.next('req') : null,
      key: foreign ? `foreign-${ids.characters(12)}` : null,
      by,
    };
    return store.transaction(() => {
      const unit = new Unit(this.#world, cause);
      const result = work(unit);
      unit.flush();
      return result;
    });
  }
}

function demoPrice(unit: Unit, options: DemoOptions): PriceRow {
  const unitAmount = options.unitAmount ?? 1_000;
  const model = options.priceModel ?? 'per_unit';
  const tiered = model === 'graduated' || model === 'volume';
  const product = unit.store.products.put({
    id: unit.newId('prod'),
    object: 'product',
    active: true,
    created: unit.now,
    default_price: null,
    description: null,
    images: [],
    livemode: false,
    marketing_features: [],
    metadata: {},
    name: 'Team',
    package_dimensions: null,
    shippable: null,
    statement_descriptor: null,
    tax_code: null,
    tax_details: null,
    type: 'service',
    unit_label: 'seat',
    updated: unit.now,
    url: null,
  });
  const tier = (amount: number, upTo: number | null) => ({
    flat_amount: null,
    flat_amount_decimal: null,
    unit_amount: amount,
    unit_amount_decimal: String(amount),
    up_to: upTo,
  });
  return unit.store.prices.put({
    id: unit.newId('price'),
    object: 'price',
    active: true,
    billing_scheme: tiered ? 'tiered' : 'per_unit',
    created: unit.now,
    currency: options.currency ?? 'usd',
    custom_unit_amount: null,
    livemode: false,
    lookup_key: null,
    metadata: {},
    nickname: null,
    product: product.id,
    recurring: {
      interval: options.interval ?? 'month',
      interval_count: 1,
      meter: null,
      trial_period_days: null,
      usage_type: 'licensed',
    },
    tax_behavior: 'unspecified',
    // Ten at the full price, the rest at four fifths: enough for volume prices to make more seats cheaper.
    ...(tiered ? { tiers: [tier(unitAmount, 10), tier(Math.round((unitAmount * 4) / 5), null)] } : {}),
    tiers_mode: tiered ? model : null,
    transform_quantity: model === 'package' ? { divide_by: 5, round: 'up' } : null,
    type: 'recurring',
    unit_amount: tiered ? null : unitAmount,
    unit_amount_decimal: tiered ? null : String(unitAmount),
  });
}
