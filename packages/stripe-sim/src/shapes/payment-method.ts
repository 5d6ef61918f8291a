import type Stripe from 'stripe';
import type { TestCard } from '../cards/test-cards.ts';
import type { PaymentMethodRow } from '../state/rows.ts';
import type { Wire } from '../wire.ts';

export type WirePaymentMethod = Wire<Stripe.PaymentMethod>;

export function paymentMethodShape({ sim: _, ...wire }: PaymentMethodRow): WirePaymentMethod {
  return wire;
}

/** A card as it is stored the moment it is made from one of Stripe's test tokens. */
export function newCard(made: { id: string; now: number; fingerprint: string; card: TestCard }): PaymentMethodRow {
  const { id, now, card } = made;
  const expiry = new Date((now + 365 * 86_400) * 1000);
  return {
    id,
    object: 'payment_method',
    allow_redisplay: 'unspecified',
    billing_details: {
      address: { city: null, country: null, line1: null, line2: null, postal_code: null, state: null },
      email: null,
      name: null,
      phone: null,
      tax_id: null,
    },
    card: {
      brand: card.brand,
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
      country: card.country ?? 'US',
      display_brand: card.brand,
      exp_month: expiry.getUTCMonth() + 1,
      exp_year: expiry.getUTCFullYear(),
      fingerprint: made.fingerprint,
      funding: 'credit',
      generated_from: null,
      last4: card.last4,
      networks: { available: [card.brand], preferred: null },
      regulated_status: 'unregulated',
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
    created: now,
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: {},
    type: 'card',
    sim: card.behavior,
  };
}
