import { changeRow } from '../billing/announce.ts';
import { checkOwnPaymentMethod } from '../billing/own-payment-method.ts';
import { testCards } from '../cards/test-cards.ts';
import { declined } from '../faults/fault-answers.ts';
import { invalidRequest, noSuch } from '../http/errors.ts';
import { listFields, listPage } from '../http/list.ts';
import { hash, id, mergeMetadata, metadata, notModelled, oneOf, required, text } from '../http/params.ts';
import { type Route, route } from '../http/route.ts';
import { newCard, paymentMethodShape } from '../shapes/payment-method.ts';
import type { PaymentMethodRow } from '../state/rows.ts';
import type { Unit } from '../unit.ts';
import { expand } from './common.ts';
import { customerInParam } from './customers.ts';

const cardNumbers: Record<string, string> = {
  '4242424242424242': 'pm_card_visa',
  '5555555555554444': 'pm_card_mastercard',
  '4000000000000341': 'pm_card_chargeCustomerFail',
  '4000000000000002': 'pm_card_chargeDeclined',
  '4000000000009995': 'pm_card_chargeDeclinedInsufficientFunds',
  '4000002760003184': 'pm_card_authenticationRequired',
  '4000000000003220': 'pm_card_threeDSecure2Required',
};

export const paymentMethodRoutes: Route[] = [
  route({
    method: 'POST',
    pattern: '/v1/payment_methods',
    params: {
      expand,
      type: required(oneOf('card')),
      card: hash({ token: text, number: text, exp_month: text, exp_year: text, cvc: text }),
      metadata,
      billing_details: notModelled(),
    },
    run: ({ unit, params }) => {
      const token = params.card?.token?.replace(/^tok_/, 'pm_card_');
      const testId = token ?? cardNumbers[params.card?.number ?? ''];
      if (testId === undefined || testCards[testId] === undefined) {
        throw invalidRequest('stripe-sim knows Stripe test cards only.', 'card[number]', 'incorrect_number');
      }
      const row = { ...materialize(unit, testId), metadata: mergeMetadata({}, params.metadata) };
      unit.store.paymentMethods.put(row);
      return { ...paymentMethodShape(row) };
    },
  }),
  route({
    method: 'GET',
    pattern: '/v1/payment_methods/:id',
    params: { expand },
    run: ({ unit, ids }) => ({ ...paymentMethodShape(findPaymentMethod(unit, ids.id ?? '')) }),
  }),
  route({
    method: 'POST',
    pattern: '/v1/payment_methods/:id/attach',
    params: { expand, customer: required(id) },
    lock: ({ params }) => params.customer,
    run: ({ unit, ids, params }) => ({
      ...paymentMethodShape(attachPaymentMethod(unit, ids.id ?? '', params.customer)),
    }),
  }),
  route({
    method: 'POST',
    pattern: '/v1/payment_methods/:id/detach',
    params: { expand },
    run: ({ unit, ids }) => {
      const before = findPaymentMethod(unit, ids.id ?? '');
      if (typeof before.customer !== 'string') {
        throw invalidRequest(
          'The payment method you provided is not attached to a customer so detachment is impossible.',
        );
      }
      const after: PaymentMethodRow = { ...before, customer: null, sim: { ...before.sim, detached: true } };
      unit.store.paymentMethods.put(after);
      forgetDefault(unit, before.id, before.customer);
      unit.emitChange('payment_method.detached', { ...paymentMethodShape(before) }, { ...paymentMethodShape(after) });
      return { ...paymentMethodShape(after) };
    },
  }),
  ...[
    { pattern: '/v1/payment_methods', owner: 'param' as const },
    { pattern: '/v1/customers/:customer/payment_methods', owner: 'path' as const },
  ].map(({ pattern, owner }) =>
    route({
      method: 'GET',
      pattern,
      params: { ...listFields, expand, customer: id, type: text, allow_redisplay: notModelled(['unspecified']) },
      run: ({ unit, ids, params }) => {
        const customer = owner === 'path' ? ids.customer : params.customer;
        if (customer !== undefined) customerInParam(unit, customer);
        return {
          ...listPage(
            {
              table: unit.store.paymentMethods,
              params,
              url: owner === 'path' ? `/v1/customers/${customer}/payment_methods` : pattern,
              kind: 'payment_method',
              among: customer === undefined ? [] : unit.store.paymentMethodsByCustomer.ids(customer),
              matches: (row) => params.type === undefined || row.type === params.type,
            },
            paymentMethodShape,
          ),
        };
      },
    }),
  ),
];

/**
 * Attaches a stored method, or one made from a test token such as `pm_card_visa`: a token gives a new payment method
 * at each use, as Stripe does.
 */
export function attachPaymentMethod(unit: Unit, methodId: string, customerId: string): PaymentMethodRow {
  const customer = customerInParam(unit, customerId);
  unit.onClockOf(customer);
  const method = testCards[methodId] === undefined ? findPaymentMethod(unit, methodId) : materialize(unit, methodId);
  if (method.customer !== null && method.customer !== customerId) {
    throw invalidRequest('The payment method you provided has already been attached to a customer.', 'payment_method');
  }
  refuseDetached(method);
  const { attach } = method.sim;
  if (attach !== 'ok') {
    throw declined(attach.declineCode, attach.code);
  }
  const attached: PaymentMethodRow = { ...method, customer: customerId };
  unit.store.paymentMethods.put(attached);
  unit.emit('payment_method.attached', { ...paymentMethodShape(attached) });
  return attached;
}

/** The payment method to pay an invoice with. It must be the customer's; a test token gives a new one, attached to them. */
export function paymentMethodInParam(unit: Unit, methodId: string | undefined, customerId: string): string | undefined {
  if (methodId === undefined) return undefined;
  if (testCards[methodId] !== undefined) return attachPaymentMethod(unit, methodId, customerId).id;
  refuseDetached(unit.store.paymentMethods.get(methodId));
  checkOwnPaymentMethod(unit, customerId, methodId, 'payment_method');
  return methodId;
}

function refuseDetached(method: PaymentMethodRow | undefined): void {
  if (method?.sim.detached !== true) return;
  throw invalidRequest(
    'This PaymentMethod was previously used without being attached to a Customer or was detached from a Customer, and may not be used again.',
    'payment_method',
  );
}

/** What is detached is no default any more, of the customer or of a subscription. */
function forgetDefault(unit: Unit, methodId: string, customerId: string): void {
  const customer = unit.store.customers.get(customerId);
  if (customer === undefined) return;
  unit.onClockOf(customer);
  if (customer.defaultPaymentMethod === methodId) {
    unit.store.customers.put({ ...customer, defaultPaymentMethod: null });
  }
  for (const id of unit.store.subscriptionsByCustomer.ids(customerId)) {
    if (unit.store.subscriptions.need(id).extras?.defaultPaymentMethod !== methodId) continue;
    changeRow(unit, id, (row) => ({ ...row, extras: { ...row.extras, defaultPaymentMethod: null } }));
  }
}

function findPaymentMethod(unit: Unit, methodId: string): PaymentMethodRow {
  const method = unit.store.paymentMethods.get(methodId);
  if (method === undefined) throw noSuch('PaymentMethod', methodId, { path: true, param: 'payment_method' });
  return method;
}

function materialize(unit: Unit, testId: string): PaymentMethodRow {
  const card = testCards[testId];
  if (card === undefined) throw noSuch('PaymentMethod', testId, { path: true, param: 'payment_method' });
  return newCard({ id: unit.newId('pm'), now: unit.now, fingerprint: unit.world.ids.characters(16), card });
}
