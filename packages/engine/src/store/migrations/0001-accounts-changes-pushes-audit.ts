/** The first schema. Append-only: a later change is a later file, never an edit of this one. */
export const sql = /* sql */ `
create schema if not exists seatbelt;

-- Which installation this database belongs to. A restored dump or a preview deployment does not match and may not push.
create table seatbelt.installation (
  only_row boolean primary key default true check (only_row),
  environment text not null,
  livemode boolean not null,
  paused_reason text,
  created_at timestamptz not null default now()
);

-- One row for one organization and seat type. It is the queue as well: due_at says when somebody is needed next.
create table seatbelt.accounts (
  organization_id text not null check (organization_id <> '' and length(organization_id) <= 200),
  seat_type text not null default 'seat' check (seat_type <> '' and length(seat_type) <= 200),
  version bigint not null default 1,
  customer_id text,
  subscription_id text,
  subscription_item_id text,
  status text not null default 'active' check (status in ('active', 'held', 'ended')),
  hold jsonb,
  paused_reason text,
  terms jsonb not null,
  settled_seats integer not null check (settled_seats between 0 and 1000000),
  seat_count integer not null check (seat_count between 0 and 1000000),
  assigned_seats integer not null default 0,
  reserved_seats integer not null default 0,
  anonymous_assigned integer not null default 0,
  anonymous_reserved integer not null default 0,
  change_count bigint not null default 0,
  waiting_changes integer not null default 0 check (waiting_changes >= 0),
  push_id uuid,
  push_state text check (push_state in ('intended', 'in_doubt', 'awaiting_payment')),
  push jsonb,
  tails jsonb not null default '[]',
  marks bigint not null default 0,
  marks_seen bigint not null default 0,
  look_tries integer not null default 0,
  next_look_at timestamptz,
  looked_at timestamptz,
  due_at timestamptz,
  lease_owner uuid,
  lease_until timestamptz,
  audit_length bigint not null default 0,
  audit_head text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (organization_id, seat_type),
  constraint accounts_linked_wholly check (num_nulls(customer_id, subscription_id, subscription_item_id) in (0, 3)),
  constraint accounts_push_wholly check (num_nulls(push_id, push_state, push) in (0, 3)),
  constraint accounts_held_says_why check ((status = 'held') = (hold is not null)),
  constraint accounts_used_not_negative check (
    anonymous_assigned between 0 and assigned_seats and anonymous_reserved between 0 and reserved_seats
  ),
  -- At rest both numbers are one.
  constraint accounts_settled_at_rest check (push_id is not null or waiting_changes > 0 or seat_count = settled_seats)
);
create index accounts_due on seatbelt.accounts (due_at) where due_at is not null;
create unique index accounts_item on seatbelt.accounts (subscription_item_id)
  where subscription_item_id is not null and status <> 'ended';
create index accounts_subscription on seatbelt.accounts (subscription_id) where subscription_id is not null;

-- Every accepted request, and the memory of its idempotency key.
create table seatbelt.seat_changes (
  id uuid primary key,
  organization_id text not null,
  seat_type text not null,
  number bigint not null,
  kind text not null check (kind in ('set', 'add', 'remove', 'assign', 'transfer')),
  status text not null check (status in ('requested', 'awaiting_payment', 'scheduled', 'applied', 'rolled_back')),
  push_id uuid,
  set_seats integer check (set_seats between 0 and 1000000),
  delta integer not null,
  quantity integer not null check (quantity between 0 and 1000000),
  takes integer not null check (takes >= 0),
  holders jsonb not null,
  reserve boolean not null,
  proration_date bigint,
  hangs_on uuid,
  alone boolean not null,
  idempotency_key text,
  fingerprint text not null,
  actor text not null,
  reason text,
  seats_before integer not null,
  seats_after integer not null,
  code text,
  message text,
  superseded_by uuid,
  requested_at timestamptz not null,
  ended_at timestamptz,
  foreign key (organization_id, seat_type) references seatbelt.accounts,
  constraint seat_changes_number unique (organization_id, seat_type, number),
  constraint seat_changes_end_once check ((status in ('applied', 'rolled_back')) = (ended_at is not null)),
  constraint seat_changes_rolled_back_says_why check ((status = 'rolled_back') = (code is not null)),
  constraint seat_changes_take_nothing_at_end check (ended_at is null or takes = 0)
);
create unique index seat_changes_idempotency_key on seatbelt.seat_changes (organization_id, seat_type, idempotency_key)
  where idempotency_key is not null;
create index seat_changes_waiting on seatbelt.seat_changes (organization_id, seat_type, number) where ended_at is null;

-- Named seats. Anonymous ones are counted on the account.
create table seatbelt.seats (
  organization_id text not null,
  seat_type text not null,
  holder text not null check (holder <> '' and length(holder) <= 200),
  state text not null check (state in ('assigned', 'reserved')),
  change_id uuid,
  since timestamptz not null default now(),
  primary key (organization_id, seat_type, holder),
  foreign key (organization_id, seat_type) references seatbelt.accounts,
  constraint seats_hanging_are_reserved check (change_id is null or state = 'reserved')
);

-- Every push from its intent on. While it is open, what changes is on the account's row.
create table seatbelt.pushes (
  id uuid primary key,
  organization_id text not null,
  seat_type text not null,
  subscription_id text not null,
  origin text not null check (origin in ('changes', 'late_write', 'resolve')),
  generation integer not null,
  path text not null,
  body text not null,
  api_version text not null,
  from_seats integer not null,
  from_quantity bigint not null,
  target_seats integer not null,
  target_quantity bigint not null,
  changes jsonb not null,
  outcome text check (outcome in ('confirmed', 'refused', 'rolled_back', 'held')),
  code text,
  message text,
  stripe_request_id text,
  intended_at timestamptz not null,
  ended_at timestamptz,
  foreign key (organization_id, seat_type) references seatbelt.accounts,
  constraint pushes_end_with_outcome check ((outcome is null) = (ended_at is null))
);
-- Two pushes on one subscription never overlap.
create unique index pushes_one_open on seatbelt.pushes (subscription_id) where ended_at is null;
create index pushes_of_account on seatbelt.pushes (organization_id, seat_type, intended_at);

create table seatbelt.incidents (
  id text primary key,
  organization_id text not null,
  seat_type text not null,
  kind text not null,
  action text not null check (action in ('none', 'watch', 'act')),
  push_id uuid,
  message text not null,
  opened_at timestamptz not null,
  closed_at timestamptz,
  -- When the alert of it was surely delivered; null: somebody still has to.
  alerted_at timestamptz,
  foreign key (organization_id, seat_type) references seatbelt.accounts
);
create index incidents_unalerted on seatbelt.incidents (opened_at) where alerted_at is null;
create index incidents_open on seatbelt.incidents (organization_id, seat_type) where closed_at is null;

-- The trail. The hash is over the stored text, so that nothing depends on how a database prints json.
create table seatbelt.audit (
  organization_id text not null,
  seat_type text not null,
  sequence bigint not null,
  entry text not null,
  hash text not null,
  change_id uuid,
  push_id uuid,
  primary key (organization_id, seat_type, sequence),
  foreign key (organization_id, seat_type) references seatbelt.accounts
);
create index audit_of_change on seatbelt.audit (change_id) where change_id is not null;
create index audit_of_push on seatbelt.audit (push_id) where push_id is not null;

create function seatbelt.refuse_change_of_audit() returns trigger language plpgsql as $$
begin
  raise exception 'seatbelt.audit is append-only' using errcode = 'restrict_violation';
end $$;
create trigger audit_append_only before update or delete on seatbelt.audit
  for each row execute function seatbelt.refuse_change_of_audit();
create trigger audit_not_truncated before truncate on seatbelt.audit
  for each statement execute function seatbelt.refuse_change_of_audit();

-- What the host is to hear, at least once.
create table seatbelt.host_events (
  id bigint generated always as identity primary key,
  organization_id text not null,
  seat_type text not null,
  type text not null,
  change_id uuid,
  data jsonb not null,
  created_at timestamptz not null default now(),
  tries integer not null default 0,
  next_try_at timestamptz not null default now(),
  delivered_at timestamptz
);
create index host_events_undelivered on seatbelt.host_events (next_try_at) where delivered_at is null;

-- Webhook events by id; a reason to look, kept to tell twice from once.
create table seatbelt.stripe_events (
  id text primary key,
  type text not null,
  subscription_id text,
  times integer not null default 1,
  received_at timestamptz not null default now()
);

-- Prices shown to people, bound to the state they were calculated for.
create table seatbelt.quotes (
  id uuid primary key,
  organization_id text not null,
  seat_type text not null,
  seats integer not null,
  seat_count integer not null,
  settled_seats integer not null,
  proration_date bigint not null,
  amount_due bigint not null,
  total bigint not null,
  currency text not null,
  expires_at timestamptz not null,
  foreign key (organization_id, seat_type) references seatbelt.accounts
);
create index quotes_expired on seatbelt.quotes (expires_at);

-- The last success of every duty: who watches the healer reads this.
create table seatbelt.duties (
  name text primary key,
  last_success_at timestamptz not null,
  report jsonb not null default '{}'
);

create view seatbelt.organization_seats as
  select organization_id, seat_count, settled_seats, assigned_seats + reserved_seats as used_seats,
         subscription_id, subscription_item_id, push_state
    from seatbelt.accounts
   where seat_type = 'seat';

create view seatbelt.holders as
  select organization_id, holder, state, change_id from seatbelt.seats where seat_type = 'seat';
`;
