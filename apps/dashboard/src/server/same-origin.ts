/**
 * Whether a request that changes something comes from our own pages. A session lives in the browser, so a foreign page
 * could otherwise make the browser use it. Browsers say where a request comes from in `Sec-Fetch-Site`, older ones in
 * `Origin`; a program that sends neither has no session of anybody's to abuse.
 */
export function isSameOrigin(request: Request): boolean {
  if (request.method === 'GET' || request.method === 'HEAD') return true;
  const site = request.headers.get('sec-fetch-site');
  if (site !== null) return site === 'same-origin' || site === 'none';
  const origin = request.headers.get('origin');
  if (origin === null) return true;
  return URL.parse(origin)?.host === request.headers.get('host');
}
