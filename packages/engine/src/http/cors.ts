import type { Handler } from './served.ts';

export interface CorsOptions {
  /** Exact origins, as browsers send them: `https://app.example.com`. There is no wildcard. */
  readonly origins: readonly string[];
}

/** What the widget sends and what it reads. */
const requestHeaders = 'authorization, content-type, idempotency-key, prefer, seatbelt-organization';
const responseHeaders = 'location, retry-after, preference-applied';
/** How long a browser remembers the answer to its preflight, in seconds. */
const preflightSeconds = 600;

/**
 * Lets pages of the named origins call a door with a bearer token. Cookies stay out: `Access-Control-Allow-Credentials` is
 * never sent, so a page elsewhere cannot use somebody's session.
 *
 * @throws TypeError when an origin is not one, or is `*`.
 */
export function withCors(handler: Handler, { origins }: CorsOptions): Handler {
  for (const origin of origins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      throw new TypeError(`${JSON.stringify(origin)} is not an origin like https://app.example.com.`);
    }
  }
  const allowed = new Set(origins);
  return async (request) => {
    const origin = request.headers.get('origin');
    const named = origin !== null && allowed.has(origin);
    if (request.method === 'OPTIONS' && request.headers.has('access-control-request-method')) {
      return new Response(null, { status: 204, headers: { vary: 'Origin', ...(named ? preflight(origin) : {}) } });
    }
    const response = await handler(request);
    const headers = new Headers(response.headers);
    headers.append('vary', 'Origin');
    if (named) {
      headers.set('access-control-allow-origin', origin);
      headers.set('access-control-expose-headers', responseHeaders);
    }
    return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
  };
}

function preflight(origin: string): Record<string, string> {
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-methods': 'GET, POST, PUT',
    'access-control-allow-headers': requestHeaders,
    'access-control-max-age': String(preflightSeconds),
  };
}
