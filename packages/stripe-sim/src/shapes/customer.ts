import type Stripe from 'stripe';
import type { CustomerRow } from '../state/rows.ts';
import type { Wire } from '../wire.ts';

export type WireCustomer = Wire<Omit<Stripe.Customer, 'deleted'>>;

/** Fields that Stripe sends only when `expand` asks for them are absent here and added by the expander. */
export function customerShape(row: CustomerRow): WireCustomer {
  return {
    id: row.id,
    object: 'customer',
    address: null,
    balance: row.balance,
    created: row.created,
    currency: row.currency,
    customer_account: null,
    default_source: null,
    delinquent: row.delinquent,
    description: row.description,
    discount: null,
    email: row.email,
    invoice_prefix: row.invoicePrefix,
    invoice_settings: {
      custom_fields: null,
      default_payment_method: row.defaultPaymentMethod,
      footer: null,
      rendering_options: null,
    },
    livemode: false,
    metadata: row.metadata,
    name: row.name,
    next_invoice_sequence: row.nextInvoiceSequence,
    phone: row.phone,
    preferred_locales: [],
    shipping: null,
    tax_exempt: 'none',
    test_clock: row.testClock,
  };
}
