import type { Method, Route } from './route.ts';

export interface Match {
  route: Route;
  ids: Record<string, string>;
}

/** Finds routes by method and path; fixed segments win over `:id`. */
export class Router {
  readonly #byShape = new Map<string, Route[]>();

  constructor(routes: Route[]) {
    for (const route of routes) {
      const segments = route.pattern.split('/');
      const shape = `${route.method} ${segments.length}`;
      const same = this.#byShape.get(shape) ?? [];
      same.push(route);
      // Routes with fewer variables come first, so `/v1/invoices/create_preview` is not taken for an id.
      same.sort((left, right) => variables(left.pattern) - variables(right.pattern));
      this.#byShape.set(shape, same);
    }
  }

  find(method: string, path: string): Match | undefined {
    const segments = path.split('/');
    for (const route of this.#byShape.get(`${method as Method} ${segments.length}`) ?? []) {
      const ids = matchPattern(route.pattern, segments);
      if (ids !== undefined) return { route, ids };
    }
    return undefined;
  }
}

function variables(pattern: string): number {
  return pattern.split(':').length - 1;
}

function matchPattern(pattern: string, segments: string[]): Record<string, string> | undefined {
  const ids: Record<string, string> = {};
  const wanted = pattern.split('/');
  for (let index = 0; index < wanted.length; index += 1) {
    const want = wanted[index] ?? '';
    const have = segments[index] ?? '';
    if (want.startsWith(':')) {
      if (have === '') return undefined;
      ids[want.slice(1)] = have;
    } else if (want !== have) return undefined;
  }
  return ids;
}
