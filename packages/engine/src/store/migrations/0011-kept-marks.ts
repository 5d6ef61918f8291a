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
`;
