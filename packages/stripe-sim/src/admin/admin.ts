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
import { customerShape } from '../shapes/customer.ts';
import { priceShape } from '../shapes/price.ts';
import { itemShape, subscriptionShape, type WireSubscription } from '../shapes/subscription.ts';
import { Unit } from '../unit.ts';
import type { World } from '../world.ts';
import { type BulkOptions, createInBulk } from './bulk.ts';
import { type DemoOptions, type DemoSubscription, demoPrice } from './demo.ts';

/** A portal session as its event shows it; the simulator keeps none. */
function portalSession(unit: Unit, customer: string) {
  const id = unit.newId('bps');
  return {
    id,
    object: 'billing_portal.session',
    configuration: 'bpc_default',
    created: unit.now,
    customer,
    flow: null,
    livemode: false,
    locale: null,
    on_behalf_of: null,
    return_url: null,
    url: `https://billing.stripe.com/p/session/${id}`,
  };
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

  /** Many active subscriptions at once, up to a million; no first invoices and no events. */
  createSubscriptionsInBulk(options: BulkOptions): { price: string; count: number } {
    return createInBulk(this.#world, options);
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
      // Nobody gets into the portal without a session that the host's program made for them.
      if (change.by === 'portal') unit.emit('billing_portal.session.created', portalSession(unit, row.customer));
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
    if (release === undefined) throw new RangeError(`${object} is locked already.`);
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
