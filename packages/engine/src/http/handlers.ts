import type Stripe from 'stripe';
import { type Logger, unbreakable } from '../alerts/alerts.ts';
import type { Authorize } from './authorization.ts';
import { changeRoutes, changesRoutes } from './changes.ts';
import { healthRoutes } from './health.ts';
import { metricsRoutes } from './metrics.ts';
import { paths } from './paths.ts';
import { previewRoutes } from './preview.ts';
import { type Route, routed } from './router.ts';
import { seatsRoutes } from './seats.ts';
import type { DoorContext, Handler, ServedSeatbelt } from './served.ts';
import { tickRoutes } from './tick.ts';
import { webhookRoutes } from './webhook.ts';

export type { Authorization, Authorize } from './authorization.ts';
export type { Handler, ServedSeatbelt } from './served.ts';

/**
 * The HTTP contract, route by route, in fetch style. In Next.js a route is one line:
 *
 *     export const { GET, POST, PUT } = seatbelt.handlers({ authorize }).seats;
 */
export interface Handlers {
  /** /api/billing/seats */
  readonly seats: { readonly GET: Handler; readonly POST: Handler; readonly PUT: Handler };
  /** /api/billing/seats/preview */
  readonly preview: { readonly POST: Handler };
  /** /api/billing/seats/changes */
  readonly changes: { readonly GET: Handler };
  /** /api/billing/seats/changes/:id; the id is the last segment of the path. */
  readonly change: { readonly GET: Handler; readonly POST: Handler };
  /** /api/webhooks/stripe */
  readonly webhook: { readonly POST: Handler };
  /** /api/seatbelt/tick */
  readonly tick: { readonly GET: Handler };
  /** /api/metrics, for Prometheus, with `metricsKey` as its bearer token. */
  readonly metrics: { readonly GET: Handler };
  /** /api/health */
  readonly health: { readonly GET: Handler };
  /** All of them behind one function, by the paths above, for hosts without file routes. */
  readonly fetch: Handler;
}

export interface HandlerOptions {
  readonly authorize: Authorize;
  /** Secrets of the webhook endpoint; any of them may have signed. None: the route says so and takes nothing. */
  readonly webhookSecrets: readonly string[];
  /** What the tick asks for as a bearer token. null: there is no such route. */
  readonly tickSecret: string | null;
  /** What the metrics ask for as a bearer token. null: there is no such route. */
  readonly metricsKey: string | null;
  /** Checks the signatures of webhooks. */
  readonly stripe: Stripe;
  readonly logger: Logger;
}

export function createHandlers(seatbelt: ServedSeatbelt, options: HandlerOptions): Handlers {
  const context: DoorContext = { seatbelt, authorize: options.authorize, logger: unbreakable(options.logger) };
  const doors = {
    seats: seatsRoutes(context),
    preview: previewRoutes(context),
    changes: changesRoutes(context),
    change: changeRoutes(context),
    webhook: webhookRoutes(context, options.stripe, options.webhookSecrets),
    tick: tickRoutes(context, options.tickSecret),
    metrics: metricsRoutes(context, options.metricsKey),
    health: healthRoutes(context),
  };
  const exact: Readonly<Record<string, Route>> = {
    [paths.seats]: doors.seats,
    [paths.preview]: doors.preview,
    [paths.changes]: doors.changes,
    [paths.webhook]: doors.webhook,
    [paths.tick]: doors.tick,
    [paths.metrics]: doors.metrics,
    [paths.health]: doors.health,
  };
  return { ...doors, fetch: routed(exact, { under: paths.changes, route: doors.change }) };
}
