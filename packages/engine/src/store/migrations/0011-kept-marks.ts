/** Marks of accounts whose row somebody's transaction holds: whoever has to mark them keeps the mark here and goes on. */
export const sql = /* sql */ `
-- No foreign key: its check can wait for the very row that is held.
create table seatbelt.kept_marks (
  organization_id text not null,
  seat_type text not null,
  -- The event that asks for the mark; 'sweep': what was compared does, and tells nothing more.
  asked_by text not null,
  -- What the event told, as in mark_reasons.
  event_type text,
  quantity_before bigint,
  quantity_after bigint,
  request_id text,
  idempotency_key text,
  push_id uuid,
  event_created_at timestamptz,
  kept_at timestamptz not null default now(),
  primary key (organization_id, seat_type, asked_by)
);

-- An event tells an account once, also where it is delivered twice at the same moment.
delete from seatbelt.mark_reasons r using seatbelt.mark_reasons earlier
 where r.organization_id = earlier.organization_id and r.seat_type = earlier.seat_type and r.event_id = earlier.event_id
   and r.ctid > earlier.ctid;
create unique index mark_reasons_once on seatbelt.mark_reasons (organization_id, seat_type, event_id);
`;
