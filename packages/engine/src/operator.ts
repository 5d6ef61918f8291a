/**
 * What operators' programs (the CLI, the supervisor, the dashboard's start) need besides the public doorway. It may
 * change with any version; a host's own code imports `seatbelt` instead.
 */

export { withoutSecrets } from './alerts/without-secrets.ts';
export { policy } from './core/policy.ts';
export { quantityFor } from './core/quantity-for.ts';
export { quotaFreeAt, quotaUsedNow } from './core/quotas.ts';
export { settledAt } from './core/settling.ts';
export { available, confirmedSeats, dueAt, lookDueAt, seatsOver, used } from './core/step.ts';
export { stripeApiVersion } from './core/stripe-request.ts';
export type { Account, Incident, OpenPush, SeatChange, State, Terms } from './core/types.ts';
export { classifyDatabaseError, DatabaseError, executorOf } from './db/executor.ts';
export type { DutyRow } from './store/duties.ts';
export type { Overview } from './store/overview.ts';
export { type Pulse, readPulse } from './store/pulse.ts';
export { readServerFacts, type ServerFacts } from './store/server-facts.ts';
export type { StripeRate } from './store/stripe-rate.ts';
export { readWrongThen } from './store/wrong-then.ts';
export { accountStatus } from './views.ts';
export { type JudgedDuty, judge } from './watch/judge.ts';
