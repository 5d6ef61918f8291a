import { cancelNow } from '../billing/cancel.ts';
import { checkOwnPaymentMethod } from '../billing/own-payment-method.ts';
import { noSuch } from '../http/errors.ts';
import { createdFilter, createdMatches, listFields, listPage } from '../http/list.ts';
import { clearable, hash, id, integer, mergeMetadata, metadata, notModelled, text } from '../http/params.ts';
import { type Route, route } from '../http/route.ts';
import { customerShape } from '../shapes/customer.ts';
import type { CustomerRow } from '../state/rows.ts';
import type { Unit } from '../unit.ts';
import { expand } from './common.ts';
import { attachPaymentMethod } from './payment-methods.ts';

const described = {
  expand,
  balance: integer(),
  description: clearable(text),
  email: clearable(text),
  name: clearable(text),
  phone: clearable(text),
  metadata,
  invoice_prefix: text,
  invoice_settings: hash({
    default_payment_method: clearable(id),
    custom_fields: notModelled(),
    footer: notModelled(),
    rendering_options: notModelled(),
  }),
  next_invoice_sequence: integer({ minimum: 1 }),
  address: notModelled(),
  shipping: notModelled(),
  preferred_locales: notModelled(),
  tax: notModelled(),
  tax_exempt: notModelled(['none']),
  cash_balance: notModelled(),
  source: notModelled(),
};

export const customerRoutes: Route[] = [
  route({
    method: 'POST',
    pattern: '/v1/customers',
    params: { ...described, payment_method: id, test_clock: id, tax_id_data: notModelled() },
    run: ({ unit, params }) => {
      if (params.test_clock !== undefined) {
        const clock = unit.store.testClocks.get(params.test_clock);
        if (clock === undefined) throw noSuch('testhelpers.testclock', params.test_clock, { param: 'test_clock' });
        unit.now = clock.frozen_time;
      }
      const row = newCustomer(unit, params.test_clock ?? null);
      unit.store.customers.put({
        ...row,
        balance: params.balance ?? 0,
        description: params.description ?? null,
        email: params.email ?? null,
        name: params.name ?? null,
        phone: params.phone ?? null,
        metadata: mergeMetadata({}, params.metadata),
        invoicePrefix: params.invoice_prefix ?? row.invoicePrefix,
        nextInvoiceSequence: params.next_invoice_sequence ?? 1,
      });
      const given = params.payment_method;
      const attached = given === undefined ? undefined : attachPaymentMethod(unit, given, row.id).id;
      const method = params.invoice_settings?.default_payment_method;
      // A token is another card at each use: where both parameters name the same one, they mean the one that was attached.
      const wanted = method === given ? attached : method;
      if (wanted !== undefined && wanted !== null) setDefault(unit, row.id, wanted);
      const shape = customerShape(unit.store.customers.need(row.id));
      unit.emit('customer.created', shape);
      return shape;
    },
  }),
  route({
    method: 'GET',
    pattern: '/v1/customers/:id',
    params: { expand },
    run: ({ unit, ids }) => {
      const customerId = ids.id ?? '';
      if (unit.store.deletedCustomers.has(customerId)) return { id: customerId, object: 'customer', deleted: true };
      return customerShape(findCustomer(unit, customerId));
    },
  }),
  route({
    method: 'POST',
    pattern: '/v1/customers/:id',
    params: described,
    lock: ({ ids }) => ids.id ?? null,
    run: ({ unit, ids, params }) => {
      const before = findCustomer(unit, ids.id ?? '');
      unit.onClockOf(before);
      const method = params.invoice_settings?.default_payment_method;
      unit.store.customers.put({
        ...before,
        balance: params.balance ?? before.balance,
        description: params.description === undefined ? before.description : params.description,
        email: params.email === undefined ? before.email : params.email,
        name: params.name === undefined ? before.name : params.name,
        phone: params.phone === undefined ? before.phone : params.phone,
        metadata: mergeMetadata(before.metadata, params.metadata),
        invoicePrefix: params.invoice_prefix ?? before.invoicePrefix,
        nextInvoiceSequence: params.next_invoice_sequence ?? before.nextInvoiceSequence,
        defaultPaymentMethod: method === null ? null : before.defaultPaymentMethod,
      });
      if (method !== undefined && method !== null) setDefault(unit, before.id, method);
      const after = unit.store.customers.need(before.id);
      unit.emitChange('customer.updated', customerShape(before), customerShape(after));
      return customerShape(after);
    },
  }),
  route({
    method: 'DELETE',
    pattern: '/v1/customers/:id',
    lock: ({ ids }) => ids.id ?? null,
    run: ({ unit, ids }) => {
      const row = findCustomer(unit, ids.id ?? '');
      unit.onClockOf(row);
      for (const subscriptionId of unit.store.subscriptionsByCustomer.ids(row.id)) {
        const subscription = unit.store.subscriptions.need(subscriptionId);
        if (subscription.status !== 'canceled' && subscription.status !== 'incomplete_expired') {
          cancelNow(unit, subscription, { reason: 'cancellation_requested' });
        }
      }
      for (const invoiceId of unit.store.invoicesByCustomer.ids(row.id)) {
        const invoice = unit.store.invoices.need(invoiceId);
        if (invoice.status !== 'draft' && invoice.status !== 'open') continue;
        // Nobody is left to collect from: the clock must not touch these any more.
        unit.store.invoices.put({
          ...invoice,
          auto_advance: false,
          automatically_finalizes_at: null,
          next_payment_attempt: null,
        });
      }
      unit.store.customers.remove(row.id);
      unit.store.deletedCustomers.put({ id: row.id });
      unit.emit('customer.deleted', customerShape(row));
      return { id: row.id, object: 'customer', deleted: true };
    },
  }),
  route({
    method: 'GET',
    pattern: '/v1/customers',
    params: { ...listFields, expand, created: createdFilter, email: text, test_clock: text },
    run: ({ unit, params }) => ({
      ...listPage(
        {
          table: unit.store.customers,
          params,
          url: '/v1/customers',
          kind: 'customer',
          // Without the filter Stripe leaves customers on test clocks out of this list.
          matches: (row) =>
            row.testClock === (params.test_clock ?? null) &&
            (params.email === undefined || row.email === params.email) &&
            createdMatches(params.created, row.created),
        },
        customerShape,
      ),
    }),
  }),
];

