/** A stateful Stripe for tests, which can be told to misbehave. */
export type { SimAdmin } from './admin/admin.ts';
export type { BulkOptions } from './admin/bulk.ts';
export type { DemoOptions, DemoSubscription } from './admin/demo.ts';
export type { ClockOptions, SimClock, Span } from './clock/sim-clock.ts';
export { type StripeSimClient, stripeSimClient } from './control/client.ts';
export type { DeliveryFault, DeliveryRule } from './events/delivery-rules.ts';
export type { EndpointOptions, EventControl } from './events/event-control.ts';
export type { ReleaseOrder } from './events/orders.ts';
export type { FaultState, Faults } from './faults/faults.ts';
export type { FaultKind, FaultMatch, FaultRule } from './faults/rules.ts';
export { createStripeKit, type StripeKit } from './kit.ts';
export type { Settings } from './settings.ts';
export { createStripeSim, type StripeSim, type StripeSimOptions, startStripeSim } from './sim.ts';
export type { RequestEntry } from './truth/request-log.ts';
export type { Truth } from './truth/truth.ts';
