import { withoutSecrets } from '../alerts/without-secrets.ts';
import type { Answer, LookResult, OpenPush, StripeLink } from '../core/types.ts';
import { type Exchange, isObject } from './exchange.ts';
import { observationOf, readSubscription, type SubscriptionFacts } from './read-subscription.ts';
import { textOf } from './text.ts';

/** An error as Stripe words it. */
export interface StripeErrorFacts {
  readonly type: string | null;
  readonly code: string | null;
  readonly declineCode: string | null;
  readonly message: string;
}

/**
 * What an exchange says about a push. What it proves is weighed elsewhere (core/evidence.ts); here nothing is read into
 * an answer that it does not say, and only Stripe's own words count: a refusal without an `error` object is a page of
 * some proxy, and is handed on as "not the object that was asked for".
 */
export function readAnswer(push: OpenPush, exchange: Exchange): Answer {
  if (exchange.kind === 'no_answer') return exchange;
  const { status, headers } = exchange;
  const replayed = headers['idempotent-replayed'] === 'true';
  const requestId = headers['request-id'] ?? null;
  const error = readError(exchange.body);
  if (status >= 500 || (status >= 300 && error !== null)) {
    return {
      kind: 'error',
      status,
      type: error?.type ?? null,
      code: error?.code ?? null,
      declineCode: error?.declineCode ?? null,
      message: error?.message ?? `Stripe answered ${status} without an explanation.`,
      replayed,
      rateLimitedReason: headers['stripe-rate-limited-reason'] ?? null,
      requestId,
    };
  }
  const subscription = status >= 200 && status < 300 ? readSubscription(exchange.body) : null;
  // By id and never by position: a subscription may have other items, and Stripe does not promise their order.
  const item = subscription?.items.find((candidate) => candidate.id === push.link.item) ?? null;
  const expectedObject =
    subscription !== null &&
    subscription.id === push.link.subscription &&
    subscription.customer === push.link.customer &&
    item !== null &&
    item.quantity !== null;
  return {
    kind: 'success',
    expectedObject,
    quantity: expectedObject ? item.quantity : null,
    pendingUpdate: expectedObject ? ourPendingUpdate(push, subscription) : null,
    replayed,
    observation: expectedObject ? observationOf(subscription, push.link.item) : null,
    requestId,
  };
}

/**
 * A pending update is ours if this request asked for one, because such a request replaces any earlier one
 * (https://docs.stripe.com/billing/subscriptions/pending-updates), unless it names another quantity for our item.
 */
function ourPendingUpdate(push: OpenPush, subscription: SubscriptionFacts): PendingPayment | null {
  const { pendingUpdate, latestInvoice } = subscription;
  if (pendingUpdate === null) return null;
  if (new URLSearchParams(push.request.body).get('payment_behavior') !== 'pending_if_incomplete') return null;
  const named = pendingUpdate.items.find((item) => item.id === push.link.item)?.quantity ?? push.target.quantity;
  if (named !== push.target.quantity) return null;
  return {
    invoice: latestInvoice?.id ?? null,
    url: latestInvoice?.url ?? null,
    expiresAt: pendingUpdate.expiresAt,
  };
}

type PendingPayment = NonNullable<Extract<Answer, { kind: 'success' }>['pendingUpdate']>;

/** What reading the subscription showed about one link. */
export function readLook(link: StripeLink, exchange: Exchange): LookResult {
  if (exchange.kind === 'no_answer') return { kind: 'failed', message: exchange.message };
  const { status, body } = exchange;
  const requestId = exchange.headers['request-id'] ?? null;
  const subscription = status === 200 ? readSubscription(body) : null;
  if (subscription !== null && subscription.id === link.subscription) {
    return { kind: 'seen', observation: observationOf(subscription, link.item), requestId };
  }
  const error = readError(body);
  if (isMissing(status, error)) return { kind: 'gone', requestId };
  const message = describe(status, error);
  return status === 429 && error?.code !== 'lock_timeout'
    ? { kind: 'failed', message, tooManyRequests: true }
    : { kind: 'failed', message };
}

/**
 * Whether Stripe says that the object does not exist. With a key of the other mode it says so of objects that do exist
 * ("a similar object exists in live mode, but a test mode key was used"): that is about our key, not about the object.
 */
export function isMissing(status: number, error: StripeErrorFacts | null): boolean {
  return status === 404 && error !== null && !error.message.includes('a similar object exists in');
}

export function describe(status: number, error: StripeErrorFacts | null): string {
  return error === null
    ? `Stripe answered ${status} with something that was not asked for.`
    : `Stripe answered ${status}: ${error.message}`;
}

/** The error object of an answer, or null where there is none. */
export function readError(body: unknown): StripeErrorFacts | null {
  if (!isObject(body) || !isObject(body.error)) return null;
  const { type, code, decline_code: declineCode, message } = body.error;
  return {
    type: textOf(type),
    code: textOf(code),
    declineCode: textOf(declineCode),
    // Stripe masks keys in its own words; others in between may not.
    message: withoutSecrets(textOf(message) ?? 'Stripe gave no message.'),
  };
}
