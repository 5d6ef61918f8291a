import { afterPaid, collect, markUncollectible, voidInvoice } from '../billing/invoice-outcomes.ts';
import { customerOf, draftInvoice, finalizeInvoice } from '../billing/invoices.ts';
import { failureOfAttempt } from '../billing/payment-failure.ts';
import { markPaid } from '../billing/payments.ts';
import { previewInvoice } from '../billing/preview.ts';
import { noSuch, notSimulated, refused, StripeFailure } from '../http/errors.ts';
import { arrayPage, createdFilter, createdMatches, listFields, listPage } from '../http/list.ts';
import { flag, id, mergeMetadata, metadata, notModelled, oneOf, required, text } from '../http/params.ts';
import { type Route, type RouteCall, route } from '../http/route.ts';
import { invoiceShape } from '../shapes/invoice.ts';
import type { InvoiceRow } from '../state/rows.ts';
import type { Unit } from '../unit.ts';
import { expand } from './common.ts';
import { customerInParam } from './customers.ts';
import { previewFields } from './invoice-params.ts';
import { paymentMethodInParam } from './payment-methods.ts';

/** Whatever changes an invoice may change its subscription, so that is what is locked. */
const lockOfInvoice = ({ unit, ids }: Pick<RouteCall, 'unit' | 'ids'>) => {
  const row = unit.store.invoices.get(ids.id ?? '');
  return row?.sim.subscription ?? row?.id ?? null;
};

export const invoiceRoutes: Route[] = [
  route({
    method: 'POST',
    pattern: '/v1/invoices/create_preview',
    params: previewFields,
    run: ({ unit, params }) => previewInvoice(unit, params),
  }),
  route({
    method: 'POST',
    pattern: '/v1/invoices',
    params: {
      expand,
      customer: required(id),
      subscription: id,
      auto_advance: flag,
      description: text,
      metadata,
      pending_invoice_items_behavior: oneOf('include', 'exclude'),
    },
    lock: ({ params }) => params.subscription ?? params.customer,
    run: ({ unit, params }) => {
      const customer = customerInParam(unit, params.customer);
      unit.onClockOf(customer);
      const subscription =
        params.subscription === undefined ? null : (unit.store.subscriptions.get(params.subscription) ?? null);
      if (params.subscription !== undefined && subscription === null) {
        throw noSuch('subscription', params.subscription, { param: 'subscription' });
      }
      const draft = draftInvoice(unit, {
        reason: 'manual',
        customer: customer.id,
        subscription,
        currency: subscription?.currency ?? customer.currency ?? 'usd',
        period: { start: unit.now, end: unit.now },
        lines: () => [],
        looseItems: params.pending_invoice_items_behavior === 'include',
        finalizesAt: params.auto_advance === true ? unit.now + unit.world.settings.draftSeconds : null,
      });
      const described = {
        ...draft,
        auto_advance: params.auto_advance ?? false,
        description: params.description ?? null,
        metadata: mergeMetadata({}, params.metadata),
        // Recorded of invoices made by hand; those that a subscription makes have neither while they are drafts.
        rendering: {
          amount_tax_display: null,
          pdf: { page_size: 'auto' as const },
          template: null,
          template_version: null,
        },
        webhooks_delivered_at: unit.now,
      };
      return invoiceShape(unit.store.invoices.put(described));
    },
  }),
  route({
    method: 'GET',
    pattern: '/v1/invoices/:id',
    params: { expand },
    run: ({ unit, ids }) => invoiceShape(findInvoice(unit, ids.id ?? '', 'invoice')),
  }),
  route({
    method: 'POST',
    pattern: '/v1/invoices/:id',
    params: { expand, metadata, auto_advance: flag, description: text },
    lock: lockOfInvoice,
    run: ({ unit, ids, params }) => {
      const before = findInvoice(unit, ids.id ?? '', 'invoice');
      const after = unit.store.invoices.put({
        ...before,
        auto_advance: params.auto_advance ?? before.auto_advance ?? false,
        description: params.description ?? before.description,
        metadata: mergeMetadata(before.metadata ?? {}, params.metadata),
      });
      unit.emitChange('invoice.updated', invoiceShape(before), invoiceShape(after));
      return invoiceShape(after);
    },
  }),
  route({
    method: 'POST',
    pattern: '/v1/invoices/:id/finalize',
    params: { expand, auto_advance: flag },
    lock: lockOfInvoice,
    run: ({ unit, ids, params }) => {
      const draft = findInvoice(unit, ids.id ?? '', 'id');
      if (params.auto_advance !== undefined && params.auto_advance !== (draft.auto_advance ?? false)) {
        throw notSimulated('an `auto_advance` other than that of the draft', 'auto_advance');
      }
      const open = finalizeInvoice(unit, draft);
      if (open.amount_due === 0) {
        markPaid(unit, open, 0);
        afterPaid(unit, open.id);
      }
      return invoiceShape(unit.store.invoices.need(open.id));
    },
  }),
  route({
    method: 'POST',
    pattern: '/v1/invoices/:id/pay',
    params: {
      expand,
      forgive: notModelled(['false']),
      off_session: notModelled(['true']),
      paid_out_of_band: flag,
      payment_method: id,
    },
    lock: lockOfInvoice,
    run: ({ unit, ids, params }) => payInvoice(unit, findInvoice(unit, ids.id ?? '', 'id'), params),
  }),
  route({
    method: 'POST',
    pattern: '/v1/invoices/:id/void',
    params: { expand },
    lock: lockOfInvoice,
    run: ({ unit, ids }) => {
      const voided = voidInvoice(unit, findInvoice(unit, ids.id ?? '', 'id'));
      return invoiceShape(unit.store.invoices.need(voided.id));
    },
  }),
  route({
    method: 'POST',
    pattern: '/v1/invoices/:id/mark_uncollectible',
    params: { expand },
    lock: lockOfInvoice,
    run: ({ unit, ids }) => invoiceShape(markUncollectible(unit, findInvoice(unit, ids.id ?? '', 'id'))),
  }),
  route({
    method: 'GET',
    pattern: '/v1/invoices/:id/lines',
    params: { ...listFields, expand },
    run: ({ unit, ids, params }) => {
      const invoice = findInvoice(unit, ids.id ?? '', 'invoice');
      return { ...arrayPage(invoice.lines, { params, url: `/v1/invoices/${invoice.id}/lines`, kind: 'line item' }) };
    },
  }),
  route({
    method: 'GET',
    pattern: '/v1/invoices',
    params: {
      ...listFields,
      expand,
      customer: id,
      subscription: id,
      status: oneOf('draft', 'open', 'paid', 'uncollectible', 'void'),
      created: createdFilter,
      collection_method: oneOf('charge_automatically', 'send_invoice'),
    },
    run: ({ unit, params }) => ({
      ...listPage(
        {
          table: unit.store.invoices,
          params,
          url: '/v1/invoices',
          kind: 'invoice',
          among: amongOf(unit, params),
          matches: (row) =>
            (params.customer === undefined || row.customer === params.customer) &&
            (params.status === undefined || row.status === params.status) &&
            (params.collection_method === undefined || row.collection_method === params.collection_method) &&
            createdMatches(params.created, row.created),
        },
        invoiceShape,
      ),
    }),
  }),
];

