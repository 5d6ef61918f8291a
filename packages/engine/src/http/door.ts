import { type Authorization, admit } from './authorization.ts';
import type { ProblemBody } from './contract.ts';
import { type Errand, failureProblem } from './failure-problem.ts';
import { httpLimits } from './limits.ts';
import { Problem, problemResponse } from './problem.ts';
import type { DoorContext, Handler } from './served.ts';

/**
 * A route for somebody who is signed in: admits the caller, does the work, and turns every failure into a problem document.
 * `errand` is what the work asks of the engine.
 */
export function door(
  context: DoorContext,
  errand: Errand,
  work: (caller: Authorization, request: Request) => Promise<Response>,
): Handler {
  return async (request) => {
    let caller: Authorization | Response;
    try {
      caller = await admit(context.authorize, request);
    } catch (error) {
      if (error instanceof Response) return error;
      if (error instanceof Problem) return problemResponse(error.facts);
      context.logger.error({ err: error, ...routeOf(request) }, 'Who is asking could not be found out.');
      return problemResponse(authorizationFailed);
    }
    if (caller instanceof Response) return caller;

    try {
      return await work(caller, request);
    } catch (error) {
      const { facts } = failureProblem(error, errand);
      if (facts.status >= 500) context.logger.error({ err: error, code: facts.code, ...routeOf(request) }, facts.title);
      const counts = facts.withCounts ? await presentCounts(context, caller.organization) : undefined;
      return problemResponse(facts, counts);
    }
  };
}

/** For routes that nobody signs in to. */
export function openDoor(context: Pick<DoorContext, 'logger'>, errand: Errand, work: Handler): Handler {
  return async (request) => {
    try {
      return await work(request);
    } catch (error) {
      const { facts } = failureProblem(error, errand);
      if (facts.status >= 500) context.logger.error({ err: error, code: facts.code, ...routeOf(request) }, facts.title);
      return problemResponse(facts);
    }
  };
}

const authorizationFailed = {
  status: 503,
  code: 'authorization_unavailable',
  title: 'Who is asking could not be found out',
  detail: 'Who is asking could not be found out just now. Nothing was changed and Stripe was not called. Try again.',
} as const;

/** Method and path; a query may hold what a log must not. */
function routeOf(request: Request): { method: string; path: string } {
  return { method: request.method, path: new URL(request.url).pathname };
}

/** The counts of this moment, if they can be read soon. That they cannot never hides the problem they were to go with. */
async function presentCounts(context: DoorContext, organization: string): Promise<ProblemBody['counts']> {
  const { promise: tooLate, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), httpLimits.countsMs);
  const reading = context.seatbelt.seats(organization).then(
    ({ usedSeats, purchasedSeats, availableSeats }) => ({ usedSeats, purchasedSeats, availableSeats }),
    (error: unknown) => {
      context.logger.warn({ err: error }, 'The counts for a problem document could not be read.');
      return undefined;
    },
  );
  return Promise.race([reading, tooLate]).finally(() => clearTimeout(timer));
}
