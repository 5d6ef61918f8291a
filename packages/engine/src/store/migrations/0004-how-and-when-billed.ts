/** Changes that wait for a date or an approval, what the guard adds up, and what a quote is bound to. */
export const sql = /* sql */ `
-- Parked changes are open and outside the seat count, so they are counted apart from those that wait.
alter table seatbelt.accounts
  add column parked_changes integer not null default 0 check (parked_changes >= 0),
  add column spent jsonb;

alter table seatbelt.seat_changes
  add column waits_until timestamptz,
  add column asked jsonb,
  add column amount bigint;

-- The words only become more, so rows that are there need not be read again.
alter table seatbelt.seat_changes
  drop constraint seat_changes_status_check,
  add constraint seat_changes_status_check
      check (status in ('requested', 'awaiting_payment', 'scheduled', 'awaiting_approval', 'applied', 'rolled_back'))
      not valid,
  add constraint seat_changes_parked_until check (status not in ('scheduled', 'awaiting_approval') or waits_until is not null)
      not valid,
  -- What is parked holds no seat, names no push, and an approval has something to approve.
  add constraint seat_changes_parked_hold_nothing
      check (status not in ('scheduled', 'awaiting_approval') or (takes = 0 and push_id is null)) not valid,
  add constraint seat_changes_approval_of_something check ((status = 'awaiting_approval') <= (asked is not null)) not valid;

alter table seatbelt.pushes
  drop constraint pushes_outcome_check,
  add constraint pushes_outcome_check
      check (outcome in ('confirmed', 'refused', 'rolled_back', 'held', 'superseded')) not valid;

-- What Stripe showed when the price was asked for, as canonical text; a quote from before this column fits nothing.
alter table seatbelt.quotes
  add column bound text not null default '',
  add column amounts text not null default '';
`;
