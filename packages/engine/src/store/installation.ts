import type { Executor } from '../db/executor.ts';

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
  return {
    environment: String(row.environment),
    livemode: row.livemode === true,
    pausedReason: row.paused_reason === null ? null : String(row.paused_reason),
  };
}

/** Pauses every write to Stripe, or lets them go on (`reason` null), and wakes all accounts that waited for it. `false`: there is no installation yet. */
export async function pauseInstallation(db: Executor, reason: string | null): Promise<boolean> {
  const { rows } = await db.executeSql(
    /* sql */ `
with installation as (
  update seatbelt.installation set paused_reason = $1 returning 1
), woken as (
  update seatbelt.accounts a set due_at = least(coalesce(a.due_at, now()), now())
    from installation
   where $1::text is null and (a.push_id is not null or a.waiting_changes > 0)
)
select 1 as found from installation`,
    [reason],
  );
  return rows.length === 1;
}
