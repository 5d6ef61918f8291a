import type { Executor } from '../db/executor.ts';
import { chainLinkSql } from './installation-audit.ts';

/** Something a person has to know that concerns no single organization. */
export interface InstallationIncident {
  readonly id: string;
  readonly duty: string;
  readonly message: string;
  readonly openedAt: string;
  readonly closedAt: string | null;
}

/** Opens the incident of one episode of silence, once, whoever finds it, with its entry in the trail. false: it was open or over already. */
export async function openSilence(
  db: Executor,
  found: { readonly id: string; readonly duty: string; readonly message: string; readonly entry: string },
): Promise<boolean> {
  const { rows } = await db.executeSql(
    /* sql */ `
with moved as (
  insert into seatbelt.installation_incidents (id, kind, duty, message) values ($1, 'duty_silent', $2, $3)
  on conflict do nothing
  returning id
), ${chainLinkSql('$4')}
select id from moved`,
    [found.id, found.duty, found.message, found.entry],
  );
  return rows.length === 1;
}

/** Closes it, with its entry in the trail; that it is over is told anew. false: somebody else has. */
export async function closeSilence(db: Executor, id: string, entry: string): Promise<boolean> {
  const { rows } = await db.executeSql(
    /* sql */ `
with moved as (
  update seatbelt.installation_incidents set closed_at = now(), alerted_at = null
   where id = $1 and closed_at is null
  returning id
), ${chainLinkSql('$2')}
select id from moved`,
    [id, entry],
  );
  return rows.length === 1;
}

/** Incidents whose newest news has not surely arrived anywhere: their finder may have died right after finding them. */
export async function readUntold(db: Executor): Promise<InstallationIncident[]> {
  return readIncidents(db, 'where alerted_at is null order by opened_at limit 50');
}

export async function readOpenIncidents(db: Executor): Promise<InstallationIncident[]> {
  return readIncidents(db, 'where closed_at is null order by opened_at');
}

/** `closed`: as it was when it was told; what has changed since is told again. */
export async function markTold(db: Executor, told: readonly InstallationIncident[]): Promise<void> {
  const rows = told.map(({ id, closedAt }) => ({ id, closed: closedAt !== null }));
  await db.executeSql(
    /* sql */ `
update seatbelt.installation_incidents i set alerted_at = now()
  from jsonb_to_recordset($1::jsonb) as t (id text, closed boolean)
 where i.id = t.id and (i.closed_at is not null) = t.closed`,
    [JSON.stringify(rows)],
  );
}

async function readIncidents(db: Executor, which: string): Promise<InstallationIncident[]> {
  const { rows } = await db.executeSql(
    `select id, duty, message, to_jsonb(opened_at) as opened, to_jsonb(closed_at) as closed
       from seatbelt.installation_incidents ${which}`,
    [],
  );
  return rows.map((row) => ({
    id: String(row.id),
    duty: String(row.duty),
    message: String(row.message),
    openedAt: new Date(String(row.opened)).toISOString(),
    closedAt: row.closed === null ? null : new Date(String(row.closed)).toISOString(),
  }));
}
