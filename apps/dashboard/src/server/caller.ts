import { createHash, timingSafeEqual } from 'node:crypto';
import { type KeyCaller, keyCaller } from '#features/api-keys/server/key-caller.ts';
import { auth } from './auth.ts';
import { isDemoSession } from './demo-session.ts';
import { demoPeople } from './dev/demo-people.ts';
import { environment } from './environment.ts';
import { isOperator } from './operators.ts';

/** Somebody with a session, or the demo's visitor. */
export interface PersonCaller {
  readonly is: 'person';
  readonly id: string;
  readonly name: string;
  readonly email: string;
  /** Whether they have proven that the address is theirs, by a link sent to it. */
  readonly addressConfirmed: boolean;
  /** One of the host's staff. */
  readonly operator: boolean;
  /** The visitor of the demo who did not sign in as anybody: the owner of every organization of the demo. */
  readonly visitor: boolean;
}

/** Who is asking, before it is known for what. */
export type Caller =
  /** A server of the host's, with SEATBELT_API_KEY: speaks for every organization. */
  | { readonly is: 'server' }
  /** A key that an organization made for itself. */
  | KeyCaller
  | PersonCaller;

/** Who is asking; null: nobody that is known. A bearer token that is wrong is never taken for a visitor. */
export async function callerOf(headers: Headers): Promise<Caller | null> {
  const authorization = headers.get('authorization');
  if (authorization !== null) {
    const token = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
    if (token === undefined) return null;
    return isServerKey(token) ? { is: 'server' } : keyCaller(token);
  }
  return (await sessionOf(headers)) ?? visitorOf(headers);
}

/** The person on the page; null: nobody is signed in. */
export async function personOf(headers: Headers): Promise<PersonCaller | null> {
  return (await sessionOf(headers)) ?? visitorOf(headers);
}

async function sessionOf(headers: Headers): Promise<PersonCaller | null> {
  // Without a cookie of ours there is nothing to look up.
  if (!headers.get('cookie')?.includes('seatbelt.session_token')) return null;
  const { api } = await auth();
  const found = await api.getSession({ headers });
  if (found === null) return null;
  const { id, name, email, emailVerified } = found.user;
  return {
    is: 'person',
    id,
    name,
    email,
    addressConfirmed: emailVerified,
    operator: isOperator(found.user),
    visitor: false,
  };
}

function visitorOf(headers: Headers): PersonCaller | null {
  if (!isDemoSession(headers.get('host'))) return null;
  return { is: 'person', ...demoPeople.owner, addressConfirmed: true, operator: false, visitor: true };
}

/** Compared over hashes, in the same time wherever the difference is. Without a key in the environment this door is closed. */
function isServerKey(token: string): boolean {
  const { apiKey } = environment();
  if (apiKey === null) return false;
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(token), hash(apiKey));
}
