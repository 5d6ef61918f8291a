// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these strings are excerpts of a source file that has templates.
/** Bugs of the store on PostgreSQL that a careful engineer could have written. The store in memory cannot show them. */
import type { Planted } from './planted-bugs.ts';

export const plantedInStore: readonly Planted[] = [
  {
    // This one was written, in the first days of the store, and found by hand.
    name: 'freeing one named holder deletes every named row of the account',
    file: 'store/commit.ts',
    from: 'using account, jsonb_array_elements_text(${rows}::jsonb) as gone (holder)\n   where s.organization_id = account.organization_id and s.seat_type = account.seat_type and s.holder = gone.holder',
    to: 'using account, jsonb_array_elements_text(${rows}::jsonb) as gone\n   where s.organization_id = account.organization_id and s.seat_type = account.seat_type and s.holder = holder',
  },
  {
    name: 'a mark that arrives between load and commit is lost',
    file: 'store/commit.ts',
    from: 'due_at = case when a.marks = $4 then n.due_at else least(n.due_at, a.due_at) end,',
    to: 'due_at = case when a.marks >= $4 then n.due_at else least(n.due_at, a.due_at) end,',
  },
  {
    name: 'a mark that arrived makes the account due only where something else does',
    file: 'store/commit.ts',
    from: 'else least(n.due_at, a.due_at) end,',
    to: 'else n.due_at + (least(n.due_at, a.due_at) - n.due_at) end,',
  },
  {
    name: 'a claim ends by the clock of the process that asks',
    file: 'store/claim.ts',
    from: "set lease_owner = $3, lease_until = clock_timestamp() + $4 * interval '1 millisecond'\n where organization_id = $1 and seat_type = $2\n   and (lease_until is null or lease_until < now() or lease_owner = $3 or ${ofAnotherClock}) and ${withPatience}\nreturning 1 as claimed`,\n    [key.organization, key.seatType, owner, leaseMs],",
    to: "set lease_owner = $3, lease_until = to_timestamp($5::double precision / 1000) + $4 * interval '1 millisecond'\n where organization_id = $1 and seat_type = $2\n   and (lease_until is null or lease_until < to_timestamp($5::double precision / 1000) or lease_owner = $3 or ${ofAnotherClock}) and ${withPatience}\nreturning 1 as claimed`,\n    [key.organization, key.seatType, owner, leaseMs, Date.now()],",
  },
  {
    name: 'a claim that is over at this very moment can be taken',
    file: 'store/claim.ts',
    from: 'and (lease_until is null or lease_until < now() or lease_owner = $3 or ${ofAnotherClock})',
    to: 'and (lease_until is null or lease_until <= now() or lease_owner = $3 or ${ofAnotherClock})',
  },
  {
    name: 'anybody`s release frees the claim',
    file: 'store/claim.ts',
    from: 'where organization_id = $1 and seat_type = $2 and lease_owner = $3 and ${withPatience}`,',
    to: 'where organization_id = $1 and seat_type = $2 and $3::uuid is not null and ${withPatience}`,',
  },
  {
    name: 'the audit branch of the commit is not guarded by the version',
    file: 'store/commit.ts',
    from: '  select account.organization_id, account.seat_type, r.sequence, r.entry, r.hash, r.change, r.push\n    from account, jsonb_to_recordset(',
    to: '  select $1, $2, r.sequence, r.entry, r.hash, r.change, r.push\n    from jsonb_to_recordset(',
  },
  {
    name: 'the branch of the host events is not guarded by the version',
    file: 'store/commit.ts',
    from: '  select account.organization_id, account.seat_type, r.type, r.change, r.data\n    from account, jsonb_to_recordset(',
    to: '  select $1, $2, r.type, r.change, r.data\n    from jsonb_to_recordset(',
  },
  {
    name: 'the version is not checked at all',
    file: 'store/commit.ts',
    from: 'where a.organization_id = $1 and a.seat_type = $2 and a.version = $3\n',
    to: 'where a.organization_id = $1 and a.seat_type = $2 and a.version >= $3\n',
  },
  {
    name: 'a commit does not ask whether everything is paused by now',
    file: 'store/commit.ts',
    from: "const unpaused = 'not exists (select from seatbelt.installation i where i.paused_reason is not null)';",
    to: "const unpaused = 'not exists (select from seatbelt.installation i where i.environment is null)';",
  },
  {
    // This one was written, and found by asking what a process that remembers a pause does after its end.
    name: 'a decision of a pause of everything is written after its end',
    file: 'store/commit.ts',
    from: '`exists (select from seatbelt.installation i where i.paused_reason is not null${patience} for share of i)`;',
    to: '`exists (select from seatbelt.installation i where i.environment is not null${patience} for share of i)`;',
  },
  {
    name: 'the second write to a change that no push had carried is lost',
    file: 'store/commit.ts',
    from: 'where c.organization_id = excluded.organization_id and c.seat_type = excluded.seat_type\n',
    to: 'where c.organization_id = excluded.organization_id and c.seat_type = excluded.seat_type and c.push_id is not null\n',
  },
  {
    name: 'a change can end twice',
    file: 'store/commit.ts',
    from: 'ended_at = case when c.ended_at is null then excluded.ended_at when excluded.ended_at is null then c.ended_at end',
    to: 'ended_at = excluded.ended_at',
  },
  {
    name: 'keys of another organization are found',
    file: 'store/load.ts',
    from: 'where c.organization_id = a.organization_id and c.seat_type = a.seat_type\n           and c.idempotency_key is not null and',
    to: 'where c.seat_type = a.seat_type\n           and c.idempotency_key is not null and',
  },
  {
    name: 'waiting changes come in the order of their ids',
    file: 'store/load.ts',
    from: "(select coalesce(json_agg(row_to_json(c) order by c.number), '[]')",
    to: "(select coalesce(json_agg(row_to_json(c) order by c.id), '[]')",
  },
  {
    name: 'two columns of the account are written the wrong way round',
    file: 'store/rows.ts',
    from: 'anonymous_assigned: account.anonymousAssigned,\n    anonymous_reserved: account.anonymousReserved,',
    to: 'anonymous_assigned: account.anonymousReserved,\n    anonymous_reserved: account.anonymousAssigned,',
  },
  {
    name: 'the turns of other processes are not counted',
    file: 'store/migrations/0010-turns-after-a-clock-set-back.ts',
    from: 'start_at := case when r.next_at > horizon then moment else greatest(r.next_at, moment) end;',
    to: 'start_at := moment;',
  },
  {
    name: 'an idempotency key is not unique',
    file: 'store/migrations/0001-accounts-changes-pushes-audit.ts',
    from: 'create unique index seat_changes_idempotency_key',
    to: 'create index seat_changes_idempotency_key',
  },
  {
    name: 'both numbers may differ at rest',
    file: 'store/migrations/0001-accounts-changes-pushes-audit.ts',
    from: 'check (push_id is not null or waiting_changes > 0 or seat_count = settled_seats)',
    to: 'check (push_id is not null or waiting_changes >= 0 or seat_count = settled_seats)',
  },
  {
    name: 'two pushes can be open on one subscription',
    file: 'store/migrations/0001-accounts-changes-pushes-audit.ts',
    from: 'create unique index pushes_one_open',
    to: 'create index pushes_one_open',
  },
  {
    name: 'the work with the row locked is not one transaction',
    file: 'store/postgres-store.ts',
    from: 'locked: (key, work, linkingTo) =>\n      database.transaction(async (tx) => {\n        if (linkingTo !== undefined) await claimSubscription(tx, key, linkingTo);\n        await lock(tx, key);\n        return work(verbsOn(tx));\n      }),',
    to: 'locked: (_key, work) => work(verbsOn(database)),',
  },
  {
    name: 'what is handed on after a commit keeps the old head of the trail',
    file: 'store/commit.ts',
    from: 'audit: last ? { length: last.sequence, head: last.hash } : before.account.audit,\n    },\n  };\n}',
    to: 'audit: before.account.audit,\n    },\n  };\n}',
  },
];

/** Bugs of the way to the database, which only a connection that really breaks can show: the schedules on PostgreSQL find them. */
export const plantedInAccess: readonly Planted[] = [
  {
    name: 'a connection that breaks under a statement proves that the statement was not done',
    file: 'db/failure.ts',
    from: "return { kind: notSent ? 'never_sent' : 'unknown', code, constraint: null, message };",
    to: "return { kind: 'never_sent', code, constraint: null, message };",
  },
  {
    name: 'a reset connection counts as one that was never made',
    file: 'db/failure.ts',
    from: "const neverConnected = new Set(['ECONNREFUSED',",
    to: "const neverConnected = new Set(['ECONNRESET', 'ECONNREFUSED',",
  },
  {
    name: 'the version is not checked, on PostgreSQL',
    file: 'store/commit.ts',
    from: 'where a.organization_id = $1 and a.seat_type = $2 and a.version = $3\n',
    to: 'where a.organization_id = $1 and a.seat_type = $2 and a.version >= $3\n',
  },
];
