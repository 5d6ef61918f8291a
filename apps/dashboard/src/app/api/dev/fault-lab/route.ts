import { labStories } from '#features/fault-lab/contract.ts';
import { labExists, readLab, startStory, stopStory } from '#features/fault-lab/server/lab.ts';
import { crossSite, problemResponse, Refused } from '#server/problem.ts';
import { isSameOrigin } from '#server/same-origin.ts';

/** The fault lab. Outside the demo, and where Stripe is not the simulator, this address does not exist. */
export function GET(request: Request): Response {
  if (!labExists(request.headers.get('host'))) return new Response(null, { status: 404 });
  return Response.json(readLab(), { headers: { 'cache-control': 'no-store' } });
}

/** Starts a story: `{ "story": "side-by-side" }`. */
export async function POST(request: Request): Promise<Response> {
  if (!labExists(request.headers.get('host'))) return new Response(null, { status: 404 });
  if (!isSameOrigin(request)) return problemResponse(crossSite().facts);
  const body: unknown = await request.json().catch((error: unknown) => {
    if (error instanceof SyntaxError) return null;
    throw error;
  });
  const wanted = typeof body === 'object' && body !== null && 'story' in body ? body.story : null;
  const story = labStories.find(({ id }) => id === wanted);
  if (story === undefined) return new Response(null, { status: 422 });
  try {
    return Response.json({ run: startStory(story.id) });
  } catch (error) {
    if (error instanceof Refused) return problemResponse(error.facts);
    throw error;
  }
}

/** Stops the story that is being told. */
export function DELETE(request: Request): Response {
  if (!labExists(request.headers.get('host'))) return new Response(null, { status: 404 });
  if (!isSameOrigin(request)) return problemResponse(crossSite().facts);
  return Response.json(stopStory());
}
