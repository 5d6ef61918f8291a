import type { Handlers } from 'seatbelt';
import { authorize } from './authorize.ts';
import { once } from './once.ts';
import { seatbelt } from './seatbelt.ts';

/**
 * The HTTP contract, with our own answer to who is asking. Next loads the routes while it builds, where there is no
 * database, so each handler is made at its first request.
 */
export const handlers = {
  seats: { GET: door((all) => all.seats.GET), POST: door((all) => all.seats.POST), PUT: door((all) => all.seats.PUT) },
  preview: { POST: door((all) => all.preview.POST) },
  changes: { GET: door((all) => all.changes.GET) },
  change: { GET: door((all) => all.change.GET), POST: door((all) => all.change.POST) },
  webhook: { POST: door((all) => all.webhook.POST) },
  tick: { GET: door((all) => all.tick.GET) },
  health: { GET: door((all) => all.health.GET) },
  metrics: { GET: door((all) => all.metrics.GET) },
} satisfies Omit<Handlers, 'fetch'>;

function door(pick: (all: Handlers) => Handlers['fetch']): Handlers['fetch'] {
  return (request) => pick(once('handlers', () => seatbelt().handlers({ authorize })))(request);
}
