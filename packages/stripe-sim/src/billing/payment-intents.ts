import { paymentIntentShape } from '../shapes/invoice.ts';
import type { InvoiceRow, PaymentIntentRow } from '../state/rows.ts';
import type { Unit } from '../unit.ts';
import { customerOf } from './invoices.ts';

/** Makes the payment intent of a finalized invoice, with the row that ties them together. Gives the intent's id. */
export function openPaymentIntent(unit: Unit, invoice: InvoiceRow): string {
  const { store } = unit;
  // Intents of invoices carry a 3 where other ids have a 1 (recorded).
  const id = unit.newId('pi').replace('pi_1', 'pi_3');
  const row: PaymentIntentRow = {
    id,
    object: 'payment_intent',
    allowed_payment_method_types: null,
    amount: invoice.amount_due,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: 'automatic',
    client_secret: `${id}_secret_${unit.world.ids.characters(25)}`,
    confirmation_method: 'automatic',
    created: unit.now,
    currency: invoice.currency,
    customer: customerOf(invoice),
    customer_account: null,
    description: invoice.billing_reason === 'subscription_create' ? 'Subscription creation' : 'Subscription update',
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: null,
    metadata: {},
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: null,
    payment_method_types: ['card'],
    payment_record: null,
    processing: null,
    receipt_email: null,
    review: null,
    setup_future_usage: 'off_session',
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: 'requires_payment_method',
    transfer_data: null,
    transfer_group: null,
    sim: { invoice: invoice.id },
  };
  store.paymentIntents.put(row);
  unit.emit('payment_intent.created', { ...paymentIntentShape(row) });
  store.invoicePayments.put({
    id: unit.newId('inpay'),
    object: 'invoice_payment',
    amount_paid: null,
    amount_requested: invoice.amount_due,
    created: unit.now,
    currency: invoice.currency,
    invoice: invoice.id,
    is_default: true,
    livemode: false,
    payment: { payment_intent: id, type: 'payment_intent' },
    status: 'open',
    status_transitions: { canceled_at: null, paid_at: null },
  });
  return id;
}

/** Ends an intent that nobody will pay any more, because its invoice is void. */
export function cancelPaymentIntent(unit: Unit, invoice: InvoiceRow): void {
  if (invoice.sim.paymentIntent === null) return;
  const { store } = unit;
  const before = store.paymentIntents.need(invoice.sim.paymentIntent);
  if (before.status === 'succeeded' || before.status === 'canceled') return;
  const after = store.paymentIntents.put({
    ...before,
    status: 'canceled',
    canceled_at: unit.now,
    cancellation_reason: 'void_invoice',
    next_action: null,
  });
  unit.emit('payment_intent.canceled', { ...paymentIntentShape(after) });
  for (const paymentId of store.paymentsByInvoice.ids(invoice.id)) {
    const payment = store.invoicePayments.need(paymentId);
    if (payment.status === 'paid') continue;
    store.invoicePayments.put({
      ...payment,
      status: 'canceled',
      status_transitions: { ...payment.status_transitions, canceled_at: unit.now },
    });
  }
}
