import { carryOut } from '#features/members/server/carry-out.ts';
import { lockOrganization } from '#features/members/server/lock-organization.ts';
import { releaseSeats } from '#features/members/server/seats-of-holders.ts';
import { appSchema } from '#server/app-schema/migrate.ts';
import { inTransaction, pool } from '#server/database.ts';

/** Organizations of one round, so that it stays short; what is left is found by the next. */
const organizationsAtOnce = 100;

/** Ends invitations whose time is over, and frees their seats: one change and one commit per organization. @returns how many ended */
export async function expireInvitations(): Promise<number> {
  await appSchema();
  const { rows } = await pool().query<{ organization_id: string }>(
    /* sql */ `
select distinct organization_id from app.invitations where status = 'pending' and expires_at <= now() limit $1`,
    [organizationsAtOnce],
  );
  let expired = 0;
  for (const { organization_id } of rows) expired += await expireIn(organization_id);
  return expired;
}

async function expireIn(organization: string): Promise<number> {
  const expired = await inTransaction(async (db) => {
    await lockOrganization(db, organization);
    const { rows } = await db.query<{ id: string }>(
      /* sql */ `
update app.invitations set status = 'expired', ended_at = now()
 where organization_id = $1 and status = 'pending' and expires_at <= now()
returning id`,
      [organization],
    );
    const holders = rows.map((row) => row.id);
    await releaseSeats(db, organization, holders, { actor: 'seatbelt', reason: 'Invitations expired.' });
    return holders.length;
  });
  if (expired > 0) carryOut(organization);
  return expired;
}
