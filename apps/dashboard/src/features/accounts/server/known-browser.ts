import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { auth } from '#server/auth.ts';
import { isSecure } from '#server/public-url.ts';

const cookieName = 'seatbelt.known_browser';
/** Somebody who comes back once in a season is no stranger. */
const keptSeconds = 180 * 86_400;

/**
 * The browser that somebody has signed in with under this address before, by a name of its own; null: a stranger's, for all
 * that is known. What strangers do counts against strangers only, so that nobody is kept out of an account by others'
 * guesses (OWASP, "Slow Down Online Guessing Attacks with Device Cookies").
 */
export async function knownBrowser(headers: Headers, email: string): Promise<string | null> {
  const [, name = '', proof = ''] = cookie.exec(headers.get('cookie') ?? '') ?? [];
  if (name === '') return null;
  const due = Buffer.from(await proofOf(name, email));
  const said = Buffer.from(proof);
  return said.length === due.length && timingSafeEqual(said, due) ? name : null;
}

/** Leaves that sign with whoever an answer has just signed in. It opens nothing, and holds no address. */
export async function rememberBrowser(answer: Response): Promise<void> {
  const session = answer.headers.getSetCookie().find((each) => each.includes('seatbelt.session_token='));
  if (session === undefined) return;
  const { api } = await auth();
  const found = await api.getSession({ headers: new Headers({ cookie: session.split(';')[0] ?? '' }) });
  // Signing out sets the same cookie, to nothing.
  if (found === null) return;
  const name = randomBytes(15).toString('base64url');
  const value = `${name}.${await proofOf(name, found.user.email)}`;
  const attributes = `Max-Age=${keptSeconds}; Path=/api/auth; HttpOnly; SameSite=Lax${isSecure() ? '; Secure' : ''}`;
  answer.headers.append('set-cookie', `${cookieName}=${value}; ${attributes}`);
}

const cookie = /(?:^|;\s*)seatbelt\.known_browser=([\w-]+)\.([\w-]+)(?:;|$)/;

async function proofOf(name: string, email: string): Promise<string> {
  const { secret } = await (await auth()).$context;
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'seatbelt known browsers', 32));
  return createHmac('sha256', key).update(`${name}\n${email}`).digest('base64url');
}
