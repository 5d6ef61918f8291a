import { door } from './door.ts';
import { httpLimits } from './limits.ts';
import { outcomeResponse } from './outcome-response.ts';
import { lastSegment } from './paths.ts';
import { preferredWait } from './preferred-wait.ts';
import { jsonResponse, Problem } from './problem.ts';
import { invalidInput, readAboutChange } from './request-bodies.ts';
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

/**
 * /api/billing/seats/changes/:id: one change with its push and its audit entries, and a person's word about it (POST).
 * The id is the last segment of the path.
 */
export function changeRoutes(context: DoorContext): { GET: Handler; POST: Handler } {
  return {
    POST: door(context, 'change', async ({ organization, actor, approves = false }, request) => {
      const { action, reason } = await readAboutChange(request);
      if (action !== 'cancel' && !approves) {
        throw new Problem({
          status: 403,
          code: 'forbidden',
          title: 'Not allowed',
          detail: 'Only an owner approves or declines a purchase.',
        });
      }
      const id = lastSegment(request.url) ?? '';
      const { waitMs, headers } = preferredWait(request);
      const options = {
        actor,
        ...(reason === undefined ? {} : { reason }),
        ...(waitMs === undefined ? {} : { waitMs }),
      };
      const body = await context.seatbelt[action](organization, id, options);
      // Taking it back was asked for and is done: that it was rolled back is the success of it.
      if (action !== 'approve' && body.status === 'rolled_back') return jsonResponse(200, body, headers);
      return outcomeResponse(body, headers);
    }),

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
