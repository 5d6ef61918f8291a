import type { Access } from '#server/authorize.ts';
import { pool } from '#server/database.ts';
import { newToken } from '#server/ids.ts';
import { Refused } from '#server/problem.ts';
import { hashOfToken, invitationPath } from './link.ts';

/**
 * A new link for an open invitation, to pass on by hand; the one before stops working. Shown once, because only its hash
 * is kept. @throws Refused 409 where the invitation is over
 */
export async function renewLink({ organization }: Access, id: string): Promise<{ path: string }> {
  const token = newToken();
  const { rowCount } = await pool().query(
    /* sql */ `
update app.invitations set token_hash = $3, sent_at = coalesce(sent_at, now())
 where organization_id = $1 and id = $2 and status = 'pending' and expires_at > now()`,
    [organization, id, hashOfToken(token)],
  );
  if (rowCount === 1) return { path: invitationPath(token) };
  throw new Refused({
    status: 409,
    code: 'invitation_over',
    title: 'Not open any more',
    detail: 'This invitation was accepted, taken back or withdrawn meanwhile. There is no link to it.',
  });
}
