import { customerShape } from '../shapes/customer.ts';
import { confirmationSecretShape, invoicePaymentsShape, invoiceShape, paymentIntentShape } from '../shapes/invoice.ts';
import { paymentMethodShape } from '../shapes/payment-method.ts';
import { priceShape } from '../shapes/price.ts';
import { subscriptionShape } from '../shapes/subscription.ts';
import type { Store } from '../state/store.ts';
import type { WireObject } from '../wire.ts';
import { invalidRequest } from './errors.ts';

/** Turns an id into the object; undefined when the id is of something that is gone. */
type Resolver = (store: Store, id: string, owner: WireObject) => WireObject | undefined;

const customer: Resolver = (store, id) => {
  const row = store.customers.get(id);
  if (row !== undefined) return customerShape(row);
  return store.deletedCustomers.has(id) ? { id, object: 'customer', deleted: true } : undefined;
};
const subscription: Resolver = (store, id) => {
  const row = store.subscriptions.get(id);
  return row === undefined ? undefined : subscriptionShape(store, row);
};
const paymentMethod: Resolver = (store, id) => {
  const row = store.paymentMethods.get(id);
  return row === undefined ? undefined : { ...paymentMethodShape(row) };
};
const product: Resolver = (store, id) => {
  const row = store.products.get(id);
  return row === undefined ? undefined : { ...row };
};
const price: Resolver = (store, id) => {
  const row = store.prices.get(id);
  return row === undefined ? undefined : { ...priceShape(row) };
};
const testClock: Resolver = (store, id) => {
  const row = store.testClocks.get(id);
  return row === undefined ? undefined : { ...row };
};

const invoice: Resolver = (store, id) => {
  const row = store.invoices.get(id);
  return row === undefined ? undefined : invoiceShape(row);
};
const paymentIntent: Resolver = (store, id) => {
  const row = store.paymentIntents.get(id);
  return row === undefined ? undefined : { ...paymentIntentShape(row) };
};
const charge: Resolver = (store, id) => {
  const row = store.charges.get(id);
  return row === undefined ? undefined : { ...row };
};
const schedule: Resolver = (store, id) => {
  const row = store.schedules.get(id);
  return row === undefined ? undefined : { ...row };
};
/** Fields that can be expanded at Stripe and never hold an id here. */
const nothing: Resolver = () => undefined;

/** Fields that hold an id and can be expanded, by object. */
const references: Record<string, Record<string, Resolver>> = {
  charge: { customer, payment_intent: paymentIntent },
  customer: { test_clock: testClock, default_source: nothing },
  'customer.invoice_settings': { default_payment_method: paymentMethod },
  customer_balance_transaction: { customer, invoice },
  invoice: { customer, default_payment_method: paymentMethod, test_clock: testClock, discounts: nothing },
  'invoice.parent': {},
  'invoice.parent.subscription_details': { subscription },
  invoice_payment: { invoice },
  'invoice_payment.payment': { payment_intent: paymentIntent, charge },
  invoiceitem: { customer, invoice, test_clock: testClock },
  line_item: { subscription, discounts: nothing },
  'line_item.pricing': {},
  'line_item.pricing.price_details': { price },
  payment_intent: { customer, payment_method: paymentMethod, latest_charge: charge },
  payment_method: { customer },
  plan: { product },
  price: { product },
  product: { default_price: price, tax_code: nothing },
  subscription: {
    customer,
    default_payment_method: paymentMethod,
    default_source: nothing,
    discounts: nothing,
    latest_invoice: invoice,
    pending_setup_intent: nothing,
    schedule,
    test_clock: testClock,
  },
  subscription_item: { discounts: nothing },
  subscription_schedule: { customer, subscription, test_clock: testClock },
};

/** Fields that are absent until expanded, by object. */
const included: Record<string, Record<string, (store: Store, owner: WireObject) => unknown>> = {
  customer: {
    tax: () => ({ automatic_tax: 'unrecognized_location', ip_address: null, location: null, provider: 'stripe' }),
    invoice_credit_balance: () => ({}),
    sources: (_, owner) => ({
      object: 'list',
      data: [],
      has_more: false,
      total_count: 0,
      url: `/v1/customers/${owner.id}/sources`,
    }),
    subscriptions: (store, owner) => {
      const rows = store.subscriptionsByCustomer
        .ids(String(owner.id))
        .map((id) => store.subscriptions.need(id))
        .filter((row) => row.status !== 'canceled' && row.status !== 'incomplete_expired')
        .reverse();
      return {
        object: 'list',
        data: rows.slice(0, 10).map((row) => subscriptionShape(store, row)),
        has_more: rows.length > 10,
        total_count: rows.length,
        url: `/v1/customers/${owner.id}/subscriptions`,
      };
    },
  },
  invoice: {
    payments: (store, owner) => invoicePaymentsShape(store, String(owner.id)),
    confirmation_secret: (store, owner) => {
      const row = store.invoices.get(String(owner.id));
      return row === undefined ? null : confirmationSecretShape(store, row);
    },
  },
  price: { tiers: (store, owner) => store.prices.get(String(owner.id))?.tiers ?? null },
};

/** Paths deeper than this are refused (documented: four levels; reported: `data` counts as one). */
const maximumDepth = 4;

/** Carries out `expand[]` on a finished answer. Answers may share parts, so whatever is changed is copied first. */
export function expandAll(store: Store, answer: WireObject, paths: string[] | undefined): WireObject {
  let result = answer;
  for (const path of paths ?? []) {
    const segments = path.split('.');
    if (segments.length > maximumDepth) {
      throw invalidRequest(
        `You cannot expand more than 4 levels of a property. Property: ${path.slice(0, 200)}`,
        'expand',
        'property_expansion_max_depth',
      );
    }
    result = expandPath(store, result, segments, path, '') as WireObject;
  }
  return result;
}

function expandPath(store: Store, value: unknown, segments: string[], path: string, owner: string): unknown {
  if (Array.isArray(value)) return value.map((element) => expandPath(store, element, segments, path, owner));
  if (typeof value !== 'object' || value === null) return value;
  const object = value as WireObject;
  const [field, ...rest] = segments;
  if (field === undefined) return object;
  const kind = typeof object.object === 'string' ? object.object : owner;
  if (kind === 'list' && field === 'data') {
    return { ...object, data: expandPath(store, object.data, rest, path, kind) };
  }
  const filled = fill(store, object, kind, field, path);
  return { ...object, [field]: rest.length === 0 ? filled : expandPath(store, filled, rest, path, `${kind}.${field}`) };
}

function fill(store: Store, object: WireObject, kind: string, field: string, path: string): unknown {
  const present = object[field];
  const include = included[kind]?.[field];
  if (include !== undefined && present === undefined) return include(store, object);
  const resolve = references[kind]?.[field];
  if (resolve === undefined) {
    // A hash on the way, such as `invoice_settings`, is walked through; a plain value cannot be expanded.
    if (typeof present === 'object' && present !== null) return present;
    if (object.deleted === true) return present;
    throw invalidRequest(
      `This property cannot be expanded (${path.slice(0, 200)}).` +
        (kind === 'list' ? ` You may want to try expanding 'data.${path.slice(0, 200)}' instead.` : ''),
      'expand',
      'property_expansion_not_allowed',
    );
  }
  if (Array.isArray(present))
    return present.map((id) => (typeof id === 'string' ? (resolve(store, id, object) ?? id) : id));
  return typeof present === 'string' ? (resolve(store, present, object) ?? present) : present;
}
