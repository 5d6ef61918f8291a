import type { Executor } from '../db/executor.ts';

/** What a process says of a duty at the end of a round. */
export interface DutyTold {
  readonly name: DutyName;
  /** What it did; null: it was not done in this round, and this process means to do it when its time comes. */
  readonly report: unknown;
  /** How long after a success its silence is told. */
  readonly silentAfterMs: number;
}

/** `tick`: the rounds of workers and of the tick route, which heal. `events`: the events cursor. `sweep`: comparing all. */
export type DutyName = 'tick' | 'events' | 'sweep';

/** Remembers the successes of a round and what is meant to be done, in one statement, so that a silent healer can be seen. */
export async function recordDuties(db: Executor, told: readonly DutyTold[]): Promise<void> {
  const rows = told.map(({ name, report, silentAfterMs }) => ({
    name,
    done: report !== null,
    report: report ?? {},
    silent_after_ms: silentAfterMs,
  }));
  await db.executeSql(
    /* sql */ `
insert into seatbelt.duties as d (name, last_success_at, report, silent_after_ms)
select r.name, case when r.done then now() end, r.report, r.silent_after_ms
  from jsonb_to_recordset($1::jsonb) as r (name text, done boolean, report jsonb, silent_after_ms bigint)
 order by r.name
on conflict (name) do update
   set last_success_at = coalesce(excluded.last_success_at, d.last_success_at),
       report = case when excluded.last_success_at is null then d.report else excluded.report end,
       -- What nobody has meant to do for long, and somebody does now, is expected from now on.
       expected_since = case when d.expected_at < now() - excluded.silent_after_ms * interval '1 millisecond'
                             then now() else d.expected_since end,
       expected_at = now(),
       silent_after_ms = excluded.silent_after_ms`,
    [JSON.stringify(rows)],
  );
}

/** Rounds are expected wherever seats are changed, even where nobody has begun any: who forgot the worker hears of it. */
export async function expectRounds(db: Executor, silentAfterMs: number): Promise<void> {
  await db.executeSql(
    /* sql */ `
insert into seatbelt.duties (name, silent_after_ms) values ('tick', $1) on conflict (name) do nothing`,
    [silentAfterMs],
  );
}

/** A duty as it is stored. Times are by the database's clock. */
export interface DutyRow {
  readonly name: string;
  /** Since the last success; null: there has been none. */
  readonly ageMs: number | null;
  readonly lastSuccessAt: string | null;
  /** Since the last success, or since it was first meant to be done. */
  readonly quietSince: string;
  readonly quietForMs: number;
  /** Since somebody last meant to do it. */
  readonly expectedAgoMs: number;
  readonly silentAfterMs: number;
  /** The open incident of its silence. */
  readonly incident: string | null;
}

export async function readDuties(db: Executor): Promise<DutyRow[]> {
  const { rows } = await db.executeSql(
    /* sql */ `
select d.name, d.silent_after_ms, i.id as incident,
       (extract(epoch from d.last_success_at) * 1000)::bigint::text as last_success,
       (extract(epoch from q.since) * 1000)::bigint::text as since,
       (extract(epoch from now() - d.last_success_at) * 1000)::bigint::text as age,
       (extract(epoch from now() - q.since) * 1000)::bigint::text as quiet_for,
       (extract(epoch from now() - d.expected_at) * 1000)::bigint::text as expected_ago
  from seatbelt.duties d
 cross join lateral (select greatest(d.last_success_at, d.expected_since) as since) q
  left join seatbelt.installation_incidents i on i.duty = d.name and i.closed_at is null
 order by d.name`,
    [],
  );
  return rows.map((row) => ({
    name: String(row.name),
    ageMs: row.age === null ? null : Number(row.age),
    lastSuccessAt: row.last_success === null ? null : isoOf(row.last_success),
    quietSince: isoOf(row.since),
    quietForMs: Number(row.quiet_for),
    expectedAgoMs: Number(row.expected_ago),
    silentAfterMs: Number(row.silent_after_ms),
    incident: row.incident === null ? null : String(row.incident),
  }));
}

function isoOf(milliseconds: unknown): string {
  return new Date(Number(milliseconds)).toISOString();
}
