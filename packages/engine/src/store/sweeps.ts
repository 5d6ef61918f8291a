import type { Cause, Terms } from '../core/types.ts';
import type { Database, Executor, Row } from '../db/executor.ts';
import { type StoredTerms, termsFromRow } from './rows.ts';
import type { AccountKey } from './store.ts';

/** How far one walk over all subscriptions is. */
export interface SweepRow {
  readonly id: string;
  readonly dryRun: boolean;
  readonly repairLimit: number;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  /** Linked subscriptions when it began. */
  readonly expected: number;
  readonly position: string | null;
  readonly state: 'walking' | 'missing' | 'finished' | 'stopped';
  readonly pages: number;
  readonly subscriptions: number;
  readonly linked: number;
  readonly unlinked: number;
  readonly rereads: number;
  readonly repairs: number;
  readonly findings: number;
}

export type SweepAnswer =
  /** By a sweep that changes things. */
  | 'adopted'
  | 'put_back'
  | 'held'
  | 'ended'
  | 'being_written'
  | 'left_to_another_process'
  | 'asked'
  | 'told'
  /** By a dry run. */
  | 'would_adopt'
  | 'would_put_back'
  | 'would_hold'
  | 'would_end'
  | 'would_ask'
  | 'would_tell'
  /** By both. */
  | 'reported'
  | 'unreadable';

/** Something that is not as it should be. */
export interface SweepFinding {
  readonly number: number;
  readonly kind: 'drift' | 'item_missing' | 'gone' | 'unlinked' | 'duplicate_subscription';
  readonly organization: string | null;
  readonly seatType: string | null;
  readonly subscription: string | null;
  readonly cause: Cause | null;
  readonly expectedQuantity: number | null;
  readonly observedQuantity: number | null;
  readonly answer: SweepAnswer;
  readonly note: string;
}

/**
 * Begins a sweep, unless one is open: that one goes on. `dryRun` null: the first sweep of an installation only reports.
 */
export async function openSweep(
  db: Executor,
  sweep: { readonly id: string; readonly dryRun: boolean | null; readonly repairLimit: number },
): Promise<void> {
  await db.executeSql(
    /* sql */ `
insert into seatbelt.sweeps (id, dry_run, repair_limit, expected)
select $1, coalesce($2::boolean, not exists (select 1 from seatbelt.sweeps where state = 'finished')), $3,
       (select count(*) from seatbelt.accounts where subscription_id is not null and status <> 'ended')
on conflict ((true)) where finished_at is null do nothing`,
    [sweep.id, sweep.dryRun, sweep.repairLimit],
  );
}

/** Of a row of `sweeps`. Times as milliseconds: how text is written is a setting of the database. */
const sweepColumns = /* sql */ `*, (extract(epoch from started_at) * 1000)::bigint::text as started,
       (extract(epoch from finished_at) * 1000)::bigint::text as finished`;

/** Takes the open sweep, if there is one and nobody is at it. */
export async function takeSweep(db: Executor, leaseMs: number): Promise<SweepRow | null> {
  const { rows } = await db.executeSql(
    /* sql */ `
update seatbelt.sweeps set next_at = now() + $1 * interval '1 millisecond'
 where finished_at is null and next_at <= now()
returning ${sweepColumns}`,
    [leaseMs],
  );
  return rows[0] ? sweepFromRow(rows[0]) : null;
}

/** Lets another process go on with it at once. */
export async function giveSweepBack(db: Executor, id: string): Promise<void> {
  await db.executeSql(/* sql */ `update seatbelt.sweeps set next_at = now() where id = $1 and finished_at is null`, [
    id,
  ]);
}

/** Ends an open sweep that is not wanted as it was begun. */
export async function abandonSweep(db: Executor, id: string): Promise<void> {
  await db.executeSql(
    /* sql */ `
update seatbelt.sweeps set state = 'stopped', finished_at = now() where id = $1 and finished_at is null`,
    [id],
  );
}

/** Keeps it for this process while one step takes long. */
export async function keepSweep(db: Executor, id: string, leaseMs: number): Promise<void> {
  await db.executeSql(
    /* sql */ `
update seatbelt.sweeps set next_at = now() + $2 * interval '1 millisecond' where id = $1 and finished_at is null`,
    [id, leaseMs],
  );
}

/** What was listed is of no use before the first page of a sweep, and after its end. */
export async function forgetListed(database: Database): Promise<void> {
  await database.transaction(async (tx) => {
    // Nobody begins a sweep meanwhile; whoever has begun one with a page of its own keeps what is in it.
    await tx.executeSql(/* sql */ `lock table seatbelt.sweeps in share row exclusive mode`, []);
    const { rows } = await tx.executeSql(
      /* sql */ `select 1 as begun from seatbelt.sweeps where finished_at is null and pages > 0`,
      [],
    );
    // Not `truncate`, which a role that reads and writes rows may not.
    if (rows.length === 0) await tx.executeSql(/* sql */ `delete from seatbelt.sweep_listed`, []);
  });
}

