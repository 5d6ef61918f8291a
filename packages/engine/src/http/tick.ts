import { openDoor } from './door.ts';
import { httpLimits } from './limits.ts';
import { jsonResponse, Problem } from './problem.ts';
import { methodNotAllowed } from './router.ts';
import { sameSecret } from './same-secret.ts';
import type { DoorContext, Handler } from './served.ts';

/**
 * /api/seatbelt/tick: one round of the worker, for a cron that calls it with the secret as its bearer token. A framework that
 * answers HEAD by what answers GET is told no, because a HEAD must do nothing.
 */
export function tickRoutes(
  context: Pick<DoorContext, 'seatbelt' | 'logger'>,
  secret: string | null,
): { readonly GET: Handler; readonly getActs: true } {
  const expected = secret === null || secret.trim() === '' ? null : secret;
  return {
    getActs: true,
    GET: openDoor(context, 'read', async (request) => {
      // Without a secret the route does not exist: anybody could make us call Stripe.
      if (expected === null) {
        throw new Problem({ status: 404, code: 'not_found', title: 'Not found', detail: 'There is no such route.' });
      }
      const token = /^Bearer +(\S+) *$/i.exec(request.headers.get('authorization') ?? '')?.[1];
      if (token === undefined || !(await sameSecret(token, expected))) {
        throw new Problem({
          status: 401,
          code: 'unauthorized',
          title: 'The secret is missing or wrong',
          detail: 'Send the tick secret as a bearer token.',
          headers: { 'www-authenticate': 'Bearer' },
        });
      }
      if (request.method === 'HEAD') throw new Problem(methodNotAllowed('GET'));
      return jsonResponse(200, await context.seatbelt.tick({ budgetMs: httpLimits.tickBudgetMs }));
    }),
  };
}
