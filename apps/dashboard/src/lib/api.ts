import type { ChangeDetailBody, ChangesBody, ProblemBody, SeatChangeBody, SeatsBody } from 'seatbelt/http';
import type { StripeSideBody } from './stripe-side.ts';

/** The server answered with a problem document (RFC 9457). */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly body: ProblemBody;
  constructor(body: ProblemBody) {
    super(body.detail);
    this.body = body;
  }
}

/** No answer that we can read came back. About a write that means: nobody knows whether it arrived. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

/** How long a reading may take before the screen says that the numbers are old. */
const readTimeoutMs = 8_000;
/** A write waits up to 10 s for Stripe on the server; this leaves room for the database around it. */
export const writeTimeoutMs = 30_000;

export function readSeats(organization: string, signal: AbortSignal): Promise<SeatsBody> {
  return read(organization, '/api/billing/seats', signal);
}

export function readStripeSide(organization: string, signal: AbortSignal): Promise<StripeSideBody> {
  return read(organization, '/api/billing/stripe', signal);
}

export function readChanges(
  organization: string,
  { limit }: { limit: number },
  signal: AbortSignal,
): Promise<ChangesBody> {
  return read(organization, `/api/billing/seats/changes?limit=${limit}`, signal);
}

export function readChange(organization: string, id: string, signal: AbortSignal): Promise<ChangeDetailBody> {
  return read(organization, `/api/billing/seats/changes/${encodeURIComponent(id)}`, signal);
}

/** A person's word about an open change. That it was rolled back then is an answer as well, and no error. */
export async function sendAbout(organization: string, change: string, action: string): Promise<SeatChangeBody> {
  const response = await request(organization, `/api/billing/seats/changes/${encodeURIComponent(change)}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ action }),
    signal: AbortSignal.timeout(writeTimeoutMs),
  });
  const body = await jsonOf(response);
  if (isSeatChange(body)) return body;
  throw problemOf(response, body);
}

export async function read<Body>(organization: string | null, path: string, signal: AbortSignal): Promise<Body> {
  const response = await request(organization, path, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(readTimeoutMs)]),
  });
  const body = await jsonOf(response);
  if (!response.ok) throw problemOf(response, body);
  return body as Body;
}

/**
 * The organization of the page goes along as a header that the server checks against the session.
 * A foreign page cannot set it without the server's consent.
 */
export async function request(organization: string | null, path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, {
      ...init,
      cache: 'no-store',
      headers: {
        Accept: 'application/json',
        ...(organization === null ? {} : { 'Seatbelt-Organization': organization }),
        ...init.headers,
      },
    });
  } catch (error) {
    throw new Unreachable('The server did not answer.', { cause: error });
  }
}

export async function jsonOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    throw new Unreachable(`The answer (${response.status}) could not be read.`, { cause: error });
  }
}

export function problemOf(response: Response, body: unknown): Problem | Unreachable {
  if (isProblem(body)) return new Problem(body);
  return new Unreachable(`The server answered ${response.status} without saying why.`);
}

function isSeatChange(body: unknown): body is SeatChangeBody {
  return typeof body === 'object' && body !== null && 'success' in body && 'purchasedSeats' in body;
}

function isProblem(body: unknown): body is ProblemBody {
  return typeof body === 'object' && body !== null && 'code' in body && 'detail' in body;
}
