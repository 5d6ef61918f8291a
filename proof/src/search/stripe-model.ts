/** Stripe as one pure step: a request arrives and an answer leaves. Keys are stored with their answers, for a day. */
import { idempotencyKey } from '../../../packages/engine/src/core/stripe-request.ts';
import type { Answer, LookResult, OpenPush } from '../../../packages/engine/src/core/types.ts';
import { observation } from '../observation.ts';
import type { Stripe, Trouble } from './world.ts';

const keyMemoryMs = 24 * 3_600_000;

export function arrive(
  stripe: Stripe,
  push: OpenPush,
  world: { readonly now: number; readonly cardLimit: number; readonly trouble: Trouble | null },
): { stripe: Stripe; answer: Answer } {
  const key = idempotencyKey(push);
  const { body } = push.request;
  const { trouble, now } = world;
  if (trouble === 'unauthorized') return { stripe, answer: refusal(401, 'invalid_request_error') };
  if (trouble === 'rate_limited') return { stripe, answer: refusal(429, 'rate_limit') };
  const stored = stripe.keys.get(key);
  if (stored && now - stored.at < keyMemoryMs) {
    if (stored.body !== body) return { stripe, answer: refusal(400, 'idempotency_error') };
    const { answer } = stored;
    return { stripe, answer: answer.kind === 'no_answer' ? answer : { ...answer, replayed: true } };
  }
  if (trouble === 'invalid') return { stripe, answer: refusal(400, 'invalid_request_error') };
  if (trouble === 'error_before') return { stripe, answer: refusal(500, 'api_error') };
  const done = execute(stripe, push, world.cardLimit, trouble);
  const keys = new Map(stripe.keys).set(key, { body, answer: done.answer, at: now });
  return { stripe: { ...done.stripe, keys }, answer: done.answer };
}

function execute(
  stripe: Stripe,
  push: OpenPush,
  cardLimit: number,
  trouble: Trouble | null,
): { stripe: Stripe; answer: Answer } {
  if (trouble === 'error_stored_undone') return { stripe, answer: refusal(500, 'api_error') };
  const parameters = new URLSearchParams(push.request.body);
  const wanted = Number(parameters.get('items[0][quantity]'));
  const strict = parameters.get('payment_behavior') === 'error_if_incomplete';
  if (strict && wanted > stripe.quantity && wanted > cardLimit) {
    return { stripe, answer: { ...refusal(402, 'card_error'), code: 'card_declined' } };
  }
  return {
    stripe: { ...stripe, quantity: wanted, lastWriter: push.id },
    answer: {
      kind: 'success',
      expectedObject: true,
      quantity: wanted,
      pendingUpdate: null,
      replayed: false,
      observation: observation(wanted),
      requestId: null,
    },
  };
}

export function read(stripe: Stripe): LookResult {
  return {
    kind: 'seen',
    observation: observation(stripe.quantity),
    requestId: null,
  };
}

function refusal(status: number, type: string): Extract<Answer, { kind: 'error' }> {
  return {
    kind: 'error',
    status,
    type,
    code: null,
    declineCode: null,
    message: `Stripe answered ${status}.`,
    replayed: false,
    rateLimitedReason: null,
    requestId: null,
  };
}
