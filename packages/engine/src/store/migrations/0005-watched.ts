/** Who watches the healer, whose turn it is to ask Stripe, and what of Stripe's quotas a subscription has used. */
export const sql = /* sql */ `
-- A duty is known from when somebody means to do it, so that one which never succeeds is found as well.
alter table seatbelt.duties
  alter column last_success_at drop not null,
  add column expected_since timestamptz not null default now(),
  -- When a running process last meant to do it; one that nobody means to do any more is not missed.
  add column expected_at timestamptz not null default now(),
  -- How long after its last success it counts as silent, by whoever does it.
  add column silent_after_ms bigint not null default 60000 check (silent_after_ms > 0);

-- What concerns no single organization. One episode of silence has one id, whoever finds it and how often.
create table seatbelt.installation_incidents (
  id text primary key,
  kind text not null check (kind in ('duty_silent')),
  duty text not null references seatbelt.duties,
  message text not null,
  opened_at timestamptz not null default now(),
  closed_at timestamptz,
  -- When its newest news was surely delivered; null: somebody still has to.
  alerted_at timestamptz
);
create unique index installation_incidents_one_open on seatbelt.installation_incidents (duty) where closed_at is null;
create index installation_incidents_unalerted on seatbelt.installation_incidents (opened_at) where alerted_at is null;

-- The trail of the installation, chained as the trails of the accounts are; its head is beside what it is about.
alter table seatbelt.installation
  add column audit_length bigint not null default 0,
  add column audit_head text not null default '';
create table seatbelt.installation_audit (
  sequence bigint primary key,
  entry text not null,
  hash text not null
);
create function seatbelt.refuse_change_of_installation_audit() returns trigger language plpgsql as $$
begin
  raise exception 'seatbelt.installation_audit is append-only' using errcode = 'restrict_violation';
end $$;
create trigger installation_audit_append_only before update or delete on seatbelt.installation_audit
  for each row execute function seatbelt.refuse_change_of_installation_audit();
create trigger installation_audit_not_truncated before truncate on seatbelt.installation_audit
  for each statement execute function seatbelt.refuse_change_of_installation_audit();

-- The account's limit at Stripe, shared by all processes: turns are moments, so what is not used is not saved up.
create table seatbelt.stripe_rate (
  one boolean primary key default true check (one),
  -- The next turn that nobody has.
  next_at timestamptz not null default now(),
  -- When each lower kind may have one turn although others are before it.
  recovery_at timestamptz not null default now(),
  sweep_at timestamptz not null default now(),
  -- The part of the rate that Stripe last let through, and when it said so; it grows back with time.
  slowed double precision not null default 1 check (slowed > 0 and slowed <= 1),
  slowed_at timestamptz not null default now(),
  minute timestamptz not null default date_trunc('minute', now()),
  turns_in_minute integer not null default 0,
  turns_in_last_minute integer not null default 0
);
insert into seatbelt.stripe_rate default values;

-- Takes up to p_count turns. Nothing is waited for here: whoever has a turn waits for its moment itself.
create function seatbelt.take_turns(
  p_kind text, p_count integer, p_interval_ms double precision, p_ahead_ms double precision, p_share double precision,
  p_recovers_per_second double precision,
  out granted integer, out wait_ms double precision, out interval_ms double precision
) language plpgsql as $$
declare
  r seatbelt.stripe_rate;
  moment timestamptz;
  start_at timestamptz;
  this_minute timestamptz;
begin
  -- A crash that loses the newest turns loses nothing that anybody misses, so their commits need not wait for the disk.
  perform set_config('synchronous_commit', 'off', true);
  select * into strict r from seatbelt.stripe_rate for update;
  moment := clock_timestamp();
  interval_ms := p_interval_ms / least(1, r.slowed + p_recovers_per_second * extract(epoch from moment - r.slowed_at));
  start_at := greatest(r.next_at, moment);
  wait_ms := extract(epoch from start_at - moment) * 1000;
  granted := least(p_count, greatest(0, 1 + floor((p_ahead_ms - wait_ms) / interval_ms))::integer);
  if granted = 0 and p_kind = 'recovery' and r.recovery_at <= moment then granted := 1; end if;
  if granted = 0 and p_kind = 'sweep' and r.sweep_at <= moment then granted := 1; end if;
  if granted = 0 then return; end if;
  this_minute := date_trunc('minute', moment);
  update seatbelt.stripe_rate
     set next_at = start_at + granted * interval_ms * interval '1 millisecond',
         recovery_at = case when p_kind = 'recovery' then moment + interval_ms / p_share * interval '1 millisecond' else r.recovery_at end,
         sweep_at = case when p_kind = 'sweep' then moment + interval_ms / p_share * interval '1 millisecond' else r.sweep_at end,
         minute = this_minute,
         turns_in_minute = case when r.minute = this_minute then r.turns_in_minute else 0 end + granted,
         turns_in_last_minute = case when r.minute = this_minute then r.turns_in_last_minute
                                     when r.minute = this_minute - interval '1 minute' then r.turns_in_minute else 0 end;
end $$;

-- When quantities and invoices of the subscription were last asked for, as far as Stripe's quotas count them.
alter table seatbelt.accounts add column quota_used jsonb not null default '{"updates": [], "invoices": []}';
`;
