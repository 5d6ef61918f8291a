import { door } from './door.ts';
import { jsonResponse } from './problem.ts';
import { readPreview } from './request-bodies.ts';
import type { DoorContext, Handler } from './served.ts';

/** /api/billing/seats/preview: what a number of seats would cost. Nothing is changed by asking. */
export function previewRoutes(context: DoorContext): { POST: Handler } {
  return {
    POST: door(context, 'read', async ({ organization }, request) => {
      const { seats } = await readPreview(request);
      return jsonResponse(200, await context.seatbelt.preview(organization, seats));
    }),
  };
}
