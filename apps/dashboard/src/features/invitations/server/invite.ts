import { createHash } from 'node:crypto';
import type { PoolClient } from 'pg';
import type { ChangeBody } from 'seatbelt';
import { carryOut } from '#features/members/server/carry-out.ts';
import { lockOrganization } from '#features/members/server/lock-organization.ts';
import { takeSeats } from '#features/members/server/take-seats.ts';
import type { Access } from '#server/authorize.ts';
import { inTransaction, type Sql } from '#server/database.ts';
import { Refused } from '#server/problem.ts';
import { seatbelt } from '#server/seatbelt.ts';
import type { InviteBody, InvitedBody } from '../contract.ts';
import { knownAddresses } from './known.ts';

/** How long an invitation keeps its seat. Two weeks outlast a holiday, and then the seat is wanted for somebody else. */
const invitationDays = 14;

/** An address, and the id that its invitation has or would have under this request's key. */
interface Invitee {
  readonly id: string;
  readonly email: string;
}

/**
 * Invites everybody at once: one seat change reserves a seat for each, in the transaction that writes the invitations, so
 * that they stand or fall together. Who is a member or invited already is left out and named. The same key with the same
 * addresses is one invitation, however often it is sent.
 */
export async function invite(access: Access, body: InviteBody, key: string): Promise<InvitedBody> {
  const { organization } = access;
  const emails = [...new Set(body.emails)];
  const invitees = emails.map((email) => ({ id: invitationId(organization, key, email), email }));
  const invited = await inTransaction(async (db) => {
    await lockOrganization(db, organization);
    const earlier = await earlierTry(db, organization, invitees);
    if (earlier !== null) return earlier;
    const known = await knownAddresses(db, organization, emails);
    const fresh = invitees.filter(({ email }) => !known.has(email));
    if (fresh.length === 0) return { change: null, invited: 0, skipped: emails };
    const change = await takeSeats(db, {
      organization,
      holders: fresh.map(({ id }) => id),
      reserve: true,
      buy: body.buy,
      actor: access.actor,
      // What it was meant for: it is read as well where the seats were not bought and nobody was invited.
      reason: fresh.length === 1 ? 'To invite one person.' : `To invite ${fresh.length} people.`,
      idempotencyKey: key,
    });
    await insertInvitations(db, access, body, fresh, change.id);
    return { change, invited: fresh.length, skipped: emails.filter((email) => known.has(email)) };
  });
  carryOut(organization);
  if (typeof invited.change !== 'string') return { ...invited, change: invited.change };
  const detail = await seatbelt().change(organization, invited.change);
  return { ...invited, change: detail?.change ?? null };
}

/** The id is made of the request's key, so that a request whose answer was lost finds what it did. */
function invitationId(organization: string, key: string, email: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([organization, key, email]))
    .digest('base64url');
  return `invite_${hash.slice(0, 22)}`;
}

/**
 * What an earlier try of this very request did.
 * @throws Refused where the key was used for other addresses: then nobody may hear that these were invited.
 */
async function earlierTry(
  db: Sql,
  organization: string,
  invitees: readonly Invitee[],
): Promise<{ change: string; invited: number; skipped: string[] } | null> {
  const { rows } = await db.query<{ change: string; ids: string[] }>(
    /* sql */ `
select change_id as change, array_agg(id) as ids from app.invitations
 where organization_id = $1
   and change_id in (select change_id from app.invitations where organization_id = $1 and id = any ($2::text[]))
 group by change_id`,
    [organization, invitees.map(({ id }) => id)],
  );
  const [earlier] = rows;
  if (earlier === undefined) return null;
  const asked = new Set(invitees.map(({ id }) => id));
  const rest = invitees.filter(({ id }) => !earlier.ids.includes(id)).map(({ email }) => email);
  const known = await knownAddresses(db, organization, rest);
  if (earlier.ids.some((id) => !asked.has(id)) || rest.some((email) => !known.has(email))) throw keyReused();
  return { change: earlier.change, invited: earlier.ids.length, skipped: rest };
}

function keyReused(): Refused {
  return new Refused({
    status: 422,
    code: 'idempotency_key_reused',
    title: 'Idempotency key used for another request',
    detail:
      'This key has already invited other addresses. Nobody was invited now; send it again under a key of its own.',
  });
}

async function insertInvitations(
  db: PoolClient,
  access: Access,
  body: InviteBody,
  invitees: readonly Invitee[],
  change: ChangeBody['id'],
): Promise<void> {
  const { caller, organization } = access;
  if (caller.is !== 'person') {
    throw new Refused({
      status: 403,
      code: 'people_only',
      title: 'People invite people',
      detail: 'An invitation names the person who sent it, so it takes a session and not a key. Nothing was changed.',
    });
  }
  await db.query(
    /* sql */ `
insert into app.invitations (id, organization_id, email, role, inviter_id, change_id, expires_at)
select i.id, $1, i.email, $2, $3, $4, now() + $5 * interval '1 day'
  from unnest($6::text[], $7::text[]) as i (id, email)`,
    [
      organization,
      body.role,
      caller.id,
      change,
      invitationDays,
      invitees.map(({ id }) => id),
      invitees.map(({ email }) => email),
    ],
  );
}
