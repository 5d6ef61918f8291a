import { declined, requiresActionMessage } from '../faults/fault-answers.ts';
import { StripeFailure } from '../http/errors.ts';
import type { Attempt } from './payments.ts';

/** The 400 for a customer without anything to charge (recorded; it has no `param`). Stored under the key. */
export function noPaymentMethod(): StripeFailure {
  return new StripeFailure(
    400,
    {
      type: 'invalid_request_error',
      code: 'resource_missing',
      message:
        'This customer has no attached payment source or default payment method. Please consider adding a default ' +
        'payment method. For more information, visit ' +
        'https://stripe.com/docs/billing/subscriptions/payment-methods-setting#payment-method-priority.',
    },
    { stored: true },
  );
}

/** The answer for an attempt that failed where failing means that nothing is kept. */
export function failureOfAttempt(attempt: Exclude<Attempt, { status: 'paid' }>): StripeFailure {
  switch (attempt.status) {
    case 'declined':
      return declined(attempt.declineCode, attempt.code);
    case 'no_payment_method':
      return noPaymentMethod();
    case 'requires_action':
      return new StripeFailure(
        402,
        {
          type: 'card_error',
          code: 'subscription_payment_intent_requires_action',
          message: requiresActionMessage,
        },
        { stored: true },
      );
  }
}
