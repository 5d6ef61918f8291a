import type { PoolClient } from 'pg';
import { SeatRefused } from 'seatbelt';
import { lockOrganization } from '#features/members/server/lock-organization.ts';
import { readMemberRole } from '#features/members/server/member-role.ts';
import { appSchema } from '#server/app-schema/migrate.ts';
import type { PersonCaller } from '#server/caller.ts';
import { inTransaction, pool, type Sql } from '#server/database.ts';
import { newId } from '#server/ids.ts';
import { Refused } from '#server/problem.ts';
import { seatbelt } from '#server/seatbelt.ts';
import type { InvitedRole } from '../contract.ts';
import { hashOfToken } from './link.ts';

/** What the page behind a link shows. */
export interface OpenInvitation {
  readonly id: string;
  readonly organization: string;
  readonly organizationName: string;
  readonly email: string;
  readonly role: InvitedRole;
  readonly invitedBy: string;
  readonly status: 'pending' | 'accepted' | 'revoked' | 'expired' | 'withdrawn';
}

/** The invitation of a link; null where no link was ever that. One past its time counts as expired from that moment. */
export async function findInvitation(token: string): Promise<OpenInvitation | null> {
  await appSchema();
  return readInvitation(pool(), token);
}

async function readInvitation(db: Sql, token: string): Promise<OpenInvitation | null> {
  const { rows } = await db.query<OpenInvitation>(
    /* sql */ `
select i.id, i.organization_id as organization, o.name as "organizationName", i.email, i.role, u.name as "invitedBy",
       case when i.status = 'pending' and i.expires_at <= now() then 'expired' else i.status end as status
  from app.invitations i
  join app.organizations o on o.id = i.organization_id
  join app.users u on u.id = i.inviter_id
 where i.token_hash = $1`,
    [hashOfToken(token)],
  );
  return rows[0] ?? null;
}

/**
 * Makes the person a member and gives them the seat that was kept: one commit, and the number of used seats stays.
 * Only for the address that was invited. @throws Refused
 */
export async function acceptInvitation(person: PersonCaller, token: string): Promise<{ organization: string }> {
  const found = await findInvitation(token);
  if (found === null) throw unknownInvitation();
  const { organization } = found;
  await inTransaction(async (db) => {
    await lockOrganization(db, organization);
    // Read again under the lock: it may have been revoked, or accepted in another tab.
    const invitation = await readInvitation(db, token);
    if (invitation === null) throw unknownInvitation();
    if (invitation.status !== 'pending') throw over(invitation.status);
    if (invitation.email !== person.email.toLowerCase()) throw otherAddress(invitation.email);
    if ((await readMemberRole(db, organization, person.id)) !== null) throw alreadyMember();
    await db.query(/* sql */ `insert into app.members (id, organization_id, user_id, role) values ($1, $2, $3, $4)`, [
      newId('member'),
      organization,
      person.id,
      invitation.role,
    ]);
    await db.query(/* sql */ `update app.invitations set status = 'accepted', ended_at = now() where id = $1`, [
      invitation.id,
    ]);
    await takeSeatOf(db, invitation, person);
  });
  return { organization };
}

async function takeSeatOf(db: PoolClient, invitation: OpenInvitation, person: PersonCaller): Promise<void> {
  try {
    await seatbelt().transfer(invitation.organization, 1, {
      db,
      holders: [{ from: invitation.id, to: person.id }],
      actor: person.id,
      reason: 'An invitation was accepted.',
    });
  } catch (error) {
    const code = error instanceof SeatRefused ? error.code : null;
    // The link was passed on by hand while the seat was still being bought.
    if (code === 'no_seat_available') throw notConfirmed();
    if (code === 'unknown_holder') throw over('withdrawn');
    throw error;
  }
}

function unknownInvitation(): Refused {
  return new Refused({
    status: 404,
    code: 'unknown_invitation',
    title: 'Unknown invitation',
    detail: 'This link is no invitation. Perhaps a newer one was sent since. Ask whoever invited you.',
  });
}

function otherAddress(email: string): Refused {
  return new Refused({
    status: 403,
    code: 'other_address',
    title: 'For somebody else',
    detail: `This invitation is for ${email}. Sign in with that address to accept it.`,
  });
}

function alreadyMember(): Refused {
  return new Refused({
    status: 409,
    code: 'already_member',
    title: 'A member already',
    detail: 'You are a member of this organization already. Nothing was changed.',
  });
}

function notConfirmed(): Refused {
  return new Refused({
    status: 409,
    code: 'seat_not_confirmed',
    title: 'The seat is still being bought',
    detail: 'The seat that is kept for you is not confirmed by Stripe yet. Try again in a moment.',
    retryAfter: 5,
  });
}

const overSentences: Record<Exclude<OpenInvitation['status'], 'pending'>, string> = {
  accepted: 'This invitation was accepted before.',
  revoked: 'This invitation was taken back. Ask whoever invited you.',
  expired: 'This invitation has expired. Ask whoever invited you for a new one.',
  withdrawn: 'The seat that was kept for you could not be bought, so the invitation fell with it.',
};

function over(status: Exclude<OpenInvitation['status'], 'pending'>): Refused {
  return new Refused({
    status: 410,
    code: `invitation_${status}`,
    title: 'The invitation is over',
    detail: overSentences[status],
  });
}
