/** The tables of the usual program, indexed for each of its queries. */
export const schema = /* sql */ `
create schema usual;

create table usual.organizations (
  id text primary key,
  seat_count integer not null check (seat_count >= 0),
  stripe_subscription_id text not null unique,
  stripe_subscription_item_id text not null unique
);

create table usual.members (
  id uuid primary key default gen_random_uuid(),
  organization_id text not null references usual.organizations,
  user_id text not null,
  created_at timestamptz not null default now(),
  unique (organization_id, user_id)
);

create table usual.invites (
  id uuid primary key default gen_random_uuid(),
  organization_id text not null references usual.organizations,
  email text not null,
  accepted_at timestamptz,
  created_at timestamptz not null default now()
);
create index invites_open on usual.invites (organization_id) where accepted_at is null;
`;
