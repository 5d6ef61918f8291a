/** Stripe as one pure step: a request arrives and an answer leaves. Keys are stored with their answers, for a day. */
import { idempotencyKey } from '../../../packages/engine/src/core/stripe-request.ts';
import type { Answer, LookResult, OpenPush } from '../../../packages/engine/src/core/types.ts';
import { type Stripe, shown, type Trouble } from './world.ts';

const keyMemoryMs = 24 * 3_600_000;

export function arrive(
  stripe: Stripe,
  push: OpenPush,
  world: {
    readonly now: number;
    readonly cardLimit: number;
    readonly trouble: Trouble | null;
    /** The payment of an increase does not come at once, where the request says what to do then. */
    readonly unpaid?: boolean;
  },
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
  const done = execute(stripe, push, world);
  const keys = new Map(stripe.keys).set(key, { body, answer: done.answer, at: now });
  return { stripe: { ...done.stripe, keys }, answer: done.answer };
}

function execute(
  stripe: Stripe,
  push: OpenPush,
  { now, cardLimit, trouble, unpaid = false }: Parameters<typeof arrive>[2],
): { stripe: Stripe; answer: Answer } {
  if (trouble === 'error_stored_undone') return { stripe, answer: refusal(500, 'api_error') };
  const parameters = new URLSearchParams(push.request.body);
  const wanted = Number(parameters.get('items[0][quantity]'));
  const behavior = parameters.get('payment_behavior');
  if (behavior === 'error_if_incomplete' && wanted > stripe.quantity && wanted > cardLimit) {
    return { stripe, answer: { ...refusal(402, 'card_error'), code: 'card_declined' } };
  }
  // Whatever is asked for now takes the place of what waits for its payment.
  const alone = withoutPending(stripe);
  if (unpaid && behavior === 'pending_if_incomplete' && wanted > stripe.quantity) {
    const invoice = `in_${push.id}`;
    const pending = { push: push.id, to: wanted, invoice };
    const waiting = { ...alone, pending, invoices: new Map(alone.invoices).set(invoice, 'open' as const) };
    return { stripe: waiting, answer: success(waiting, now, { invoice, url: null, expiresAt: null }) };
  }
  const written = { ...alone, quantity: wanted, lastWriter: push.id };
  return { stripe: written, answer: success(written, now, null) };
}

function success(
  stripe: Stripe,
  now: number,
  pendingUpdate: Extract<Answer, { kind: 'success' }>['pendingUpdate'],
): Answer {
  const { quantity, pending, period } = stripe;
  return {
    kind: 'success',
    expectedObject: true,
    quantity,
    pendingUpdate,
    replayed: false,
    observation: shown(quantity, pending, period, now),
    requestId: null,
  };
}

/** @param invoice the one whose payment is waited for. */
export function read({ quantity, pending, period, invoices }: Stripe, now: number, invoice: string | null): LookResult {
  const seen = { kind: 'seen', observation: shown(quantity, pending, period, now), requestId: null } as const;
  const status = invoice === null ? undefined : invoices.get(invoice);
  return invoice === null || status === undefined ? seen : { ...seen, invoice: { id: invoice, status, url: null } };
}

/** The customer pays, and the quantity is changed with it. */
export function pay(stripe: Stripe, pending: NonNullable<Stripe['pending']>): Stripe {
  const invoices = new Map(stripe.invoices).set(pending.invoice, 'paid' as const);
  return { ...stripe, quantity: pending.to, lastWriter: pending.push, pending: null, invoices };
}

/** Only an open invoice can be voided; what waits for its payment goes with it. */
export function voidInvoice(stripe: Stripe, invoice: string): { stripe: Stripe; refused: boolean } {
  if (stripe.invoices.get(invoice) !== 'open') return { stripe, refused: true };
  const invoices = new Map(stripe.invoices).set(invoice, 'void' as const);
  return {
    stripe: { ...stripe, pending: stripe.pending?.invoice === invoice ? null : stripe.pending, invoices },
    refused: false,
  };
}

export function withoutPending(stripe: Stripe): Stripe {
  return stripe.pending === null ? stripe : voidInvoice(stripe, stripe.pending.invoice).stripe;
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
