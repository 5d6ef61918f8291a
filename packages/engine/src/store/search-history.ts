import type { SeatChange } from '../core/types.ts';
import type { Executor } from '../db/executor.ts';
import { type StoredEntry, storedEntry } from './audit-trail.ts';
import { type ShownChange, shownChangeFromRow, shownColumns } from './rows.ts';
import type { AccountKey } from './store.ts';

/** What is looked for in the history. Everything that is named has to be so. */
export interface HistoryFilter {
  /** `open`: it has not ended yet. */
  readonly status?: 'open' | 'applied' | 'rolled_back' | undefined;
  readonly kind?: SeatChange['kind'] | undefined;
  /** Asked for at this moment or later; ISO 8601 with its offset. */
  readonly from?: string | undefined;
  /** Asked for before this moment; ISO 8601 with its offset. */
  readonly until?: string | undefined;
  /** Part of actor, reason, code or message, the beginning of a change's id, or the id of a request to Stripe. */
  readonly search?: string | undefined;
}

export interface FoundChange {
  readonly change: ShownChange;
  readonly stripeRequestId: string | null;
}

export interface HistoryPage {
  readonly found: readonly FoundChange[];
  /** Where the next page begins; null: there is nothing older. */
  readonly before: number | null;
}

/**
 * So many changes are looked through for one page, however few of them fit. So the statement takes the same few
 * milliseconds for any history and any filter, without an index for each of them on the table that every change writes to.
 */
const lookedThrough = 1_000;

/**
 * Changes are numbered in the order of their commits and dated by the clock of the database, which may step back a little,
 * at a failover for instance. So much older than the beginning of a range is the point from which on nothing older is in it.
 */
const clockStepMs = 60 * 60_000;

/** Newest first. A page with nothing found and a `before` means: not among those that were looked through, go on there. */
export async function searchHistory(
  db: Executor,
  key: AccountKey,
  page: { readonly before: number | null; readonly limit: number; readonly filter: HistoryFilter },
): Promise<HistoryPage> {
  const { status, kind, search, from, until } = page.filter;
  const text = search?.trim() ?? '';
  const filtered = [status, kind, from, until].some((part) => part !== undefined) || text !== '';
  const { rows } = await db.executeSql(
    /* sql */ `
with looked as materialized (
  select c.id, c.number, c.push_id, c.status, c.kind, c.requested_at, c.ended_at, c.actor, c.reason, c.code, c.message
    from seatbelt.seat_changes c
   where c.organization_id = $1 and c.seat_type = $2 and ($3::bigint is null or c.number < $3::bigint)
   order by c.number desc
   limit $4
), found as (
  select l.id, l.number, l.push_id from looked l
   where ($5::text is null or case $5::text when 'open' then l.ended_at is null else l.status = $5::text and l.ended_at is not null end)
     and ($6::text is null or l.kind = $6::text)
     and ($7::text is null
          or l.actor ilike $7::text or l.reason ilike $7::text or l.code ilike $7::text or l.message ilike $7::text
          or starts_with(l.id::text, $8::text)
          or ($8::text like 'req\\_%' and exists (
               select from seatbelt.pushes p where p.id = l.push_id and p.stripe_request_id = $8::text)))
     and ($10::timestamptz is null or l.requested_at >= $10::timestamptz)
     and ($11::timestamptz is null or l.requested_at < $11::timestamptz)
   order by l.number desc
   limit $9
)
select ${shownColumns} as change, f.number::text as number, p.stripe_request_id, null::text as looked, null::text as oldest
  from found f
  join seatbelt.seat_changes c on c.id = f.id
  left join seatbelt.pushes p on p.id = f.push_id
union all
select null, min(number)::text, null, count(*)::text, (extract(epoch from min(requested_at)) * 1000)::bigint::text from looked`,
    [
      key.organization,
      key.seatType,
      page.before,
      filtered ? lookedThrough : page.limit,
      status ?? null,
      kind ?? null,
      text === '' ? null : `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`,
      text,
      page.limit,
      from ?? null,
      until ?? null,
    ],
  );
  const summary = rows.find((row) => row.change === null);
  const found = rows
    .filter((row) => row.change !== null)
    .map((row) => ({
      number: Number(row.number),
      change: shownChangeFromRow(row.change),
      stripeRequestId: row.stripe_request_id === null ? null : String(row.stripe_request_id),
    }))
    .sort((one, other) => other.number - one.number);
  const last = found.at(-1);
  const allOlder = from !== undefined && Number(summary?.oldest ?? 0) < Date.parse(from) - clockStepMs;
  const sawAll = allOlder || Number(summary?.looked ?? 0) < (filtered ? lookedThrough : page.limit);
  if (found.length === page.limit && last) return { found, before: last.number };
  return { found, before: sawAll ? null : Number(summary?.number) };
}

/** The audit entries of several changes and of the pushes that carried them, in order. */
export async function readAuditOfMany(
  db: Executor,
  key: AccountKey,
  changes: readonly string[],
  pushes: readonly string[],
): Promise<(StoredEntry & { readonly change: string | null; readonly push: string | null })[]> {
  const { rows } = await db.executeSql(
    /* sql */ `
select organization_id, seat_type, sequence::text as sequence, entry, hash, change_id::text as change, push_id::text as push
  from seatbelt.audit t
 where organization_id = $1 and seat_type = $2
   and (change_id = any ($3::uuid[]) or (change_id is null and push_id = any ($4::uuid[])))
 order by t.sequence`,
    [key.organization, key.seatType, changes, pushes],
  );
  return rows.map((row) => ({
    ...storedEntry(row),
    change: row.change === null ? null : String(row.change),
    push: row.push === null ? null : String(row.push),
  }));
}
