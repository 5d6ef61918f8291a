import type Stripe from 'stripe';
import type { InvoiceItemRow, InvoiceLine, InvoicePaymentRow, InvoiceRow, PaymentIntentRow } from '../state/rows.ts';
import type { Store } from '../state/store.ts';
import type { Wire, WireList } from '../wire.ts';

export type WireInvoice = Omit<Wire<Omit<Stripe.Invoice, 'deleted'>>, 'lines'> & { lines: WireList<InvoiceLine> };
export type WireInvoiceItem = Wire<Omit<Stripe.InvoiceItem, 'deleted'>>;
export type WirePaymentIntent = Wire<Stripe.PaymentIntent>;

/** Lines are embedded ten at a time, as every list; `/v1/invoices/:id/lines` has the rest. */
const embeddedLines = 10;

export function invoiceShape(row: InvoiceRow): WireInvoice {
  const { sim: _, lines, ...wire } = row;
  return {
    ...wire,
    lines: {
      object: 'list',
      data: lines.slice(0, embeddedLines),
      has_more: lines.length > embeddedLines,
      total_count: lines.length,
      url: `/v1/invoices/${row.id}/lines`,
    },
  };
}

/** `payments`, which Stripe includes only on request. */
export function invoicePaymentsShape(store: Store, invoiceId: string): WireList<InvoicePaymentRow> {
  return {
    object: 'list',
    data: store.paymentsByInvoice.ids(invoiceId).map((id) => store.invoicePayments.need(id)),
    has_more: false,
    url: '/v1/invoices/payments',
  };
}

/** `confirmation_secret`: the secret of the invoice's payment intent, null when nothing has to be paid. */
export function confirmationSecretShape(store: Store, row: InvoiceRow): { client_secret: string; type: string } | null {
  if (row.sim.paymentIntent === null) return null;
  const { client_secret: secret } = store.paymentIntents.need(row.sim.paymentIntent);
  return secret === null ? null : { client_secret: secret, type: 'payment_intent' };
}

export function invoiceItemShape({ sim: _, ...wire }: InvoiceItemRow): WireInvoiceItem {
  return wire;
}

export function paymentIntentShape({ sim: _, ...wire }: PaymentIntentRow): WirePaymentIntent {
  return wire;
}
