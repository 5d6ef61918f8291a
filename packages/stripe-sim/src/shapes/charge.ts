import type { ChargeRow, PaymentIntentRow, PaymentMethodRow } from '../state/rows.ts';

/** A charge, made or failed, with the parts that say why. */
export function newCharge(made: {
  id: string;
  now: number;
  intent: PaymentIntentRow;
  method: PaymentMethodRow;
  failure: { code: string; declineCode: string; message: string } | null;
}): ChargeRow {
  const { id, now, intent, method, failure } = made;
  return {
    id,
    object: 'charge',
    amount: intent.amount,
    amount_captured: failure === null ? intent.amount : 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: method.billing_details,
    calculated_statement_descriptor: 'STRIPE-SIM',
    captured: failure === null,
    created: now,
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: failure?.code ?? null,
    failure_message: failure?.message ?? null,
    fraud_details: {},
    livemode: false,
    metadata: {},
    on_behalf_of: null,
    outcome: {
      advice_code: failure === null ? null : 'try_again_later',
      network_advice_code: null,
      network_decline_code: failure === null ? null : '01',
      network_status: failure === null ? 'approved_by_network' : 'declined_by_network',
      reason: failure?.declineCode ?? null,
      risk_level: 'normal',
      seller_message:
        failure === null ? 'Payment complete.' : 'The bank did not return any further details with this decline.',
      type: failure === null ? 'authorized' : 'issuer_declined',
    },
    paid: failure === null,
    payment_intent: intent.id,
    payment_method: method.id,
    payment_method_details: { type: 'card' },
    receipt_email: null,
    receipt_number: null,
    receipt_url: null,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: failure === null ? 'succeeded' : 'failed',
    transfer_data: null,
    transfer_group: null,
  };
}
