/**
 * Turns at Stripe where the database's clock was put back, by an administrator or by a failover to a server that is behind.
 * The rate that comes back with time went below zero, and turns that had been taken by the clock of before stood in the future,
 * so nobody got one until the clock had caught up. Nobody takes turns further ahead than a minute and what a hundred of them
 * take: what stands beyond that was taken by another clock and is no longer waited for.
 */
export const sql = /* sql */ `
create or replace function seatbelt.take_turns(
  p_kind text, p_count integer, p_interval_ms double precision, p_ahead_ms double precision, p_share double precision,
  p_recovers_per_second double precision,
  out granted integer, out wait_ms double precision, out interval_ms double precision
) language plpgsql as $$
declare
  r seatbelt.stripe_rate;
  moment timestamptz;
  horizon timestamptz;
  start_at timestamptz;
  this_minute timestamptz;
begin
  -- A crash that loses the newest turns loses nothing that anybody misses, so their commits need not wait for the disk.
  perform set_config('synchronous_commit', 'off', true);
  select * into strict r from seatbelt.stripe_rate for update;
  moment := clock_timestamp();
  horizon := moment + interval '1 minute' + 100 * p_interval_ms * interval '1 millisecond';
  interval_ms := p_interval_ms
    / least(1, r.slowed + p_recovers_per_second * greatest(0, extract(epoch from moment - r.slowed_at)));
  start_at := case when r.next_at > horizon then moment else greatest(r.next_at, moment) end;
  wait_ms := extract(epoch from start_at - moment) * 1000;
  granted := least(p_count, greatest(0, 1 + floor((p_ahead_ms - wait_ms) / interval_ms))::integer);
  if granted = 0 and p_kind = 'recovery' and (r.recovery_at <= moment or r.recovery_at > horizon) then granted := 1; end if;
  if granted = 0 and p_kind = 'sweep' and (r.sweep_at <= moment or r.sweep_at > horizon) then granted := 1; end if;
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
`;
