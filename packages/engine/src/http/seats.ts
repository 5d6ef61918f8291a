import type { Authorization } from './authorization.ts';
import type { SeatChangeBody, SeatsBody } from './contract.ts';
import { door } from './door.ts';
import { idempotencyKey } from './idempotency-key.ts';
import { outcomeResponse } from './outcome-response.ts';
import { type PreferredWait, preferredWait } from './preferred-wait.ts';
import { jsonResponse } from './problem.ts';
import { readPurchase, readUsage, type Usage } from './request-bodies.ts';
import type { DoorContext, Handler, Said, ServedSeatbelt } from './served.ts';

/** /api/billing/seats: what there is, the usage door (POST) and the owner's door (PUT). */
export function seatsRoutes(context: DoorContext): { GET: Handler; POST: Handler; PUT: Handler } {
  const { seatbelt } = context;
  return {
    GET: door(context, 'read', async ({ organization, may }) =>
      jsonResponse(200, { ...(await seatbelt.seats(organization)), mayChange: may === 'change' } satisfies SeatsBody),
    ),

    POST: door(context, 'change', async (caller, request) => {
      const usage = await readUsage(request);
      const wait = preferredWait(request);
      const body = await use(seatbelt, caller.organization, usage, said(caller, request, wait));
      return outcomeResponse(body, wait.headers);
    }),

    PUT: door(context, 'change', async (caller, request) => {
      const { seats, ...options } = await readPurchase(request);
      const wait = preferredWait(request);
      const body = await seatbelt.set(caller.organization, seats, { ...options, ...said(caller, request, wait) });
      return outcomeResponse(body, wait.headers);
    }),
  };
}

function said(caller: Authorization, request: Request, { waitMs }: PreferredWait): Said {
  return { actor: caller.actor, ...idempotencyKey(request), ...(waitMs === undefined ? {} : { waitMs }) };
}

function use(seatbelt: ServedSeatbelt, organization: string, usage: Usage, who: Said): Promise<SeatChangeBody> {
  switch (usage.action) {
    case 'add': {
      const { action: _, quantity, ...options } = usage;
      return seatbelt.add(organization, quantity, { ...options, ...who });
    }
    case 'remove': {
      const { action: _, quantity, ...options } = usage;
      return seatbelt.release(organization, quantity, { ...options, ...who });
    }
    case 'assign': {
      const { action: _, quantity, ...options } = usage;
      return seatbelt.assign(organization, quantity, { ...options, ...who });
    }
    case 'transfer': {
      const { action: _, quantity, ...options } = usage;
      return seatbelt.transfer(organization, quantity, { ...options, ...who });
    }
  }
}
