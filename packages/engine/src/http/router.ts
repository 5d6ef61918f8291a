import { type ProblemFacts, problemResponse } from './problem.ts';
import type { Handler } from './served.ts';

/** The methods of one path. */
export type Route = {
  readonly GET?: Handler;
  readonly POST?: Handler;
  readonly PUT?: Handler;
  /** Its GET does something, as a cron wants it, so it refuses HEAD, which must do nothing. */
  readonly getActs?: true;
};

/** Finds the handler for a request: by its whole path, or for one segment more than `under`. */
export function routed(
  exact: Readonly<Record<string, Route>>,
  child: { readonly under: string; readonly route: Route },
): Handler {
  const routes = new Map(Object.entries(exact));
  return async (request) => {
    const path = new URL(request.url).pathname.replace(/\/+$/, '');
    const parent = path.slice(0, path.lastIndexOf('/'));
    const route = routes.get(path) ?? (parent === child.under ? child.route : undefined);
    if (route === undefined) {
      return problemResponse({ status: 404, code: 'not_found', title: 'Not found', detail: 'There is no such route.' });
    }
    const { method } = request;
    if (method === 'GET' && route.GET) return route.GET(request);
    if (method === 'HEAD' && route.GET) return withoutBody(await route.GET(request));
    if (method === 'POST' && route.POST) return route.POST(request);
    if (method === 'PUT' && route.PUT) return route.PUT(request);
    const allow = allowedMethods(route);
    // A framework answers by the handlers that it finds, and those that refuse are among them.
    if (method === 'OPTIONS') return new Response(null, { status: 204, headers: { allow } });
    return problemResponse(methodNotAllowed(allow));
  };
}

export function methodNotAllowed(allowed: string): ProblemFacts {
  return {
    status: 405,
    code: 'method_not_allowed',
    title: 'Method not allowed',
    detail: `This route takes ${allowed}.`,
    headers: { allow: allowed },
  };
}

function withoutBody({ status, headers }: Response): Response {
  return new Response(null, { status, headers });
}

function allowedMethods({ GET, POST, PUT, getActs }: Route): string {
  return [
    ...(GET ? ['GET'] : []),
    ...(GET && !getActs ? ['HEAD'] : []),
    ...(POST ? ['POST'] : []),
    ...(PUT ? ['PUT'] : []),
  ].join(', ');
}