export async function readLastSweep(db: Executor): Promise<SweepRow | null> {
  const { rows } = await db.executeSql(
    /* sql */ `select ${sweepColumns} from seatbelt.sweeps order by started_at desc limit 1`,
    [],
  );
  return rows[0] ? sweepFromRow(rows[0]) : null;
}

/** One step of a sweep: what was compared, found and done, with the place it has come to. */
export interface SweepStep {
  readonly position: string | null;
  readonly state: SweepRow['state'];
  readonly pages: number;
  readonly subscriptions: number;
  /** The linked ones among those that were listed. */
  readonly listed: readonly string[];
  readonly unlinked: number;
  readonly rereads: number;
  readonly repairs: number;
  readonly findings: readonly SweepFinding[];
}

/** Writes a step in one statement. null: somebody else has gone on with this sweep meanwhile; nothing is written. */
export async function saveSweepStep(
  db: Executor,
  before: SweepRow,
  step: SweepStep,
  leaseMs: number,
): Promise<SweepRow | null> {
  const { rows } = await db.executeSql(
    /* sql */ `
with moved as (
  update seatbelt.sweeps
     set position = $3, state = $4, pages = pages + $5, subscriptions = subscriptions + $6, linked = linked + $7,
         unlinked = unlinked + $8, rereads = rereads + $9, repairs = repairs + $10,
         findings = findings + jsonb_array_length($12::jsonb),
         next_at = now() + $13 * interval '1 millisecond',
         finished_at = case when $4 in ('finished', 'stopped') then now() end
   where id = $1 and finished_at is null and position is not distinct from $2 and state = $14
  returning *
), listed as (
  insert into seatbelt.sweep_listed (subscription_id)
  select unnest($11::text[]) from moved
  on conflict do nothing
), found as (
  insert into seatbelt.sweep_findings (sweep_id, number, kind, organization_id, seat_type, subscription_id, cause,
         expected_quantity, observed_quantity, answer, note)
  select moved.id, f.number, f.kind, f.organization, f."seatType", f.subscription, f.cause,
         f."expectedQuantity", f."observedQuantity", f.answer, f.note
    from moved, jsonb_to_recordset($12::jsonb) as f (
           number integer, kind text, organization text, "seatType" text, subscription text, cause text,
           "expectedQuantity" bigint, "observedQuantity" bigint, answer text, note text)
)
select ${sweepColumns} from moved`,
    [
      before.id,
      before.position,
      step.position,
      step.state,
      step.pages,
      step.subscriptions,
      step.listed.length,
      step.unlinked,
      step.rereads,
      step.repairs,
      step.listed,
      JSON.stringify(step.findings),
      leaseMs,
      before.state,
    ],
  );
  return rows[0] ? sweepFromRow(rows[0]) : null;
}

/** An account that is billed by one of the subscriptions of a page. */
export interface LinkedAccount extends AccountKey {
  readonly customer: string;
  readonly subscription: string;
  readonly item: string;
  readonly ended: boolean;
  readonly settledSeats: number;
  readonly terms: Terms;
  /** A push is open, so the two sides differ for a reason that is being dealt with. */
  readonly pushing: boolean;
  /** Held already, for showing this quantity; undefined: not held. */
  readonly heldAt: number | null | undefined;
}

/** The accounts of a whole page of subscriptions, by one statement. */
export async function readLinkedAccounts(db: Executor, subscriptions: readonly string[]): Promise<LinkedAccount[]> {
  const { rows } = await db.executeSql(
    /* sql */ `
select organization_id, seat_type, customer_id, subscription_id, subscription_item_id, status = 'ended' as ended,
       settled_seats, terms, push_id is not null as pushing, hold
  from seatbelt.accounts
 where subscription_id = any ($1::text[])`,
    [subscriptions],
  );
  return rows.map((row) => {
    const hold = fromJson<{ observedQuantity: number | null } | null>(row.hold);
    return {
      organization: String(row.organization_id),
      seatType: String(row.seat_type),
      customer: String(row.customer_id),
      subscription: String(row.subscription_id),
      item: String(row.subscription_item_id),
      ended: row.ended === true,
      settledSeats: Number(row.settled_seats),
      terms: termsFromRow(fromJson<StoredTerms>(row.terms)),
      pushing: row.pushing === true,
      heldAt: hold === null ? undefined : hold.observedQuantity,
    };
  });
}

/** An account of a customer of Stripe's, with the price that its item was seen at; null: it was not seen yet. */
export interface AccountOfCustomer extends AccountKey {
  readonly price: string | null;
}

