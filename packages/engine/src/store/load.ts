import { apart } from '../core/parked.ts';
import type { State } from '../core/types.ts';
import { type Executor, type Row, withColumns } from '../db/executor.ts';
import { accountFromRow, changeFromRow, holderFromRow, incidentFromRow } from './rows.ts';
import type { AccountKey, Named } from './store.ts';

/*
 * The rows come as `json` and not as `jsonb`: a change may name ten thousand holders, and `jsonb_agg` takes a quarter of a
 * second to build its tree around them where `json_agg` takes the text as it is. For a row of forty columns it is the same
 * on a small scale.
 */

/** Present where a load names keys or holders, with the parameter that names them; otherwise nothing is looked for. */
const keysPart = (names: string) => /* sql */ `
       (select coalesce(json_agg(row_to_json(c)), '[]') from seatbelt.seat_changes c
         where c.organization_id = a.organization_id and c.seat_type = a.seat_type
           and c.idempotency_key is not null and c.idempotency_key = any (${names}::text[]))`;
const holdersPart = (names: string) => /* sql */ `
       (select coalesce(json_agg(row_to_json(s)), '[]') from seatbelt.seats s
         where s.organization_id = a.organization_id and s.seat_type = a.seat_type and s.holder = any (${names}::text[]))`;
const nothing = /* sql */ `'[]'::json`;

const statementWith = (keys: string, holders: string) => /* sql */ `
select row_to_json(a) as account,
       (extract(epoch from clock_timestamp()) * 1000)::bigint as now,
       i.paused_reason as installation_paused,
       case when a.waiting_changes = 0 and a.parked_changes = 0 then '[]'::json else
         (select coalesce(json_agg(row_to_json(c) order by c.number), '[]') from seatbelt.seat_changes c
           where c.organization_id = a.organization_id and c.seat_type = a.seat_type and c.ended_at is null)
       end as waiting,
       ${keys} as keys,
       ${holders} as holders,
       (select coalesce(json_agg(row_to_json(n)), '[]') from seatbelt.incidents n
         where n.organization_id = a.organization_id and n.seat_type = a.seat_type and n.closed_at is null) as incidents
  from seatbelt.accounts a
  left join seatbelt.installation i on true
 where a.organization_id = $1 and a.seat_type = $2`;

/**
 * Four texts instead of one that asks whether its lists are empty: with that question in it PostgreSQL finds a plan made
 * for the values at hand cheaper each time, and so plans each load of a client that prepares statements anew.
 */
const statements = {
  account: statementWith(nothing, nothing),
  keys: statementWith(keysPart('$3'), nothing),
  holders: statementWith(nothing, holdersPart('$3')),
  both: statementWith(keysPart('$3'), holdersPart('$4')),
};

function statementFor({ keys, holders }: Named): { text: string; lists: (readonly string[])[] } {
  if (keys.length > 0 && holders.length > 0) return { text: statements.both, lists: [keys, holders] };
  if (keys.length > 0) return { text: statements.keys, lists: [keys] };
  if (holders.length > 0) return { text: statements.holders, lists: [holders] };
  return { text: statements.account, lists: [] };
}

/** Everything a decision needs, in one consistent picture; null for an unknown account. */
export async function load(db: Executor, key: AccountKey, named: Named): Promise<State | null> {
  const { text, lists } = statementFor(named);
  const { rows } = await db.executeSql(text, [key.organization, key.seatType, ...lists]);
  const row = rows[0];
  if (!row) return null;
  return stateFromRow(row);
}

/**
 * One row of `load`, or of a page of accounts: the columns above. A host's transaction may rename them without saying so, and
 * what is not there would read as a pause.
 */
export function stateFromRow(found: Row): State {
  const row = withColumns(found, 'installation_paused');
  const keys = list(row.keys).map(changeFromRow);
  const holders = list(row.holders).map(holderFromRow);
  return {
    account: accountFromRow(row.account),
    ...apart(list(row.waiting).map(changeFromRow)),
    keys: new Map(keys.flatMap((change) => (change.idempotencyKey === null ? [] : [[change.idempotencyKey, change]]))),
    holders: new Map(holders.map((holder) => [holder.holder, holder])),
    incidents: list(row.incidents).map(incidentFromRow),
    installationPaused: row.installation_paused === null ? null : String(row.installation_paused),
    pauseRead: row.installation_paused !== null,
    now: Number(row.now),
  };
}

/** jsonb arrives parsed from most clients and as text from some. */
function list(value: unknown): unknown[] {
  const parsed: unknown = typeof value === 'string' ? JSON.parse(value) : value;
  if (!Array.isArray(parsed)) throw new TypeError('load: expected a list of rows');
  return parsed;
}
