import { appSchema } from '#server/app-schema/migrate.ts';
import { pool } from '#server/database.ts';
import { seatbelt } from '#server/seatbelt.ts';
import { expireInvitations } from './expire.ts';
import { sendInvitationsSoon } from './send.ts';

/** Changes looked at in one round, so that it stays short; what is left is found by the next. */
const changesAtOnce = 100;

interface Fallen {
  readonly organization_id: string;
  readonly change_id: string;
}

/**
 * Brings invitations in line with their time and the seats they stand on: those whose time is over end,
 * those whose seat fell with a refused change are withdrawn, which their inviter is told, and those whose seat is confirmed are begun to be sent. Runs after every change of ours, on every event
 * of the engine, before every reading of the list, and now and then: whoever is first does it, and doing it twice changes
 * nothing.
 * @param organization null: all of them
 */
export async function settleInvitations(organization: string | null): Promise<{ expired: number; withdrawn: number }> {
  await appSchema();
  const expired = await expireInvitations(organization);
  let withdrawn = 0;
  for (const { organization_id, change_id } of await fallenChanges(organization)) {
    withdrawn += await withdraw(organization_id, change_id);
  }
  sendInvitationsSoon();
  return { expired, withdrawn };
}

/** The changes of pending invitations that have no seat: they were written in one commit, so the seat is gone. */
async function fallenChanges(organization: string | null): Promise<Fallen[]> {
  const { rows } = await pool().query<Fallen>(
    /* sql */ `
select distinct i.organization_id, i.change_id from app.invitations i
 where i.status = 'pending' and ($1::text is null or i.organization_id = $1)
   and not exists (select from seatbelt.holders h where h.organization_id = i.organization_id and h.holder = i.id)
 limit $2`,
    [organization, changesAtOnce],
  );
  return rows;
}

async function withdraw(organization: string, change: string): Promise<number> {
  const detail = await seatbelt().change(organization, change);
  const rolledBack = detail?.change.status === 'rolled_back' ? detail.change : null;
  const { rowCount } = await pool().query(
    /* sql */ `
update app.invitations i
   set status = 'withdrawn', ended_at = now(), withdrawn_code = $3, withdrawn_message = $4
 where i.organization_id = $1 and i.change_id = $2 and i.status = 'pending'
   and not exists (select from seatbelt.holders h where h.organization_id = i.organization_id and h.holder = i.id)`,
    [
      organization,
      change,
      rolledBack?.code ?? 'seat_freed',
      rolledBack?.message ?? 'The seat that was kept for them was freed elsewhere.',
    ],
  );
  return rowCount ?? 0;
}
