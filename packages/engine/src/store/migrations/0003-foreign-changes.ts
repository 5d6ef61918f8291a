/** What Stripe showed last, and what is known of changes that others make there: causes, the events cursor, sweeps, first purchases. */
export const sql = /* sql */ `
-- The newest observation of the subscription: rules read it, and people.
alter table seatbelt.accounts add column observed jsonb;
-- When foreign changes were put back lately: two programs must not fight over a number.
alter table seatbelt.accounts add column reverted_at jsonb not null default '[]';
create index accounts_customer on seatbelt.accounts (customer_id) where customer_id is not null;

alter table seatbelt.pushes drop constraint pushes_origin_check;
alter table seatbelt.pushes add constraint pushes_origin_check check (origin in ('changes', 'late_write', 'resolve', 'revert'));

alter table seatbelt.incidents add column cause text check (cause in (
  'portal', 'dashboard', 'other_program', 'schedule_phase', 'pending_update', 'extra_item', 'price_replaced', 'unknown',
  'lost_write', 'duplicate_subscription', 'item_missing'
));

-- Who did it, as far as events tell. An opened customer portal is known by its customer.
alter table seatbelt.stripe_events add column customer_id text;
alter table seatbelt.stripe_events add column request_id text;
alter table seatbelt.stripe_events add column idempotency_key text;
alter table seatbelt.stripe_events add column created_at timestamptz;
create index stripe_events_portal on seatbelt.stripe_events (customer_id, created_at)
  where type = 'billing_portal.session.created';
create index stripe_events_received on seatbelt.stripe_events (received_at);

-- What an event told about an account's item, under the mark that it made. Marks of one account are counted under its row's
-- lock, so whoever has loaded mark n can read all that was told up to n.
create table seatbelt.mark_reasons (
  organization_id text not null,
  seat_type text not null,
  mark bigint not null,
  event_id text not null,
  event_type text not null,
  quantity_before bigint,
  quantity_after bigint,
  request_id text,
  idempotency_key text,
  push_id uuid,
  event_created_at timestamptz,
  told_at timestamptz not null default now(),
  primary key (organization_id, seat_type, mark),
  foreign key (organization_id, seat_type) references seatbelt.accounts
);
create index mark_reasons_told on seatbelt.mark_reasons (told_at);

-- Where reading of Stripe's own list of events has come to.
create table seatbelt.cursors (
  name text primary key,
  -- The id of the newest event that is surely done with; null: not begun.
  position text,
  -- Nobody else reads before this.
  next_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- One walk over all subscriptions. It goes on where it stopped, in whatever process.
create table seatbelt.sweeps (
  id uuid primary key,
  dry_run boolean not null,
  repair_limit integer not null check (repair_limit >= 0),
  started_at timestamptz not null default now(),
  -- Linked subscriptions when it began: what is to be expected, for people who wait.
  expected bigint not null,
  -- While walking the last subscription that was compared, then the last organization that was read; null: not begun.
  position text,
  -- walking: pages are read; missing: accounts whose subscription was not listed are read; then one of the ends.
  state text not null default 'walking' check (state in ('walking', 'missing', 'finished', 'stopped')),
  pages integer not null default 0,
  subscriptions bigint not null default 0,
  linked bigint not null default 0,
  unlinked bigint not null default 0,
  rereads bigint not null default 0,
  repairs bigint not null default 0,
  findings integer not null default 0,
  -- Nobody else goes on with it before this.
  next_at timestamptz not null default now(),
  finished_at timestamptz
);
create unique index sweeps_one_open on seatbelt.sweeps ((true)) where finished_at is null;
create index sweeps_started on seatbelt.sweeps (started_at);

-- The linked subscriptions that the open sweep has seen listed; what is missing here at its end was not. Emptied with it.
create table seatbelt.sweep_listed (subscription_id text primary key);

create table seatbelt.sweep_findings (
  sweep_id uuid not null references seatbelt.sweeps on delete cascade,
  number integer not null,
  kind text not null check (kind in ('drift', 'item_missing', 'gone', 'unlinked', 'duplicate_subscription')),
  organization_id text,
  seat_type text,
  subscription_id text,
  cause text,
  expected_quantity bigint,
  observed_quantity bigint,
  -- What was done about it, or would be.
  answer text not null,
  note text not null,
  primary key (sweep_id, number)
);

-- Subscriptions that no account is linked to and that the host may know an organization for.
create table seatbelt.unlinked_subscriptions (
  subscription_id text primary key,
  state text not null default 'waiting' check (state in ('waiting', 'linked', 'not_ours', 'refused')),
  note text,
  tries integer not null default 0,
  next_try_at timestamptz not null default now(),
  found_at timestamptz not null default now()
);
create index unlinked_waiting on seatbelt.unlinked_subscriptions (next_try_at) where state = 'waiting';
`;
