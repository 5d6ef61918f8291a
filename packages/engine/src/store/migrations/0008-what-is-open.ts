/** What staff look at is found without reading what is at rest, which is nearly everything. */
export const sql = /* sql */ `
-- Accounts with something open. Its columns change only when due_at, which is indexed as well, changes too: so no update
-- that stayed within its page before leaves it for this.
create index accounts_not_at_rest on seatbelt.accounts (seat_type, organization_id)
  where status = 'held' or push_id is not null or waiting_changes > 0 or parked_changes > 0 or paused_reason is not null;

-- What ended lately. Times only grow, so an entry goes to the end of the index.
create index seat_changes_ended on seatbelt.seat_changes (seat_type, ended_at) where ended_at is not null;
create index pushes_ended on seatbelt.pushes (seat_type, ended_at) where ended_at is not null;
create index incidents_closed on seatbelt.incidents (seat_type, closed_at) where closed_at is not null;
`;