function amongOf(
  unit: Unit,
  params: { subscription?: string | undefined; customer?: string | undefined },
): string[] | undefined {
  if (params.subscription !== undefined) return unit.store.invoicesBySubscription.ids(params.subscription);
  return params.customer === undefined ? undefined : unit.store.invoicesByCustomer.ids(params.customer);
}

/** An explicit payment: a failed one is a 402 whose traces stay, for the attempt was made. */
function payInvoice(
  unit: Unit,
  given: InvoiceRow,
  params: { paid_out_of_band?: boolean | undefined; payment_method?: string | undefined },
) {
  if (given.status === 'paid') throw refused('Invoice is already paid', undefined, 'invoice_already_paid');
  if (given.status === 'void') throw refused('This invoice can no longer be paid', undefined, 'invoice_not_payable');
  const invoice = given.status === 'draft' ? finalizeInvoice(unit, given) : given;
  if (params.paid_out_of_band === true) {
    markPaid(unit, invoice, invoice.amount_due, { outOfBand: true });
    afterPaid(unit, invoice.id);
    return invoiceShape(unit.store.invoices.need(invoice.id));
  }
  const paymentMethod = paymentMethodInParam(unit, params.payment_method, customerOf(invoice));
  const attempt = collect(unit, invoice, { paymentMethod });
  if (attempt.status === 'paid') return invoiceShape(unit.store.invoices.need(invoice.id));
  const failure = attempt.status === 'requires_action' ? needsAction() : failureOfAttempt(attempt);
  throw new StripeFailure(failure.status, failure.error, { stored: true, keepsChanges: true });
}

function needsAction(): StripeFailure {
  return new StripeFailure(402, {
    type: 'card_error',
    code: 'invoice_payment_intent_requires_action',
    message: 'Invoice payment requires additional user action before completing successfully.',
  });
}

/** GET says `invoice` where the verbs say `id` (recorded). Works at the time of the invoice's test clock. */
export function findInvoice(unit: Unit, invoiceId: string, param: 'invoice' | 'id'): InvoiceRow {
  const row = unit.store.invoices.get(invoiceId);
  if (row === undefined) throw noSuch('invoice', invoiceId, { path: true, param });
  if (typeof row.test_clock === 'string') unit.onClockOf({ testClock: row.test_clock });
  if (param === 'id' && !unit.store.customers.has(customerOf(row))) {
    throw refused(`The customer of this invoice was deleted: ${customerOf(row)}`);
  }
  return row;
}
