import type { Decision, State } from '../core/types.ts';
import type { Executor } from '../db/executor.ts';
import { chain } from './audit-chain.ts';
import { withPatience } from './patience.ts';
import { accountToRow, changeToRow, endedPushToRow, incidentToRow, openPushToRow } from './rows.ts';
import type { LeaseAction } from './store.ts';

/**
 * The one statement that writes. `account` moves the version or matches nothing, and every other part selects from it,
 * so nothing is written when the version has moved. Parts with nothing to write are left out: the few texts that
 * come of it are stable, so a client that prepares statements prepares them once.
 */
const accountPart = (pause: string, patience: string) => /* sql */ `
account as (
  update seatbelt.accounts a
     set version = a.version + 1,
         customer_id = n.customer_id, subscription_id = n.subscription_id, subscription_item_id = n.subscription_item_id,
         status = n.status, hold = n.hold, paused_reason = n.paused_reason, terms = n.terms,
         settled_seats = n.settled_seats, seat_count = n.seat_count,
         assigned_seats = n.assigned_seats, reserved_seats = n.reserved_seats,
         anonymous_assigned = n.anonymous_assigned, anonymous_reserved = n.anonymous_reserved,
         change_count = n.change_count, waiting_changes = n.waiting_changes,
         parked_changes = n.parked_changes, spent = n.spent,
         push_id = n.push_id, push_state = n.push_state, push = n.push, tails = n.tails,
         marks_seen = n.marks_seen, look_tries = n.look_tries, next_look_at = n.next_look_at, looked_at = n.looked_at,
         observed = n.observed, reverted_at = n.reverted_at, reversed_at = n.reversed_at, quota_used = n.quota_used,
         -- A mark that arrived since the load made the account due; clearing that would lose the wake-up.
         due_at = case when a.marks = $4 then n.due_at else least(n.due_at, a.due_at) end,
         lease_owner = case $5 when 'take' then $6::uuid when 'release' then null else a.lease_owner end,
         lease_until = case $5 when 'take' then clock_timestamp() + $7 * interval '1 millisecond'
                               when 'release' then null else a.lease_until end,
         audit_length = n.audit_length, audit_head = n.audit_head,
         updated_at = clock_timestamp()
    from jsonb_to_record($8::jsonb) as n (
           customer_id text, subscription_id text, subscription_item_id text, status text, hold jsonb, paused_reason text,
           terms jsonb, settled_seats integer, seat_count integer, assigned_seats integer, reserved_seats integer,
           anonymous_assigned integer, anonymous_reserved integer, change_count bigint, waiting_changes integer,
           parked_changes integer, spent jsonb,
           push_id uuid, push_state text, push jsonb, tails jsonb, marks_seen bigint, look_tries integer,
           next_look_at timestamptz, looked_at timestamptz, observed jsonb, reverted_at jsonb, reversed_at jsonb, quota_used jsonb, due_at timestamptz, audit_length bigint, audit_head text)
   where a.organization_id = $1 and a.seat_type = $2 and a.version = $3
     -- A pause of everything moves no version; what was decided without it, or in one that is over, is decided again.
     and ${pause}${patience}
  returning a.organization_id, a.seat_type
)`;

type PartName = 'changes' | 'pushes' | 'seated' | 'freed' | 'incidents' | 'audit' | 'events';

