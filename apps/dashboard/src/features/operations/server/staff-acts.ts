import { appSchema } from '#server/app-schema/migrate.ts';
import { pool } from '#server/database.ts';
import type { StaffAct } from '../contract.ts';

const actsShown = 10;

/** Writes down what somebody is about to do, does it, and writes down if it failed. Nothing is done that was not written. */
export async function audited<Result>(
  said: { readonly actor: string; readonly act: string; readonly organization: string | null; readonly reason: string },
  work: () => Promise<Result>,
): Promise<Result> {
  await appSchema();
  const { rows } = await pool().query<{ id: string }>(
    /* sql */ `
insert into app.staff_acts (actor, act, organization_id, reason) values ($1, $2, $3, $4) returning id`,
    [said.actor, said.act, said.organization, said.reason],
  );
  try {
    return await work();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    await pool().query('update app.staff_acts set failed = $2 where id = $1', [rows[0]?.id, why.slice(0, 500)]);
    throw error;
  }
}

/** What staff did lately, the newest first. */
export async function recentActs(): Promise<StaffAct[]> {
  await appSchema();
  const { rows } = await pool().query<Omit<StaffAct, 'at'> & { at: Date }>(
    /* sql */ `
select id, at, actor, act, organization_id as organization, reason, failed
  from app.staff_acts order by id desc limit $1`,
    [actsShown],
  );
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}
