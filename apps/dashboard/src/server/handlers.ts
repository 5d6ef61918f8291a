import type { Handlers } from 'seatbelt';
import { authorize } from './authorize.ts';
import { once } from './once.ts';
import { seatbelt } from './seatbelt.ts';

/**
 * The HTTP contract, with our own answer to who is asking. Next loads the routes while it builds, where there is no
 * database, so each handler is made at its first request.
 */
export const handlers = {
  seats: route({
    GET: door((all) => all.seats.GET),
    POST: door((all) => all.seats.POST),
    PUT: door((all) => all.seats.PUT),
  }),
  preview: route({ POST: door((all) => all.preview.POST) }),
  changes: route({ GET: door((all) => all.changes.GET) }),
  change: route({ GET: door((all) => all.change.GET), POST: door((all) => all.change.POST) }),
  webhook: route({ POST: door((all) => all.webhook.POST) }),
  tick: route({ GET: door((all) => all.tick.GET) }),
  health: route({ GET: door((all) => all.health.GET) }),
  metrics: route({ GET: door((all) => all.metrics.GET) }),
} satisfies Omit<Handlers, 'fetch'>;

/** Addresses of the API that are none: the engine's own router says so. */
export const elsewhere = route({});

/**
 * A method that a route does not take is answered by the engine's own router, which says what the route takes; so is
 * OPTIONS, or Next would list every method that is answered here.
 */
function route<Taken extends object>(taken: Taken) {
  const other = door((all) => all.fetch);
  return { GET: other, POST: other, PUT: other, PATCH: other, DELETE: other, OPTIONS: other, ...taken };
}

function door(pick: (all: Handlers) => Handlers['fetch']): Handlers['fetch'] {
  return (request) => pick(once('handlers', () => seatbelt().handlers({ authorize })))(request);
}
