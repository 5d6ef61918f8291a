/** Second subscriptions of customers who are linked already: each is read again until it is canceled or linked. */
export const sql = /* sql */ `
create table seatbelt.duplicate_subscriptions (
  subscription_id text primary key,
  organization_id text not null,
  seat_type text not null,
  -- Of the item that bills seats, as it was read last; null: not read yet, or there is none.
  quantity bigint,
  -- Nobody else reads it before this.
  next_look_at timestamptz not null default now(),
  found_at timestamptz not null default now(),
  foreign key (organization_id, seat_type) references seatbelt.accounts
);
create index duplicate_subscriptions_due on seatbelt.duplicate_subscriptions (next_look_at);
create index duplicate_subscriptions_account on seatbelt.duplicate_subscriptions (organization_id, seat_type);
`;
