import type { Executor } from '../db/executor.ts';

/** Remembers the last success of a duty, so that a silent healer can be seen. */
export async function recordDuty(db: Executor, name: string, report: unknown): Promise<void> {
  await db.executeSql(
    /* sql */ `
insert into seatbelt.duties (name, last_success_at, report) values ($1, now(), $2::jsonb)
on conflict (name) do update set last_success_at = excluded.last_success_at, report = excluded.report`,
    [name, JSON.stringify(report)],
  );
}

export interface DutyRow {
  readonly name: string;
  /** By the database's clock. */
  readonly ageMs: number;
  readonly lastSuccessAt: string;
}

export async function readDuties(db: Executor): Promise<DutyRow[]> {
  const { rows } = await db.executeSql(
    /* sql */ `
select name, last_success_at, (extract(epoch from now() - last_success_at) * 1000)::bigint::text as age
  from seatbelt.duties order by name`,
    [],
  );
  return rows.map((row) => ({
    name: String(row.name),
    ageMs: Number(row.age),
    lastSuccessAt: new Date(String(row.last_success_at)).toISOString(),
  }));
}
