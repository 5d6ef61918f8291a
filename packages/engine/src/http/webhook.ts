import type Stripe from 'stripe';
import type { ReceivedEventReport } from '../seatbelt/options.ts';
import { openDoor } from './door.ts';
import { httpLimits } from './limits.ts';
import { jsonResponse, Problem } from './problem.ts';
import { readBytes } from './read-body.ts';
import type { DoorContext, Handler } from './served.ts';

/**
 * /api/webhooks/stripe: verify, note, answer. An event is a reason to look, so nothing else happens in its request.
 * 200 is said only after the note is committed; whatever goes wrong before that makes Stripe deliver again.
 */
export function webhookRoutes(
  context: Pick<DoorContext, 'seatbelt' | 'logger'>,
  stripe: Stripe,
  secrets: readonly string[],
): { POST: Handler } {
  const usable = secrets.filter((secret) => secret.trim() !== '');
  return {
    POST: openDoor(context, 'read', async (request) => {
      if (usable.length === 0) throw notConfigured();
      const bytes = await readBytes(request, httpLimits.webhookBytes);
      const event = await verified(stripe, bytes, request.headers.get('stripe-signature') ?? '', usable);
      if (event === null) {
        // Nothing of the request goes to the log: whoever sent it wrote it.
        context.logger.warn({ bytes: bytes.byteLength }, 'A webhook without a good signature was turned away.');
        throw badSignature();
      }
      const { seenBefore, ignored } = await received(context, event);
      // A 2xx all the same: asking Stripe to deliver it again would not make it ours, and ends with the endpoint disabled.
      if (ignored !== undefined) return jsonResponse(200, { received: false, seenBefore, code: ignored });
      return jsonResponse(200, { received: true, seenBefore });
    }),
  };
}

async function received(
  context: Pick<DoorContext, 'seatbelt' | 'logger'>,
  event: Stripe.Event,
): Promise<Pick<ReceivedEventReport, 'seenBefore' | 'ignored'>> {
  try {
    return await context.seatbelt.receive(event);
  } catch (error) {
    context.logger.error(
      { err: error, event: event.id, type: event.type },
      'A Stripe event could not be noted; Stripe will deliver it again.',
    );
    throw new Problem({
      status: 503,
      code: 'event_not_noted',
      title: 'The event could not be noted',
      detail: 'The event could not be noted just now. Deliver it again.',
    });
  }
}

/** The event, if one of the secrets signed exactly these bytes; several are valid while one is being rolled. */
async function verified(
  stripe: Stripe,
  bytes: Uint8Array,
  signature: string,
  secrets: readonly string[],
): Promise<Stripe.Event | null> {
  // The signature is over the bytes. A byte order mark is one of them and must not be lost in decoding.
  const payload = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  for (const secret of secrets) {
    let signed: unknown;
    try {
      signed = await stripe.webhooks.constructEventAsync(payload, signature, secret);
    } catch (error) {
      if (isSignatureFailure(error)) continue;
      throw notAnEvent();
    }
    if (isEvent(signed)) return signed;
    throw notAnEvent();
  }
  return null;
}

/** The SDK checks who signed, not what: the type it gives the result is only a hope. */
function isEvent(value: unknown): value is Stripe.Event {
  return (
    typeof value === 'object' &&
    value !== null &&
    'object' in value &&
    value.object === 'event' &&
    'id' in value &&
    typeof value.id === 'string' &&
    'type' in value &&
    typeof value.type === 'string' &&
    'data' in value &&
    typeof value.data === 'object' &&
    value.data !== null
  );
}

/** By its name, because the host's Stripe SDK may be another copy than the one our types come from. */
function isSignatureFailure(error: unknown): boolean {
  return (
    typeof error === 'object' && error !== null && 'type' in error && error.type === 'StripeSignatureVerificationError'
  );
}

function notConfigured(): Problem {
  return new Problem({
    status: 503,
    code: 'webhook_not_configured',
    title: 'No webhook secret is set',
    detail:
      'No webhook secret is set here, so no event can be trusted. Set STRIPE_WEBHOOK_SECRET; Stripe delivers again.',
  });
}

function badSignature(): Problem {
  return new Problem({
    status: 400,
    code: 'invalid_signature',
    title: 'The signature is not good',
    detail: 'The header Stripe-Signature is missing, too old, or was not made for this body with our secret.',
  });
}

function notAnEvent(): Problem {
  return new Problem({
    status: 400,
    code: 'not_an_event',
    title: 'Not an event',
    detail: 'The body is signed, but it is not an event that this endpoint can read.',
  });
}
