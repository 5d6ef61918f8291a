import { type Database, type Executor, withColumns } from '../db/executor.ts';
import { hashOf } from './audit-chain.ts';
import { withPatience } from './patience.ts';

export interface Installation {
  readonly environment: string;
  readonly livemode: boolean;
  readonly pausedReason: string | null;
}

/**
 * Which installation this database belongs to. The first one to come owns it; a restored dump or a preview deployment
 * finds another name here and must not push.
 */
export async function readOrClaimInstallation(
  db: Executor,
  environment: string,
  livemode: boolean,
): Promise<Installation> {
  // Reading first: a standby, or a database that is read-only just now, can still say whose it is.
  const read = `select environment, livemode, paused_reason from seatbelt.installation`;
  let row = (await db.executeSql(read, [])).rows[0];
  if (!row) {
    await db.executeSql(
      `insert into seatbelt.installation (environment, livemode) values ($1, $2) on conflict do nothing`,
      [environment, livemode],
    );
    row = (await db.executeSql(read, [])).rows[0];
  }
  if (!row) throw new Error('seatbelt.installation is empty although it was just written.');
  row = withColumns(row, 'environment', 'livemode', 'paused_reason');
  return {
    environment: String(row.environment),
    livemode: row.livemode === true,
    pausedReason: row.paused_reason === null ? null : String(row.paused_reason),
  };
}

/**
 * Pauses every write to Stripe, or lets them go on, wakes all accounts that waited for it, and writes who and why into the
 * trail of the installation: all of it or nothing. `false`: there is no installation yet, and nothing was written.
 */
export function pauseInstallation(
  database: Database,
  said: { readonly paused: boolean; readonly actor: string; readonly reason: string | null },
): Promise<boolean> {
  return database.transaction(async (tx) => {
    // The lock puts two people who do this at once in an order; the second one chains behind the first.
    const { rows } = await tx.executeSql(
      /* sql */ `
select audit_length::text as length, audit_head, (extract(epoch from clock_timestamp()) * 1000)::bigint::text as now
  from seatbelt.installation where ${withPatience} for update`,
      [],
    );
    const found = rows[0];
    if (!found) return false;
    const sequence = Number(found.length) + 1;
    const entry = JSON.stringify({
      sequence,
      at: new Date(Number(found.now)).toISOString(),
      kind: said.paused ? 'paused' : 'resumed',
      actor: said.actor,
      reason: said.reason,
    });
    const hash = hashOf(String(found.audit_head), entry);
    await tx.executeSql(
      /* sql */ `
with installation as (
  update seatbelt.installation set paused_reason = $1, audit_length = $2, audit_head = $4
), written as (
  insert into seatbelt.installation_audit (sequence, entry, hash) values ($2, $3, $4)
)
update seatbelt.accounts a set due_at = least(coalesce(a.due_at, now()), now())
 where $1::text is null and (a.push_id is not null or a.waiting_changes > 0 or a.parked_changes > 0)
   and ${withPatience}`,
      [said.paused ? said.reason : null, sequence, entry, hash],
    );
    return true;
  });
}
