import { isFaultName } from '#lib/faults.ts';
import { isDemoSession } from '#server/demo-session.ts';
import { mendEverything, readFaults, switchFault } from '#server/dev/faults.ts';
import { simulatorUrl } from '#server/environment.ts';
import { isSameOrigin } from '#server/same-origin.ts';

/** The demo's fault switches. Outside the demo, and where Stripe is not the simulator, this address does not exist. */
export async function GET(request: Request): Promise<Response> {
  if (!exists(request)) return new Response(null, { status: 404 });
  return Response.json(await readFaults());
}

export async function POST(request: Request): Promise<Response> {
  if (!exists(request)) return new Response(null, { status: 404 });
  if (!isSameOrigin(request)) return new Response(null, { status: 403 });
  const body: unknown = await request.json().catch((error: unknown) => {
    if (error instanceof SyntaxError) return null;
    throw error;
  });
  if (typeof body !== 'object' || body === null) return new Response(null, { status: 422 });
  if ('mend' in body && body.mend === true) return Response.json(await mendEverything());
  if ('fault' in body && 'on' in body && isFaultName(body.fault) && typeof body.on === 'boolean') {
    return Response.json(await switchFault(body.fault, body.on));
  }
  return new Response(null, { status: 422 });
}

function exists(request: Request): boolean {
  return simulatorUrl() !== null && isDemoSession(request.headers.get('host'));
}