const parts: Record<PartName, (parameter: string) => string> = {
  changes: (rows) => /* sql */ `
changes as (
  insert into seatbelt.seat_changes as c
         (organization_id, seat_type, id, number, kind, status, push_id, set_seats, delta, quantity, takes, holders, reserve,
          proration_date, hangs_on, alone, waits_until, asked, amount, idempotency_key, fingerprint, actor, reason, seats_before, seats_after, code, message,
          payment, superseded_by, requested_at, ended_at)
  select account.organization_id, account.seat_type, r.*
    from account, jsonb_to_recordset(${rows}::jsonb) as r (
           id uuid, number bigint, kind text, status text, push_id uuid, set_seats integer, delta integer, quantity integer,
           takes integer, holders jsonb, reserve boolean, proration_date bigint, hangs_on uuid, alone boolean,
           waits_until timestamptz, asked jsonb, amount bigint, idempotency_key text,
           fingerprint text, actor text, reason text, seats_before integer, seats_after integer, code text, message text,
           payment boolean, superseded_by uuid, requested_at timestamptz, ended_at timestamptz)
  on conflict (id) do update
     set status = excluded.status, push_id = excluded.push_id, takes = excluded.takes, holders = excluded.holders,
         hangs_on = excluded.hangs_on, alone = excluded.alone, waits_until = excluded.waits_until,
         number = excluded.number, delta = excluded.delta, seats_before = excluded.seats_before, seats_after = excluded.seats_after, asked = excluded.asked,
         proration_date = excluded.proration_date, amount = excluded.amount, set_seats = excluded.set_seats, code = excluded.code, message = excluded.message,
         payment = excluded.payment, superseded_by = excluded.superseded_by,
         -- A change ends once. Whatever is said of one that has ended, this gives it an end that does not go with its
         -- status, so that the constraint seat_changes_end_once refuses the whole commit.
         ended_at = case when c.ended_at is null then excluded.ended_at when excluded.ended_at is null then c.ended_at end
   where c.organization_id = excluded.organization_id and c.seat_type = excluded.seat_type
)`,
  pushes: (rows) => /* sql */ `
pushes as (
  insert into seatbelt.pushes as p
         (organization_id, seat_type, id, subscription_id, origin, generation, path, body, api_version, from_seats,
          from_quantity, target_seats, target_quantity, changes, outcome, code, message, stripe_request_id, intended_at,
          ended_at)
  select account.organization_id, account.seat_type, r.*
    from account, jsonb_to_recordset(${rows}::jsonb) as r (
           id uuid, subscription_id text, origin text, generation integer, path text, body text, api_version text,
           from_seats integer, from_quantity bigint, target_seats integer, target_quantity bigint, changes jsonb,
           outcome text, code text, message text, stripe_request_id text, intended_at timestamptz, ended_at timestamptz)
  on conflict (id) do update
     set generation = excluded.generation, outcome = excluded.outcome, code = excluded.code, message = excluded.message,
         stripe_request_id = excluded.stripe_request_id, ended_at = excluded.ended_at
   where p.organization_id = excluded.organization_id and p.seat_type = excluded.seat_type and p.ended_at is null
)`,
  seated: (rows) => /* sql */ `
seated as (
  insert into seatbelt.seats as s (organization_id, seat_type, holder, state, change_id)
  select account.organization_id, account.seat_type, r.holder, r.state, r.change_id
    from account, jsonb_to_recordset(${rows}::jsonb) as r (holder text, state text, change_id uuid)
  on conflict (organization_id, seat_type, holder) do update
     set state = excluded.state, change_id = excluded.change_id
)`,
  freed: (rows) => /* sql */ `
freed as (
  delete from seatbelt.seats s
   -- The list's column is named, and asked for by its full name: a bare "holder" is the row's own, which always fits.
   using account, jsonb_array_elements_text(${rows}::jsonb) as gone (holder)
   where s.organization_id = account.organization_id and s.seat_type = account.seat_type and s.holder = gone.holder
)`,
  incidents: (rows) => /* sql */ `
incidents as (
  insert into seatbelt.incidents as i
         (organization_id, seat_type, id, kind, action, push_id, cause, message, opened_at, closed_at)
  select account.organization_id, account.seat_type, r.*
    from account, jsonb_to_recordset(${rows}::jsonb) as r (
           id text, kind text, action text, push_id uuid, cause text, message text, opened_at timestamptz, closed_at timestamptz)
  on conflict (id) do update set message = excluded.message, closed_at = excluded.closed_at
   where i.organization_id = excluded.organization_id and i.seat_type = excluded.seat_type
)`,
  audit: (rows) => /* sql */ `
audit as (
  insert into seatbelt.audit (organization_id, seat_type, sequence, entry, hash, change_id, push_id)
  select account.organization_id, account.seat_type, r.sequence, r.entry, r.hash, r.change, r.push
    from account, jsonb_to_recordset(${rows}::jsonb) as r (
           sequence bigint, entry text, hash text, change uuid, push uuid)
)`,
  events: (rows) => /* sql */ `
events as (
  insert into seatbelt.host_events (organization_id, seat_type, type, change_id, data)
  select account.organization_id, account.seat_type, r.type, r.change, r.data
    from account, jsonb_to_recordset(${rows}::jsonb) as r (type text, change uuid, data jsonb)
)`,
};

