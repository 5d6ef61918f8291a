import { z } from 'zod';
import { auth } from '#server/auth.ts';
import { checked } from '#server/door.ts';
import { elsewhere } from '#server/handlers.ts';
import { limitedText } from '#server/limited-body.ts';
import { logger } from '#server/logger.ts';
import { crossSite, problemResponse, Refused } from '#server/problem.ts';
import { isSameOrigin } from '#server/same-origin.ts';
import { displayName } from './bodies.ts';
import { rememberBrowser } from './known-browser.ts';
import { countTry } from './tries.ts';

/**
 * The doors of Better Auth that are open. Its other ones are not, and those of later versions are not either: what changes
 * members or invitations has to change seats in the same commit, and is under `features/members` and `invitations`.
 */
const open: ReadonlySet<string> = new Set([
  'POST /sign-up/email',
  'POST /sign-in/email',
  'POST /sign-in/magic-link',
  'GET /magic-link/verify',
  'POST /send-verification-email',
  'GET /verify-email',
  'POST /sign-out',
  'POST /dev/sign-in',
]);

/** Those that take a new person's name from the body. */
const naming: ReadonlySet<string> = new Set(['/sign-up/email', '/sign-in/magic-link']);

export async function authDoor(request: Request): Promise<Response> {
  const path = new URL(request.url).pathname.replace(/^\/api\/auth/, '');
  if (!open.has(`${request.method} ${path}`)) return elsewhere.GET(request);
  try {
    if (!isSameOrigin(request)) throw crossSite();
    // Better Auth reads a body whole, so it gets one that is known to be small.
    const sent = request.body === null ? null : await limitedText(request);
    if (sent !== null && sent !== '' && !isJson(request)) throw onlyJson();
    const text = sent !== null && naming.has(path) ? withCheckedName(sent) : sent;
    const takeBack = await countTry(request, path, namedEmail(text ?? ''));
    const { handler } = await auth();
    if (path === '/verify-email' && !(await isOwnConfirmation(request))) return signInFirst(request);
    const answer = await handler(text === null ? request : withBody(request, text));
    await afterwards(async () => {
      await takeBack(answer);
      await rememberBrowser(answer);
    });
    return answer;
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

/**
 * Whether the address is confirmed by the one who is signed in to its account. Without that, somebody could make an
 * account under another person's address with a password of their own, and that person's click would make it count.
 * The token is read here and not believed: Better Auth checks its signature afterwards.
 */
async function isOwnConfirmation(request: Request): Promise<boolean> {
  const { api } = await auth();
  const session = await api.getSession({ headers: request.headers });
  if (session === null) return false;
  const payload = new URL(request.url).searchParams.get('token')?.split('.')[1] ?? '';
  const claims = withUser.safeParse(readJson(Buffer.from(payload, 'base64url').toString()));
  return claims.success && claims.data.userId === session.user.id;
}

/** To the sign-in page, and from there back to the link. */
function signInFirst(request: Request): Response {
  const { pathname, search } = new URL(request.url);
  const location = `/sign-in?confirm=address&next=${encodeURIComponent(`${pathname}${search}`)}`;
  return new Response(null, { status: 303, headers: { location, 'cache-control': 'no-store' } });
}

/** The answer stands already; what was to be noted beside it is not worth losing it for. */
async function afterwards(note: () => Promise<void>): Promise<void> {
  try {
    await note();
  } catch (error) {
    logger.warn({ err: error }, 'After signing in, a count could not be taken back or a browser not remembered.');
  }
}

/** The address that a body names, as it is counted: in lower case, as accounts have it. */
function namedEmail(text: string): string | null {
  const body = withEmail.safeParse(readJson(text));
  return body.success ? body.data.email.toLowerCase() : null;
}

/**
 * Better Auth takes any text for a name, and others read it in lists and mails. A body without one is left as it is.
 * @throws Refused 422
 */
function withCheckedName(text: string): string {
  const body = readJson(text);
  if (typeof body !== 'object' || body === null || !('name' in body)) return text;
  return JSON.stringify({ ...body, ...checked(body, withName, 'body') });
}

const withName = z.object({ name: displayName });
const withEmail = z.object({ email: z.string().max(320) });
const withUser = z.object({ userId: z.string() });

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // What cannot be read names nobody; what is wrong with it, Better Auth says itself.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/**
 * Better Auth reads forms as well. Guesses are counted by the account that a body names, so what is counted and what is
 * carried out has to be read in one way.
 */
function isJson(request: Request): boolean {
  const [type = ''] = (request.headers.get('content-type') ?? '').split(';');
  return type.trim().toLowerCase() === 'application/json';
}

function onlyJson(): Refused {
  return new Refused({
    status: 415,
    code: 'unsupported_media_type',
    title: 'Only JSON is taken',
    detail: 'Send the body as JSON, with the header Content-Type: application/json. Nothing was changed.',
  });
}

function withBody({ url, method, headers }: Request, body: string): Request {
  return new Request(url, { method, headers, body });
}
