import { quantityRequest } from '../../core/stripe-request.ts';
import type { BillingBehavior, OpenPush } from '../../core/types.ts';

export const link = { customer: 'cus_1', subscription: 'sub_1', item: 'si_1' };

/** A push from 10 to 12 seats, intended and not yet sent. */
export function aPush(paymentBehavior: BillingBehavior['paymentBehavior'] = 'allow_incomplete'): OpenPush {
  return {
    id: '0197c8a0-0000-7000-8000-000000000001',
    state: 'intended',
    origin: 'changes',
    generation: 1,
    link,
    request: quantityRequest(link, 12, { prorationBehavior: 'create_prorations', paymentBehavior }, null),
    from: { seats: 10, quantity: 10 },
    target: { seats: 12, quantity: 12 },
    changes: [],
    intendedAt: 0,
    keySince: 0,
    attempt: 1,
    unproven: 1,
    answered: 0,
    lastSentAt: 0,
    tries: 0,
    serverErrors: 0,
    firstServerErrorAt: null,
    next: 'replay',
    lookFor: null,
    nextAt: 0,
    doubt: null,
    payment: null,
    requestId: null,
  };
}

/** A subscription as Stripe answers it, with another item first, so that reading by position would be wrong. */
export function aSubscription(quantity: number, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: 'sub_1',
    object: 'subscription',
    status: 'active',
    currency: 'usd',
    livemode: false,
    customer: 'cus_1',
    pending_update: null,
    latest_invoice: 'in_1',
    items: { object: 'list', has_more: false, data: [anItem('si_other', 1), anItem('si_1', quantity)] },
    ...more,
  };
}

export function anItem(id: string, quantity: number): Record<string, unknown> {
  return {
    id,
    object: 'subscription_item',
    quantity,
    current_period_start: 1_790_000_000,
    current_period_end: 1_792_592_000,
    price: { id: 'price_1', object: 'price', product: 'prod_1', unit_amount: 1_500, currency: 'usd' },
  };
}
