import type { CardBehavior } from '../state/rows.ts';

export interface TestCard {
  brand: string;
  last4: string;
  /** Of issue; default US. */
  country?: string;
  behavior: CardBehavior;
}

const fine: CardBehavior = { attach: 'ok', charge: 'ok', authenticated: false };

function declined(declineCode: string, code = 'card_declined'): CardBehavior {
  return { ...fine, charge: { declineCode, code } };
}

function refusedAtAttach(declineCode: string, code = 'card_declined'): CardBehavior {
  return { attach: { declineCode, code }, charge: { declineCode, code }, authenticated: false };
}

/**
 * Stripe's test payment methods that matter for seat billing (https://docs.stripe.com/testing). Declining ones are
 * refused when attached, because attaching checks the card; `chargeCustomerFail` passes that check and fails later.
 */
export const testCards: Record<string, TestCard> = {
  pm_card_visa: { brand: 'visa', last4: '4242', behavior: fine },
  pm_card_visa_debit: { brand: 'visa', last4: '5556', behavior: fine },
  pm_card_mastercard: { brand: 'mastercard', last4: '4444', behavior: fine },
  pm_card_amex: { brand: 'amex', last4: '0005', behavior: fine },
  pm_card_discover: { brand: 'discover', last4: '9424', behavior: fine },
  pm_card_us: { brand: 'visa', last4: '4242', behavior: fine },
  pm_card_chargeCustomerFail: { brand: 'visa', last4: '0341', behavior: declined('generic_decline') },
  pm_card_chargeDeclined: { brand: 'visa', last4: '0002', behavior: refusedAtAttach('generic_decline') },
  pm_card_visa_chargeDeclined: { brand: 'visa', last4: '0002', behavior: refusedAtAttach('generic_decline') },
  pm_card_visa_chargeDeclinedInsufficientFunds: {
    brand: 'visa',
    last4: '9995',
    behavior: refusedAtAttach('insufficient_funds'),
  },
  pm_card_chargeDeclinedInsufficientFunds: {
    brand: 'visa',
    last4: '9995',
    behavior: refusedAtAttach('insufficient_funds'),
  },
  pm_card_chargeDeclinedExpiredCard: {
    brand: 'visa',
    last4: '0069',
    behavior: refusedAtAttach('expired_card', 'expired_card'),
  },
  pm_card_chargeDeclinedIncorrectCvc: {
    brand: 'visa',
    last4: '0127',
    behavior: refusedAtAttach('incorrect_cvc', 'incorrect_cvc'),
  },
  pm_card_authenticationRequired: {
    brand: 'visa',
    last4: '3184',
    country: 'DE',
    behavior: { attach: 'ok', charge: 'requires_action', authenticated: false },
  },
  pm_card_threeDSecure2Required: {
    brand: 'visa',
    last4: '3220',
    behavior: { attach: 'ok', charge: 'requires_action', authenticated: false },
  },
  pm_card_authenticationRequiredOnSetup: { brand: 'visa', last4: '3155', behavior: fine },
};

const messages: Record<string, string> = {
  card_declined: 'Your card was declined.',
  insufficient_funds: 'Your card has insufficient funds.',
  expired_card: 'Your card has expired.',
  incorrect_cvc: "Your card's security code is incorrect.",
};

/** The sentence Stripe gives for a decline. */
export function declineMessage(code: string, declineCode: string): string {
  return messages[declineCode] ?? messages[code] ?? 'Your card was declined.';
}