export function findCustomer(unit: Unit, customerId: string): CustomerRow {
  const row = unit.store.customers.get(customerId);
  if (row === undefined) throw noSuch('customer', customerId, { path: true });
  return row;
}

/** A customer named in a parameter: its absence is a 400, not a 404. */
export function customerInParam(unit: Unit, customerId: string): CustomerRow {
  const row = unit.store.customers.get(customerId);
  if (row === undefined) throw noSuch('customer', customerId, { param: 'customer' });
  return row;
}

/** One literal for all customers: rows of one shape without spare room are what lets a million of them fit. */
export function newCustomer(
  unit: Unit,
  testClock: string | null,
  given: { currency?: string; metadata?: Record<string, string> } = {},
): CustomerRow {
  return {
    id: unit.newId('cus'),
    created: unit.now,
    email: null,
    name: null,
    description: null,
    phone: null,
    metadata: given.metadata ?? {},
    balance: 0,
    currency: given.currency ?? null,
    delinquent: false,
    defaultPaymentMethod: null,
    invoicePrefix: unit.world.ids.characters(8).toUpperCase(),
    nextInvoiceSequence: 1,
    testClock,
    brokenCard: null,
  };
}

/** A default must already be attached to the customer; Stripe does not attach it silently. */
function setDefault(unit: Unit, customerId: string, methodId: string): void {
  checkOwnPaymentMethod(unit, customerId, methodId, 'invoice_settings[default_payment_method]');
  unit.store.customers.put({ ...unit.store.customers.need(customerId), defaultPaymentMethod: methodId });
}
