import type { ProblemBody } from 'seatbelt/http';
import { authorize } from '#server/authorize.ts';
import { logger } from '#server/logger.ts';
import { notSignedIn, problemResponse } from '#server/problem.ts';
import { readStripeSide } from '#server/stripe-side.ts';

/** What Stripe shows for the caller's organization right now. For the screens; the contract does not include it. */
export async function GET(request: Request): Promise<Response> {
  try {
    const caller = await authorize(request);
    if (caller === null) return problemResponse(notSignedIn().facts);
    if (caller instanceof Response) return caller;
    return Response.json(await readStripeSide(caller.organization), { headers: { 'cache-control': 'no-store' } });
  } catch (error) {
    logger.warn({ err: error }, "What Stripe shows could not be read, because the organization's link could not.");
    return Response.json(notReadable, { status: notReadable.status });
  }
}

const notReadable: ProblemBody = {
  type: 'urn:seatbelt:problem:database_unavailable',
  title: 'The database could not be read',
  status: 503,
  detail: 'Where this organization is billed could not be read just now. Try again.',
  code: 'database_unavailable',
};
