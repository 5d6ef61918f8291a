/**
 * The app's own tables, beside the engine's. Numbered and append-only. Users, sessions, credentials, verifications,
 * organizations, members and invitations have the columns that Better Auth reads and writes; the rules are ours.
 */
export const migrations: readonly { readonly name: string; readonly sql: string }[] = [
  {
    name: '0001-accounts-members-invitations-keys',
    sql: /* sql */ `
create table app.users (
  id text primary key,
  name text not null,
  -- Better Auth stores addresses in lower case; two spellings of one address are one person.
  email text not null unique check (email = lower(email)),
  email_verified boolean not null default false,
  image text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table app.sessions (
  id text primary key,
  user_id text not null references app.users on delete cascade,
  token text not null unique,
  expires_at timestamptz not null,
  ip_address text,
  user_agent text,
  active_organization_id text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index sessions_of_user on app.sessions (user_id);
create index sessions_expired on app.sessions (expires_at);

-- How somebody proves who they are: a hashed password, later an identity elsewhere.
create table app.credentials (
  id text primary key,
  user_id text not null references app.users on delete cascade,
  account_id text not null,
  provider_id text not null,
  password text,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamptz,
  refresh_token_expires_at timestamptz,
  scope text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (provider_id, account_id)
);
create index credentials_of_user on app.credentials (user_id);

-- Magic links, by the hash of their token.
create table app.verifications (
  id text primary key,
  identifier text not null,
  value text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index verifications_by_identifier on app.verifications (identifier);

-- The id is the one that the engine knows the organization by.
create table app.organizations (
  id text primary key,
  name text not null,
  slug text not null unique,
  logo text,
  metadata text,
  created_at timestamptz not null default now()
);

create table app.members (
  id text primary key,
  organization_id text not null references app.organizations,
  -- Also the name by which the engine knows who holds a seat.
  user_id text not null references app.users,
  role text not null default 'member' check (role in ('owner', 'admin', 'member')),
  created_at timestamptz not null default now(),
  unique (organization_id, user_id)
);
create index members_of_user on app.members (user_id);
-- The order of the members table, page by page.
create index members_in_order on app.members (organization_id, created_at, id);

create table app.invitations (
  id text primary key,
  organization_id text not null references app.organizations,
  email text not null check (email = lower(email)),
  role text not null default 'member' check (role in ('admin', 'member')),
  -- pending: holds a reserved seat, or waits on the change that buys one. The others are ends.
  -- withdrawn: Stripe refused to bill the seat, so the invitation fell with it.
  status text not null default 'pending' check (status in ('pending', 'accepted', 'revoked', 'expired', 'withdrawn')),
  inviter_id text not null references app.users,
  -- The link holds the token, we hold its hash; null until a link is made.
  token_hash bytea unique,
  -- The seat change that the reserved seat came with. The rule is a constraint, because Better Auth refuses to start on a
  -- table with a column that it never writes and that says "not null".
  change_id uuid,
  constraint came_with_a_change check (change_id is not null),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  ended_at timestamptz,
  -- When the link was handed to the mail; null while the seat is not confirmed yet.
  sent_at timestamptz,
  -- Why it was withdrawn, in the words of the seat change; and when the inviter put the notice away.
  withdrawn_code text,
  withdrawn_message text,
  notice_seen_at timestamptz,
  check ((status = 'pending') = (ended_at is null))
);
-- One address is invited once at a time.
create unique index invitations_pending on app.invitations (organization_id, email) where status = 'pending';
create index invitations_in_order on app.invitations (organization_id, created_at, id) where status = 'pending';
create index invitations_expiring on app.invitations (expires_at) where status = 'pending';
create index invitations_of_change on app.invitations (change_id);
create index invitations_withdrawn on app.invitations (organization_id, inviter_id)
  where status = 'withdrawn' and notice_seen_at is null;

create table app.api_keys (
  id text primary key,
  organization_id text not null references app.organizations,
  name text not null,
  -- The beginning of the key, so that a person can tell which one it is.
  hint text not null,
  key_hash bytea not null unique,
  scopes text[] not null check (cardinality(scopes) > 0 and scopes <@ array['seats:read', 'seats:change']),
  created_by text not null,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  revoked_at timestamptz
);
create index api_keys_of_organization on app.api_keys (organization_id, created_at);

-- Attempts in the present window, by what they are counted for.
create table app.attempts (
  counted_for text primary key,
  window_began_at timestamptz not null,
  attempts integer not null
);
create index attempts_old on app.attempts (window_began_at);
`,
  },
  {
    name: '0002-staff-acts',
    sql: /* sql */ `
-- What the host's staff did, written before it is done. What it did to an organization is in that organization's own trail.
create table app.staff_acts (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  actor text not null,
  act text not null,
  -- null: it was about the whole installation.
  organization_id text,
  reason text not null check (reason <> ''),
  -- Why it was not done; null: it was done, or its process ended before it could say.
  failed text
);
create index staff_acts_of_organization on app.staff_acts (organization_id, id) where organization_id is not null;
`,
  },
  {
    name: '0003-invitations-in-the-mail',
    sql: /* sql */ `
-- A mail server is asked outside of every transaction, so that it is being asked is written down first.
-- send_tries: how often it was begun; after the last one the inviter is told. Columns without "not null", because Better
-- Auth refuses to start on one that it never writes.
alter table app.invitations
  add column send_tries integer default 0,
  -- Nobody else sends it before then: the one who is at it may still be, or the mail server was away.
  add column next_send_at timestamptz,
  -- When the mail server last did not take it.
  add column send_failed_at timestamptz;
create index invitations_unsent on app.invitations (next_send_at nulls first)
  where status = 'pending' and sent_at is null;
`,
  },
  {
    name: '0004-staff-acts-stay',
    sql: /* sql */ `
-- What staff did stays as it was written; that it failed may be added to it, once.
create function app.refuse_change_of_staff_acts() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' then
    if old.failed is null and new.failed is not null
       and (old.id, old.at, old.actor, old.act, old.organization_id, old.reason)
           is not distinct from (new.id, new.at, new.actor, new.act, new.organization_id, new.reason) then
      return new;
    end if;
  end if;
  raise exception 'app.staff_acts is append-only' using errcode = 'restrict_violation';
end $$;
create trigger staff_acts_append_only before update or delete on app.staff_acts
  for each row execute function app.refuse_change_of_staff_acts();
create trigger staff_acts_not_truncated before truncate on app.staff_acts
  for each statement execute function app.refuse_change_of_staff_acts();
`,
  },
];
