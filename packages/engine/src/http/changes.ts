import { door } from './door.ts';
import { httpLimits } from './limits.ts';
import { lastSegment } from './paths.ts';
import { jsonResponse, Problem } from './problem.ts';
import { invalidInput } from './request-bodies.ts';
import type { DoorContext, Handler } from './served.ts';

/** /api/billing/seats/changes: the history, newest first, page by page. */
export function changesRoutes(context: DoorContext): { GET: Handler } {
  return {
    GET: door(context, 'read', async ({ organization }, request) => {
      const query = new URL(request.url).searchParams;
      const before = wholeNumber(query, 'before');
      const limit = wholeNumber(query, 'limit') ?? httpLimits.pageSize;
      return jsonResponse(200, await context.seatbelt.changes(organization, { before, limit }));
    }),
  };
}

/** /api/billing/seats/changes/:id: one change with its push and its audit entries. The id is the last segment of the path. */
export function changeRoutes(context: DoorContext): { GET: Handler } {
  return {
    GET: door(context, 'read', async ({ organization }, request) => {
      const id = lastSegment(request.url);
      const found = id === null ? null : await context.seatbelt.change(organization, id);
      if (found !== null) return jsonResponse(200, found);
      throw new Problem({
        status: 404,
        code: 'unknown_change',
        title: 'Unknown change',
        detail: 'This organization has no such change.',
      });
    }),
  };
}

function wholeNumber(query: URLSearchParams, name: string): number | null {
  const [value, another] = query.getAll(name);
  if (value === undefined) return null;
  if (another === undefined && /^[0-9]+$/.test(value) && value.length <= httpLimits.numberDigits) return Number(value);
  throw invalidInput(name, `${name} must be a whole number.`);
}
