import { errors, jwtVerify, SignJWT } from 'jose';
import type { Authorization } from './authorization.ts';

/**
 * Short-lived tokens for the embedded widget. A host's server makes one for the person it has signed in; the browser sends
 * it as a bearer token, also from another origin, and the doors read organization, actor and rights from it. A token
 * names exactly one organization, so nothing in a request's body or headers can widen it.
 */
export interface WidgetTokens {
  /** A signed token (a JWT, HS256) that is good for `lifetimeSeconds`. */
  issue(caller: Authorization): Promise<string>;
  /** For `handlers({ authorize })`: who a request's bearer token speaks for; null where there is none that is good. */
  authorize(request: Request): Promise<Authorization | null>;
}

export interface WidgetTokenOptions {
  /** At least 32 bytes, known to the host's servers only. Several: the first one signs, all of them verify. */
  readonly secret: string | readonly string[];
  /** How long a token is good for, in seconds; 1 to 3,600. Default 600: the widget asks for a new one when it is refused. */
  readonly lifetimeSeconds?: number;
}

const audience = 'seatbelt-widget';
const defaultLifetimeSeconds = 600;
const longestLifetimeSeconds = 3_600;
const leastSecretBytes = 32;

/** @throws TypeError when a secret is too short or the lifetime is out of bounds. */
export function widgetTokens(options: WidgetTokenOptions): WidgetTokens {
  const keys = (typeof options.secret === 'string' ? [options.secret] : options.secret).map(keyOf);
  const [signing] = keys;
  if (signing === undefined) throw new TypeError('A secret for widget tokens is needed.');
  const lifetimeSeconds = options.lifetimeSeconds ?? defaultLifetimeSeconds;
  if (!Number.isInteger(lifetimeSeconds) || lifetimeSeconds < 1 || lifetimeSeconds > longestLifetimeSeconds) {
    throw new TypeError(`lifetimeSeconds has to be a whole number from 1 to ${longestLifetimeSeconds}.`);
  }
  return {
    issue({ organization, actor, may, approves = false }) {
      return new SignJWT({ organization, may, approves })
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject(actor)
        .setAudience(audience)
        .setIssuedAt()
        .setExpirationTime(`${lifetimeSeconds}s`)
        .sign(signing);
    },
    async authorize(request) {
      const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/.exec(request.headers.get('authorization') ?? '')?.[1];
      if (token === undefined) return null;
      for (const key of keys) {
        const caller = await read(token, key);
        if (caller !== null) return caller;
      }
      return null;
    },
  };
}

function keyOf(secret: string): Uint8Array {
  const bytes = new TextEncoder().encode(secret);
  if (bytes.length < leastSecretBytes) {
    throw new TypeError(`A secret for widget tokens needs at least ${leastSecretBytes} bytes.`);
  }
  return bytes;
}

async function read(token: string, key: Uint8Array): Promise<Authorization | null> {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: ['HS256'],
      audience,
      requiredClaims: ['exp', 'sub', 'organization', 'may'],
    });
    const { sub: actor, organization, may, approves } = payload;
    if (typeof actor !== 'string' || typeof organization !== 'string') return null;
    if (may !== 'read' && may !== 'change') return null;
    return { organization, actor, may, approves: approves === true };
  } catch (error) {
    // Forged, expired, made for something else: to a door all of them are nobody.
    if (error instanceof errors.JOSEError) return null;
    throw error;
  }
}
