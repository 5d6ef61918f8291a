import { invalidRequest, noSuch, refused } from '../http/errors.ts';
import { createdFilter, createdMatches, listFields, listPage } from '../http/list.ts';
import { flag, id, integer, mergeMetadata, metadata, required, text } from '../http/params.ts';
import { type Route, route } from '../http/route.ts';
import { invoiceItemShape } from '../shapes/invoice.ts';
import type { InvoiceItemRow } from '../state/rows.ts';
import type { Unit } from '../unit.ts';
import { expand } from './common.ts';
import { customerInParam } from './customers.ts';

export const invoiceItemRoutes: Route[] = [
  route({
    method: 'POST',
    pattern: '/v1/invoiceitems',
    params: {
      expand,
      customer: required(id),
      amount: required(integer()),
      currency: required(id),
      description: text,
      subscription: id,
      metadata,
    },
    lock: ({ params }) => params.subscription ?? params.customer,
    run: ({ unit, params }) => {
      const customer = customerInParam(unit, params.customer);
      unit.onClockOf(customer);
      if (
        params.subscription !== undefined &&
        unit.store.subscriptions.get(params.subscription)?.customer !== customer.id
      ) {
        throw invalidRequest(`No such subscription: '${params.subscription}'`, 'subscription', 'resource_missing');
      }
      const row = unit.store.invoiceItems.put({
        id: unit.newId('ii'),
        object: 'invoiceitem',
        amount: params.amount,
        currency: params.currency,
        customer: customer.id,
        customer_account: null,
        date: unit.now,
        description: params.description ?? null,
        discountable: true,
        discounts: [],
        invoice: null,
        livemode: false,
        metadata: mergeMetadata({}, params.metadata),
        net_amount: params.amount,
        parent: null,
        period: { start: unit.now, end: unit.now },
        pricing: null,
        proration: false,
        quantity: 1,
        quantity_decimal: '1',
        tax_rates: [],
        test_clock: customer.testClock,
        sim: { subscription: params.subscription ?? null, item: null },
      });
      unit.emit('invoiceitem.created', { ...invoiceItemShape(row) });
      return { ...invoiceItemShape(row) };
    },
  }),
  route({
    method: 'GET',
    pattern: '/v1/invoiceitems/:id',
    params: { expand },
    run: ({ unit, ids }) => ({ ...invoiceItemShape(findInvoiceItem(unit, ids.id ?? '')) }),
  }),
  route({
    method: 'DELETE',
    pattern: '/v1/invoiceitems/:id',
    run: ({ unit, ids }) => {
      const row = findInvoiceItem(unit, ids.id ?? '');
      if (row.invoice !== null) throw refused('You can only delete invoice items that are not on a finalized invoice.');
      unit.store.invoiceItems.remove(row.id);
      unit.emit('invoiceitem.deleted', { ...invoiceItemShape(row) });
      return { id: row.id, object: 'invoiceitem', deleted: true };
    },
  }),
  route({
    method: 'GET',
    pattern: '/v1/invoiceitems',
    params: { ...listFields, expand, customer: id, invoice: id, pending: flag, created: createdFilter },
    run: ({ unit, params }) => ({
      ...listPage(
        {
          table: unit.store.invoiceItems,
          params,
          url: '/v1/invoiceitems',
          kind: 'invoiceitem',
          matches: (row) =>
            (params.customer === undefined || row.customer === params.customer) &&
            (params.invoice === undefined || row.invoice === params.invoice) &&
            (params.pending === undefined || (row.invoice === null) === params.pending) &&
            createdMatches(params.created, row.date),
        },
        invoiceItemShape,
      ),
    }),
  }),
];

function findInvoiceItem(unit: Unit, itemId: string): InvoiceItemRow {
  const row = unit.store.invoiceItems.get(itemId);
  if (row === undefined) throw noSuch('invoiceitem', itemId, { path: true });
  return row;
}