/** How long the account's row is waited for: as long as our own statements wait, or as the host's transaction says. */
export type RowWait = 'bounded' | 'as_the_host_says';

const unpaused = 'not exists (select from seatbelt.installation i where i.paused_reason is not null)';

/**
 * The pause must not end before this is committed: what it leaves open is due at no time, and its end wakes what it finds
 * open. So the end waits for who has this, and who comes during the end waits for that.
 */
const stillPaused = (patience: string) =>
  `exists (select from seatbelt.installation i where i.paused_reason is not null${patience} for share of i)`;

const statements = new Map<string, string>();

function statementOf(names: readonly PartName[], pauseRead: boolean, rowWait: RowWait): string {
  const name = [rowWait, pauseRead, ...names].join();
  const known = statements.get(name);
  if (known) return known;
  const written = names.map((name, index) => parts[name](`$${index + 9}`));
  const patience = rowWait === 'bounded' ? `\n     and ${withPatience}` : '';
  const account = accountPart(pauseRead ? stillPaused(patience) : unpaused, patience);
  const statement = `with${[account, ...written].join(',')}\nselect 1 as committed from account`;
  statements.set(name, statement);
  return statement;
}

/** Writes a decision if the account is still at the version it was made for, and nobody has paused everything since. */
export async function commit(
  db: Executor,
  before: State,
  decision: Decision,
  lease: LeaseAction,
  rowWait: RowWait = 'bounded',
): Promise<'committed' | 'conflict'> {
  const { records, state } = decision;
  const entries = chain(before.account, records.audit);
  const last = entries.at(-1);
  const account = {
    ...state.account,
    audit: last ? { length: last.sequence, head: last.hash } : before.account.audit,
  };

  const written: Record<PartName, readonly unknown[]> = {
    changes: records.changes.map(changeToRow),
    pushes: [...records.pushesEnded.map(endedPushToRow), ...records.pushesOpened.map(openPushToRow)],
    seated: [...records.holders.values()].flatMap((row) =>
      row === null ? [] : [{ holder: row.holder, state: row.state, change_id: row.change }],
    ),
    freed: [...records.holders].flatMap(([holder, row]) => (row === null ? [holder] : [])),
    incidents: records.incidents.map(incidentToRow),
    audit: entries,
    events: records.events,
  };
  const names = (Object.keys(written) as PartName[]).filter((name) => written[name].length > 0);
  const { rows } = await db.executeSql(statementOf(names, before.pauseRead, rowWait), [
    before.account.organization,
    before.account.seatType,
    before.account.version,
    before.account.marks,
    lease.type,
    lease.type === 'take' ? lease.owner : null,
    lease.type === 'take' ? lease.forMs : 0,
    JSON.stringify(accountToRow(account, state.waiting.length, state.parked.length)),
    ...names.map((name) => JSON.stringify(written[name])),
  ]);
  return rows.length === 1 ? 'committed' : 'conflict';
}

/** The account as it stands after `commit`, for a caller that goes on without loading again. */
export function committedState(before: State, decision: Decision): State {
  const last = chain(before.account, decision.records.audit).at(-1);
  return {
    ...decision.state,
    account: {
      ...decision.state.account,
      version: before.account.version + 1,
      audit: last ? { length: last.sequence, head: last.hash } : before.account.audit,
    },
  };
}
