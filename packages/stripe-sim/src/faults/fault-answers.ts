import { declineMessage } from '../cards/test-cards.ts';
import { badKey } from '../http/auth.ts';
import { StripeFailure } from '../http/errors.ts';
import { keyInUse } from '../http/keys.ts';
import type { FaultRule } from './rules.ts';

/** The text recorded for a payment that needs 3-D Secure while the payment behavior keeps nothing. */
export const requiresActionMessage =
  "Payment for this subscription requires additional user action, but the requested payment behavior doesn't save the " +
  'invoice or PaymentIntent. Retry the request with `payment_behavior=allow_incomplete` or ' +
  "`payment_behavior=default_incomplete`, then complete the PaymentIntent on the subscription's latest invoice.";

/** Stripe's answer to a request that meets a lock for too long. Nothing was done. */
export function lockTimeout(): StripeFailure {
  return new StripeFailure(
    429,
    {
      type: 'invalid_request_error',
      code: 'lock_timeout',
      message:
        'This object cannot be accessed right now because another API request or Stripe process is currently accessing ' +
        'it. If you see this error intermittently, retry the request. If you see this error frequently and are making ' +
        'multiple concurrent requests to a single object, make your requests serially or at a lower rate.',
    },
    { headers: { 'Stripe-Should-Retry': 'true' } },
  );
}

/** Stripe's answer when too much is asked in too short a time. It comes before the idempotency layer. */
export function rateLimited(reason: string): StripeFailure {
  return new StripeFailure(
    429,
    {
      type: 'invalid_request_error',
      code: 'rate_limit',
      message: 'Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.',
    },
    { headers: { 'Stripe-Rate-Limited-Reason': reason } },
  );
}

export function serverError(): StripeFailure {
  return new StripeFailure(500, {
    type: 'api_error',
    message: 'An unknown error occurred. If the problem persists, contact support: https://support.stripe.com/.',
  });
}

/** The answer a rule gives in the place of the real one, if its kind is an error answer. */
export function failureOf(rule: FaultRule, key: string | null): StripeFailure | null {
  const failure = plainFailureOf(rule, key);
  if (failure === null || rule.shouldRetryHeader === undefined) return failure;
  return new StripeFailure(failure.status, failure.error, {
    stored: failure.stored,
    headers: { ...failure.headers, 'Stripe-Should-Retry': String(rule.shouldRetryHeader) },
  });
}

function plainFailureOf(rule: FaultRule, key: string | null): StripeFailure | null {
  switch (rule.kind) {
    case 'error_500_before':
    case 'error_500_after':
      return serverError();
    case 'rate_limit_429':
      return rateLimited('global-rate');
    case 'lock_timeout_429':
      return lockTimeout();
    case 'conflict_409':
      return keyInUse(key ?? '');
    case 'card_decline_402':
      return declined(rule.declineCode ?? 'generic_decline');
    case 'requires_action_402':
      return new StripeFailure(
        402,
        {
          type: 'card_error',
          code: 'subscription_payment_intent_requires_action',
          message: requiresActionMessage,
        },
        { stored: true },
      );
    case 'invalid_request_400':
      return new StripeFailure(400, { type: 'invalid_request_error', message: 'Invalid request (fault on command).' });
    case 'not_found_404':
      return new StripeFailure(404, {
        type: 'invalid_request_error',
        code: 'resource_missing',
        message: 'No such object (fault on command).',
        param: 'id',
      });
    case 'unauthorized_401':
      return badKey('sk_test_on_command');
    case 'forbidden_403':
      return new StripeFailure(403, {
        type: 'invalid_request_error',
        message: 'The provided key does not have the required permissions for this endpoint.',
      });
    default:
      return null;
  }
}

/** A plain decline, with the fields that recorded answers have. */
export function declined(declineCode: string, code = 'card_declined'): StripeFailure {
  return new StripeFailure(
    402,
    {
      type: 'card_error',
      code,
      decline_code: declineCode,
      advice_code: 'try_again_later',
      network_decline_code: '01',
      message: declineMessage(code, declineCode),
      param: '',
    },
    { stored: true },
  );
}
