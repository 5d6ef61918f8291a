import { authorize } from '#server/authorize.ts';
import { readStripeSide } from '#server/stripe-side.ts';

/** What Stripe shows for the caller's organization right now. For the screens; the contract does not include it. */
export async function GET(request: Request): Promise<Response> {
  const caller = await authorize(request);
  if (caller === null) return new Response(null, { status: 401 });
  if (caller instanceof Response) return caller;
  return Response.json(await readStripeSide(caller.organization), { headers: { 'cache-control': 'no-store' } });
}
