/**
 * A process takes only the events that it listens to, so those that nobody listens to stay until they are forgotten after
 * thirty days. This index keeps them out of the way of the others.
 */
export const sql = /* sql */ `
create index host_events_undelivered_by_type on seatbelt.host_events (type, next_try_at) where delivered_at is null;
`;
