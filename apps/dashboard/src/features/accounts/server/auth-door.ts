import { z } from 'zod';
import { countAttempt, signInByAddress, signInByEmail } from '#server/attempts.ts';
import { auth } from '#server/auth.ts';
import { logger } from '#server/logger.ts';
import { crossSite, problemResponse, Refused } from '#server/problem.ts';
import { isSameOrigin } from '#server/same-origin.ts';

/**
 * The doors of Better Auth that are open. Its other ones are not, and those of later versions are not either: what changes
 * members or invitations has to change seats in the same commit, and is under `features/members` and `invitations`.
 */
const open: ReadonlySet<string> = new Set([
  'POST /sign-up/email',
  'POST /sign-in/email',
  'POST /sign-in/magic-link',
  'GET /magic-link/verify',
  'POST /sign-out',
  'POST /dev/sign-in',
]);

/** Those that prove who somebody is, and can be guessed at. */
const guarded: ReadonlySet<string> = new Set(['/sign-up/email', '/sign-in/email', '/sign-in/magic-link']);

export async function authDoor(request: Request): Promise<Response> {
  const path = new URL(request.url).pathname.replace(/^\/api\/auth/, '');
  if (!open.has(`${request.method} ${path}`)) return new Response(null, { status: 404 });
  try {
    if (!isSameOrigin(request)) throw crossSite();
    if (guarded.has(path)) await countTry(request);
    const { handler } = await auth();
    return await handler(request);
  } catch (error) {
    if (error instanceof Refused) return problemResponse(error.facts);
    logger.error({ err: error, path }, 'Signing in failed.');
    return problemResponse({
      status: 503,
      code: 'database_unavailable',
      title: 'Not now',
      detail: 'Accounts cannot be read at the moment. Nothing was changed. Try again.',
      retryAfter: 5,
    });
  }
}

/** By account, and by the address that the server in front saw. An invented address escapes only the second count. */
async function countTry(request: Request): Promise<void> {
  const address = request.headers.get('x-forwarded-for')?.split(',').at(-1)?.trim() ?? 'unknown';
  await countAttempt(signInByAddress, address);
  const body = withEmail.safeParse(await jsonOf(request.clone()));
  if (body.success) await countAttempt(signInByEmail, body.data.email.toLowerCase());
}

const withEmail = z.object({ email: z.string().max(320) });

async function jsonOf(request: Request): Promise<unknown> {
  try {
    return await request.json();
  } catch (error) {
    // Better Auth says itself what is wrong with a body that is no JSON.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
