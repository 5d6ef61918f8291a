import { eventJson } from '../shapes/event.ts';
import type { EventRow, Spoiled } from '../state/log-rows.ts';
import type { WebhookEndpointRow } from '../state/rows.ts';
import { signatureHeader } from './signing.ts';

/** An endpoint inside the process. */
export type Receiver = (request: Request) => Promise<Response> | Response;

/** Stripe waits about this long for an endpoint. */
const timeoutMs = 10_000;
const staleApiVersion = '2024-06-20';

/**
 * One attempt. The signature's time is real time and not the virtual clock's: the endpoint compares it with its own
 * clock. A redirect counts as a failure.
 */
export async function sendOnce(attempt: {
  event: EventRow;
  endpoint: WebhookEndpointRow;
  spoiled: Spoiled | null;
  receiver: Receiver | undefined;
  now: number;
  /** Ends the attempt; its outcome is then unknown. */
  stop: AbortSignal;
}): Promise<{ status: number | null; error: string | null }> {
  const { endpoint, receiver } = attempt;
  const payload = payloadOf(attempt.event, attempt.spoiled);
  const timestamp = Math.floor(Date.now() / 1000) - (attempt.spoiled === 'old_timestamp' ? 3_600 : 0);
  const good = endpoint.sim.secrets
    .filter(({ until }) => until === null || until > attempt.now)
    .map(({ secret }) => secret);
  const secrets = attempt.spoiled === 'wrong_secret' ? ['whsec_wrong_on_command'] : good;
  const init = {
    method: 'POST',
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'stripe-signature': signatureHeader(payload, secrets, timestamp),
      'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
    },
    body: payload,
  };
  try {
    const response =
      receiver === undefined
        ? await fetch(endpoint.url, {
            ...init,
            redirect: 'manual',
            signal: AbortSignal.any([attempt.stop, AbortSignal.timeout(timeoutMs)]),
          })
        : await receiver(new Request('http://in-process.invalid/webhook', { ...init, signal: attempt.stop }));
    // The body is not used, but an unread one would keep its connection.
    await response.arrayBuffer();
    return { status: response.status, error: null };
  } catch (failure) {
    return { status: null, error: failure instanceof Error ? failure.message : String(failure) };
  }
}

function payloadOf(event: EventRow, spoiled: Spoiled | null): string {
  if (spoiled === 'old_api_version') return eventJson({ ...event, apiVersion: staleApiVersion });
  if (spoiled === 'stale_object' && event.previous !== null) {
    const before = { ...JSON.parse(event.object), ...JSON.parse(event.previous) };
    return eventJson({ ...event, object: JSON.stringify(before), previous: null });
  }
  return eventJson(event);
}
