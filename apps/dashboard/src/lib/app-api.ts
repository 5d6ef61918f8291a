import type { PreviewBody } from 'seatbelt/http';
import { jsonOf, problemOf, read, request, writeTimeoutMs } from './api.ts';

/** Reads one of the app's own addresses. @throws Problem, Unreachable */
export const readJson: typeof read = read;

/** Sends something to one of the app's own addresses, once. @throws Problem, Unreachable: then nobody knows whether it arrived */
export async function sendJson<Body>(
  organization: string | null,
  method: 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Body> {
  const response = await request(organization, path, {
    method,
    headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(writeTimeoutMs),
  });
  const answer = await jsonOf(response);
  if (!response.ok) throw problemOf(response, answer);
  return answer as Body;
}

/** What that number of seats would cost, from Stripe itself. */
export function readPreview(organization: string, seats: number): Promise<PreviewBody> {
  return sendJson(organization, 'POST', '/api/billing/seats/preview', { seats });
}
