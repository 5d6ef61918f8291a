import { declineMessage } from '../cards/test-cards.ts';
import { newCharge } from '../shapes/charge.ts';
import { invoiceShape, paymentIntentShape } from '../shapes/invoice.ts';
import type { InvoiceRow, PaymentIntentRow, PaymentMethodRow } from '../state/rows.ts';
import type { Unit } from '../unit.ts';
import { customerOf, subscriptionOf } from './invoices.ts';

/** How an attempt to collect an invoice ended. */
export type Attempt =
  | { status: 'paid' }
  | { status: 'declined'; code: string; declineCode: string; charge: string }
  | { status: 'requires_action' }
  | { status: 'no_payment_method' };

/**
 * Tries to collect a finalized invoice and books everything that is certain about the attempt: charge, intent,
 * counters, events. What it means for the subscription is decided by the caller.
 */
export function attemptPayment(
  unit: Unit,
  invoice: InvoiceRow,
  options: { paymentMethod?: string | undefined; authenticated?: boolean } = {},
): Attempt {
  if (invoice.amount_due === 0) {
    markPaid(unit, invoice, 0);
    return { status: 'paid' };
  }
  const method = methodFor(unit, invoice, options.paymentMethod);
  if (method === undefined) return { status: 'no_payment_method' };
  const intent = unit.store.paymentIntents.need(intentOf(invoice));
  const refusal = refusalOf(unit, invoice, method);
  if (refusal !== null) return fail(unit, invoice, intent, method, refusal);
  if (method.sim.charge === 'requires_action' && options.authenticated !== true) {
    return askForAction(unit, invoice, intent, method);
  }
  succeed(unit, invoice, intent, method);
  return { status: 'paid' };
}

/** The method named, else the subscription's, else the customer's default. */
export function methodFor(unit: Unit, invoice: InvoiceRow, named?: string): PaymentMethodRow | undefined {
  const customer = unit.store.customers.need(customerOf(invoice));
  const ofSubscription = subscriptionOf(unit, invoice)?.extras?.defaultPaymentMethod ?? null;
  const id = named ?? ofSubscription ?? customer.defaultPaymentMethod;
  return id === null ? undefined : unit.store.paymentMethods.get(id);
}

function refusalOf(
  unit: Unit,
  invoice: InvoiceRow,
  method: PaymentMethodRow,
): { code: string; declineCode: string } | null {
  const { brokenCard } = unit.store.customers.need(customerOf(invoice));
  if (brokenCard !== null) return { code: 'card_declined', declineCode: brokenCard };
  const { charge } = method.sim;
  return typeof charge === 'string' ? null : charge;
}

function succeed(unit: Unit, invoice: InvoiceRow, intent: PaymentIntentRow, method: PaymentMethodRow): void {
  const { store } = unit;
  const charge = store.charges.put(
    newCharge({ id: unit.newId('ch').replace('ch_1', 'ch_3'), now: unit.now, intent, method, failure: null }),
  );
  const paid = store.paymentIntents.put({
    ...intent,
    amount_received: intent.amount,
    last_payment_error: null,
    latest_charge: charge.id,
    next_action: null,
    payment_method: method.id,
    status: 'succeeded',
  });
  unit.emit('payment_intent.succeeded', { ...paymentIntentShape(paid) });
  unit.emit('charge.succeeded', { ...charge });
  for (const paymentId of store.paymentsByInvoice.ids(invoice.id)) {
    const payment = store.invoicePayments.put({
      ...store.invoicePayments.need(paymentId),
      amount_paid: intent.amount,
      status: 'paid',
      status_transitions: { canceled_at: null, paid_at: unit.now },
    });
    unit.emit('invoice_payment.paid', { ...payment });
  }
  unit.ledger({
    kind: 'charge',
    customer: customerOf(invoice),
    invoice: invoice.id,
    amount: intent.amount,
    currency: intent.currency,
  });
  markPaid(unit, invoice, intent.amount);
}

/** An invoice with nothing left to pay. `attempted` is true even where no attempt was needed (recorded). */
export function markPaid(
  unit: Unit,
  invoice: InvoiceRow,
  amount: number,
  options: { outOfBand?: boolean } = {},
): InvoiceRow {
  const before = unit.store.invoices.need(invoice.id);
  const after = unit.store.invoices.put({
    ...before,
    amount_paid: amount,
    amount_remaining: 0,
    attempt_count: before.attempt_count + (amount > 0 && options.outOfBand !== true ? 1 : 0),
    attempted: true,
    auto_advance: false,
    next_payment_attempt: null,
    status: 'paid',
    status_transitions: { ...before.status_transitions, paid_at: unit.now },
  });
  unit.emitChange('invoice.updated', invoiceShape(before), invoiceShape(after));
  unit.emit('invoice.paid', invoiceShape(after));
  unit.emit('invoice.payment_succeeded', invoiceShape(after));
  return after;
}

function askForAction(unit: Unit, invoice: InvoiceRow, intent: PaymentIntentRow, method: PaymentMethodRow): Attempt {
  const waiting = unit.store.paymentIntents.put({
    ...intent,
    next_action: { type: 'use_stripe_sdk', use_stripe_sdk: {} },
    payment_method: method.id,
    status: 'requires_action',
  });
  unit.emit('payment_intent.requires_action', { ...paymentIntentShape(waiting) });
  // Recorded: the attempt is marked as made but is not counted, and no further one is planned.
  const after = unit.store.invoices.put({ ...invoice, attempted: true, next_payment_attempt: null });
  unit.emit('invoice.payment_action_required', invoiceShape(after));
  return { status: 'requires_action' };
}

function fail(
  unit: Unit,
  invoice: InvoiceRow,
  intent: PaymentIntentRow,
  method: PaymentMethodRow,
  refusal: { code: string; declineCode: string },
): Attempt {
  const { store } = unit;
  const message = declineMessage(refusal.code, refusal.declineCode);
  const charge = store.charges.put(
    newCharge({
      id: unit.newId('ch').replace('ch_1', 'ch_3'),
      now: unit.now,
      intent,
      method,
      failure: { ...refusal, message },
    }),
  );
  const failed = store.paymentIntents.put({
    ...intent,
    last_payment_error: {
      advice_code: 'try_again_later',
      charge: charge.id,
      code: refusal.code,
      decline_code: refusal.declineCode,
      doc_url: `https://stripe.com/docs/error-codes/${refusal.code.replaceAll('_', '-')}`,
      message,
      network_decline_code: '01',
      type: 'card_error',
    },
    latest_charge: charge.id,
    next_action: null,
    payment_method: null,
    status: 'requires_payment_method',
  });
  unit.emit('charge.failed', { ...charge });
  unit.emit('payment_intent.payment_failed', { ...paymentIntentShape(failed) });
  const after = store.invoices.put({ ...invoice, attempt_count: invoice.attempt_count + 1, attempted: true });
  unit.emitChange('invoice.updated', invoiceShape(invoice), invoiceShape(after));
  unit.emit('invoice.payment_failed', invoiceShape(after));
  unit.ledger({
    kind: 'charge_failed',
    customer: customerOf(invoice),
    invoice: invoice.id,
    amount: intent.amount,
    currency: intent.currency,
  });
  return { status: 'declined', ...refusal, charge: charge.id };
}

function intentOf(invoice: InvoiceRow): string {
  if (invoice.sim.paymentIntent === null) throw new Error(`invariant: invoice ${invoice.id} has no payment intent`);
  return invoice.sim.paymentIntent;
}
