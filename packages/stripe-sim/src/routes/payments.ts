import { collect } from '../billing/invoice-outcomes.ts';
import { customerOf } from '../billing/invoices.ts';
import { failureOfAttempt } from '../billing/payment-failure.ts';
import { noSuch, refused, StripeFailure } from '../http/errors.ts';
import { createdFilter, createdMatches, listFields, listPage } from '../http/list.ts';
import { hash, id, oneOf, text } from '../http/params.ts';
import { type Route, route } from '../http/route.ts';
import { paymentIntentShape } from '../shapes/invoice.ts';
import type { PaymentIntentRow } from '../state/rows.ts';
import type { Unit } from '../unit.ts';
import { expand } from './common.ts';
import { findCustomer } from './customers.ts';
import { attachPaymentMethod, paymentMethodInParam } from './payment-methods.ts';

export const paymentRoutes: Route[] = [
  route({
    method: 'GET',
    pattern: '/v1/payment_intents/:id',
    params: { expand, client_secret: text },
    run: ({ unit, ids }) => ({ ...paymentIntentShape(findIntent(unit, ids.id ?? '')) }),
  }),
  route({
    method: 'POST',
    pattern: '/v1/payment_intents/:id/confirm',
    params: { expand, payment_method: id, return_url: text, off_session: text, client_secret: text },
    lock: ({ unit, ids }) => {
      const invoice = unit.store.paymentIntents.get(ids.id ?? '')?.sim.invoice;
      return invoice === undefined ? null : unit.store.invoices.need(invoice).sim.subscription;
    },
    run: ({ unit, ids, params }) => ({
      ...paymentIntentShape(confirmIntent(unit, findIntent(unit, ids.id ?? ''), params.payment_method)),
    }),
  }),
  route({
    method: 'GET',
    pattern: '/v1/payment_intents',
    params: { ...listFields, expand, customer: id, created: createdFilter },
    run: ({ unit, params }) => ({
      ...listPage(
        {
          table: unit.store.paymentIntents,
          params,
          url: '/v1/payment_intents',
          kind: 'payment_intent',
          matches: (row) =>
            (params.customer === undefined || row.customer === params.customer) &&
            createdMatches(params.created, row.created),
        },
        paymentIntentShape,
      ),
    }),
  }),
  route({
    method: 'GET',
    pattern: '/v1/charges/:id',
    params: { expand },
    run: ({ unit, ids }) => {
      const row = unit.store.charges.get(ids.id ?? '');
      if (row === undefined) throw noSuch('charge', ids.id ?? '', { path: true });
      return { ...row };
    },
  }),
  route({
    method: 'GET',
    pattern: '/v1/charges',
    params: { ...listFields, expand, customer: id, payment_intent: id, created: createdFilter },
    run: ({ unit, params }) => ({
      ...listPage(
        {
          table: unit.store.charges,
          params,
          url: '/v1/charges',
          kind: 'charge',
          matches: (row) =>
            (params.customer === undefined || row.customer === params.customer) &&
            (params.payment_intent === undefined || row.payment_intent === params.payment_intent) &&
            createdMatches(params.created, row.created),
        },
        (row) => ({ ...row }),
      ),
    }),
  }),
  route({
    method: 'GET',
    pattern: '/v1/invoice_payments/:id',
    params: { expand },
    run: ({ unit, ids }) => {
      const row = unit.store.invoicePayments.get(ids.id ?? '');
      if (row === undefined) throw noSuch('invoice_payment', ids.id ?? '', { path: true });
      return { ...row };
    },
  }),
  route({
    method: 'GET',
    pattern: '/v1/invoice_payments',
    params: {
      ...listFields,
      expand,
      invoice: id,
      status: oneOf('open', 'paid', 'canceled'),
      payment: hash({ type: text, payment_intent: id }),
      created: createdFilter,
    },
    run: ({ unit, params }) => ({
      ...listPage(
        {
          table: unit.store.invoicePayments,
          params,
          url: '/v1/invoice_payments',
          kind: 'invoice_payment',
          among: params.invoice === undefined ? undefined : unit.store.paymentsByInvoice.ids(params.invoice),
          matches: (row) =>
            (params.status === undefined || row.status === params.status) &&
            (params.payment?.payment_intent === undefined ||
              row.payment.payment_intent === params.payment.payment_intent) &&
            createdMatches(params.created, row.created),
        },
        (row) => ({ ...row }),
      ),
    }),
  }),
  route({
    method: 'GET',
    pattern: '/v1/customers/:customer/balance_transactions',
    params: { ...listFields, expand },
    run: ({ unit, ids, params }) => ({
      ...listPage(
        {
          table: unit.store.balanceTransactions,
          params,
          url: `/v1/customers/${ids.customer}/balance_transactions`,
          kind: 'customer_balance_transaction',
          among: unit.store.balanceByCustomer.ids(findCustomer(unit, ids.customer ?? '').id),
        },
        (row) => ({ ...row }),
      ),
    }),
  }),
];

function findIntent(unit: Unit, intentId: string): PaymentIntentRow {
  const row = unit.store.paymentIntents.get(intentId);
  if (row === undefined) throw noSuch('payment_intent', intentId, { path: true, param: 'intent' });
  const customer = typeof row.customer === 'string' ? unit.store.customers.get(row.customer) : undefined;
  if (customer !== undefined) unit.onClockOf(customer);
  return row;
}

/**
 * Confirms as the customer's browser would: where the bank wants authentication, the confirmation stands for a
 * customer who gave it. (A server cannot do that at the real Stripe; tests have no browser.)
 */
function confirmIntent(unit: Unit, intent: PaymentIntentRow, paymentMethod: string | undefined): PaymentIntentRow {
  if (intent.status === 'succeeded' || intent.status === 'canceled') {
    throw refused(
      `You cannot confirm this PaymentIntent because it has already ${intent.status === 'succeeded' ? 'succeeded after being previously confirmed' : 'been canceled'}.`,
      undefined,
      'payment_intent_unexpected_state',
    );
  }
  const invoice = unit.store.invoices.need(intent.sim.invoice);
  if (invoice.status !== 'open' || !unit.store.customers.has(customerOf(invoice))) {
    throw refused('The invoice of this PaymentIntent is not open.', undefined, 'payment_intent_unexpected_state');
  }
  // The customer who gives the authentication confirms with the method that asked for it.
  const { payment_method: asked } = intent;
  const awaited = intent.status === 'requires_action' && typeof asked === 'string' ? asked : undefined;
  const method = paymentMethod ?? awaited;
  const given = method === undefined ? undefined : unit.store.paymentMethods.get(method);
  const loose = given !== undefined && given.customer === null && given.sim.detached !== true;
  const attempt = collect(unit, invoice, {
    paymentMethod: loose ? given.id : paymentMethodInParam(unit, method, customerOf(invoice)),
    authenticated: intent.status === 'requires_action',
  });
  if (attempt.status === 'declined' || attempt.status === 'no_payment_method') {
    const failure = failureOfAttempt(attempt);
    throw new StripeFailure(failure.status, failure.error, { stored: true, keepsChanges: true });
  }
  // These intents have `setup_future_usage`: a method that was nobody's is the customer's once the payment is through.
  if (loose && attempt.status === 'paid') attachPaymentMethod(unit, given.id, customerOf(invoice));
  return unit.store.paymentIntents.need(intent.id);
}