/** The accounts that are billed by another subscription of these customers already, by customer. */
export async function readAccountsOfCustomers(
  db: Executor,
  customers: readonly string[],
): Promise<Map<string, AccountOfCustomer[]>> {
  const { rows } = await db.executeSql(
    /* sql */ `
select customer_id, organization_id, seat_type, observed #>> '{item,price}' as price from seatbelt.accounts
 where customer_id = any ($1::text[]) and status <> 'ended'
 order by organization_id, seat_type`,
    [customers],
  );
  const accounts = rows.map((row) => ({
    customer: String(row.customer_id),
    account: {
      organization: String(row.organization_id),
      seatType: String(row.seat_type),
      price: row.price === null ? null : String(row.price),
    },
  }));
  return new Map(
    [...Map.groupBy(accounts, ({ customer }) => customer)].map(([customer, found]) => [
      customer,
      found.map(({ account }) => account),
    ]),
  );
}

/**
 * The next accounts in the order of their organizations, and those among them whose subscription was not listed. A
 * chunk at a time, so that no statement takes longer than a moment however many there are.
 */
export async function readUnlistedAccounts(
  db: Executor,
  sweep: SweepRow,
  chunk: number,
): Promise<{ readonly last: string | null; readonly missing: readonly UnlistedAccount[] }> {
  const { rows } = await db.executeSql(
    /* sql */ `
with chunk as materialized (
  select organization_id, seat_type, subscription_id, status, created_at
    from seatbelt.accounts
   where organization_id > $2
   order by organization_id
   -- An organization with several seat types is not torn apart by the end of a chunk.
   fetch first $3 rows with ties
), missing as (
  select c.organization_id, c.seat_type, c.subscription_id from chunk c
   where c.subscription_id is not null and c.status <> 'ended'
     -- What was linked since is listed first by Stripe, where this sweep has been already.
     and c.created_at < (select started_at from seatbelt.sweeps where id = $1)
     and not exists (select 1 from seatbelt.sweep_listed l where l.subscription_id = c.subscription_id)
)
select (select max(organization_id) from chunk) as last,
       (select coalesce(jsonb_agg(to_jsonb(m) order by m.organization_id), '[]') from missing m) as missing`,
    [sweep.id, sweep.position ?? '', chunk],
  );
  const row = rows[0];
  const missing = fromJson<{ organization_id: string; seat_type: string; subscription_id: string }[]>(row?.missing);
  return {
    last: row?.last === null || row?.last === undefined ? null : String(row.last),
    missing: missing.map((account) => ({
      organization: account.organization_id,
      seatType: account.seat_type,
      subscription: account.subscription_id,
    })),
  };
}

export type UnlistedAccount = AccountKey & { readonly subscription: string };

/** What was found, in order, a page at a time. */
export async function readFindings(db: Executor, id: string, after: number, limit: number): Promise<SweepFinding[]> {
  const { rows } = await db.executeSql(
    /* sql */ `
select * from seatbelt.sweep_findings where sweep_id = $1 and number > $2 order by number limit $3`,
    [id, after, limit],
  );
  const text = (value: unknown) => (value === null ? null : String(value));
  const number = (value: unknown) => (value === null ? null : Number(value));
  return rows.map((row) => ({
    number: Number(row.number),
    kind: row.kind as SweepFinding['kind'],
    organization: text(row.organization_id),
    seatType: text(row.seat_type),
    subscription: text(row.subscription_id),
    cause: row.cause as Cause | null,
    expectedQuantity: number(row.expected_quantity),
    observedQuantity: number(row.observed_quantity),
    answer: row.answer as SweepAnswer,
    note: String(row.note),
  }));
}

/** The cause of what was found at this account since then, where an incident says one. */
export async function readCauseSince(db: Executor, key: AccountKey, since: number): Promise<Cause | null> {
  const { rows } = await db.executeSql(
    /* sql */ `
select cause from seatbelt.incidents
 where organization_id = $1 and seat_type = $2 and cause is not null and opened_at >= to_timestamp($3::bigint / 1000.0)
 order by opened_at desc
 limit 1`,
    [key.organization, key.seatType, since],
  );
  return (rows[0]?.cause ?? null) as Cause | null;
}

/** jsonb arrives parsed from most clients and as text from some. */
function fromJson<T>(value: unknown): T {
  return (typeof value === 'string' ? JSON.parse(value) : value) as T;
}

function sweepFromRow(row: Row): SweepRow {
  return {
    id: String(row.id),
    dryRun: row.dry_run === true,
    repairLimit: Number(row.repair_limit),
    startedAt: new Date(Number(row.started)).toISOString(),
    finishedAt: row.finished === null ? null : new Date(Number(row.finished)).toISOString(),
    expected: Number(row.expected),
    position: row.position === null ? null : String(row.position),
    state: row.state as SweepRow['state'],
    pages: Number(row.pages),
    subscriptions: Number(row.subscriptions),
    linked: Number(row.linked),
    unlinked: Number(row.unlinked),
    rereads: Number(row.rereads),
    repairs: Number(row.repairs),
    findings: Number(row.findings),
  };
}
