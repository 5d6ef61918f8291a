import type { Incident } from '../core/types.ts';
import type { Executor } from '../db/executor.ts';
import { incidentFromRow } from './rows.ts';
import type { AccountKey } from './store.ts';

/** Incidents whose alert nobody has surely delivered yet: their finder may have died right after finding them. */
export async function readUnalerted(db: Executor, limit: number): Promise<{ key: AccountKey; incident: Incident }[]> {
  const { rows } = await db.executeSql(
    /* sql */ `
select to_jsonb(i) as incident, i.organization_id, i.seat_type from seatbelt.incidents i
 where i.alerted_at is null
 order by i.opened_at
 limit $1`,
    [limit],
  );
  return rows.map((row) => ({
    key: { organization: String(row.organization_id), seatType: String(row.seat_type) },
    incident: incidentFromRow(row.incident),
  }));
}

/** Somebody else is to tell of these, from the beginning. */
export async function oweAlerts(db: Executor, ids: readonly string[]): Promise<void> {
  await db.executeSql(/* sql */ `update seatbelt.incidents set alerted_at = null where id = any ($1)`, [ids]);
}

export async function markAlerted(db: Executor, ids: readonly string[]): Promise<void> {
  await db.executeSql(/* sql */ `update seatbelt.incidents set alerted_at = now() where id = any ($1)`, [ids]);
}
