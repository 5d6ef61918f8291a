/** What can be done to the delivery of an event, in words. A test holds this list against the simulator's own. */
export const DELIVERY_FAULTS = {
  duplicate: ['Deliver twice', 'The same event, with the same id, comes two times.'],
  twin: ['Twin event', 'A second event with another id for the same change.'],
  drop: ['Never deliver', 'It is stored and listed, but no endpoint hears of it.'],
  delay: ['An hour late', 'It comes an hour of virtual time later.'],
  fail: ['Fail once', 'The attempt fails as if the endpoint were down; it is tried again later.'],
  stale_object: ['Stale object', 'It shows the object as it was before the change.'],
  wrong_secret: ['Wrong signature', 'It is signed with a secret that the endpoint does not know.'],
  old_timestamp: ['Old timestamp', 'It is signed so long ago that the endpoint must refuse it.'],
  old_api_version: ['Old API version', 'It is rendered for an API version of long ago.'],
};

/** Orders in which held events can be let go; the last two were seen from the real Stripe. */
export const RELEASE_ORDERS = {
  arrival: 'in order',
  reverse: 'last first',
  shuffle: 'shuffled',
  updated_before_created: 'updated before created',
  paid_before_finalized: 'paid before finalized',
};
