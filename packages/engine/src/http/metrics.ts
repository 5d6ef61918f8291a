import { openDoor } from './door.ts';
import { Problem } from './problem.ts';
import { sameSecret } from './same-secret.ts';
import type { DoorContext, Handler } from './served.ts';

/** /api/metrics: Prometheus' text, for a scraper that has the API key as its bearer token. Without a key there is no such route. */
export function metricsRoutes(context: Pick<DoorContext, 'seatbelt' | 'logger'>, key: string | null): { GET: Handler } {
  const expected = key === null || key.trim() === '' ? null : key;
  return {
    GET: openDoor(context, 'read', async (request) => {
      if (expected === null) {
        throw new Problem({ status: 404, code: 'not_found', title: 'Not found', detail: 'There is no such route.' });
      }
      const token = /^Bearer +(\S+) *$/i.exec(request.headers.get('authorization') ?? '')?.[1];
      if (token === undefined || !(await sameSecret(token, expected))) {
        throw new Problem({
          status: 401,
          code: 'unauthorized',
          title: 'The key is missing or wrong',
          detail: 'Send the API key as a bearer token.',
          headers: { 'www-authenticate': 'Bearer' },
        });
      }
      const text = await context.seatbelt.metricsText();
      const headers = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store' };
      return new Response(text, { headers });
    }),
  };
}
