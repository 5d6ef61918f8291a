import type { ChangeBody } from 'seatbelt';
import { carryOut } from '#features/members/server/carry-out.ts';
import { lockOrganization } from '#features/members/server/lock-organization.ts';
import { releaseSeats } from '#features/members/server/seats-of-holders.ts';
import type { Access } from '#server/authorize.ts';
import { inTransaction } from '#server/database.ts';
import { Refused } from '#server/problem.ts';

/** Takes an invitation back; its seat is free in the same commit. @throws Refused 409 where it is over already */
export async function revokeInvitation(access: Access, id: string): Promise<{ change: ChangeBody | null }> {
  const { organization, actor } = access;
  const change = await inTransaction(async (db) => {
    await lockOrganization(db, organization);
    const { rowCount } = await db.query(
      /* sql */ `
update app.invitations set status = 'revoked', ended_at = now()
 where organization_id = $1 and id = $2 and status = 'pending'`,
      [organization, id],
    );
    if (rowCount === 0) {
      throw new Refused({
        status: 409,
        code: 'invitation_over',
        title: 'Not open any more',
        detail: 'This invitation was accepted, taken back or withdrawn meanwhile. Nothing was changed.',
      });
    }
    return releaseSeats(db, organization, [id], { actor, reason: 'An invitation was taken back.' });
  });
  carryOut(organization);
  return { change };
}
