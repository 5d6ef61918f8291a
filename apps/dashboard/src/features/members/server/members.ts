import type { PoolClient } from 'pg';
import type { ChangeBody } from 'seatbelt';
import type { Access } from '#server/authorize.ts';
import type { PersonCaller } from '#server/caller.ts';
import { inTransaction, type Sql } from '#server/database.ts';
import type { MemberRole } from '#server/permissions.ts';
import { Refused } from '#server/problem.ts';
import { carryOut } from './carry-out.ts';
import { lockOrganization } from './lock-organization.ts';
import { readMemberRole } from './member-role.ts';
import { releaseSeats } from './seats-of-holders.ts';
import { takeSeats } from './take-seats.ts';

interface Member {
  readonly userId: string;
  readonly name: string;
  readonly role: MemberRole;
}

/** Takes somebody out; their seat is free in the same commit. The bill stays as it is (prepaid). */
export async function removeMember(access: Access, id: string): Promise<{ change: ChangeBody | null }> {
  const { organization, actor } = access;
  const change = await inTransaction(async (db) => {
    await lockOrganization(db, organization);
    const member = await readMember(db, organization, id);
    await refuseAgainstOwner(db, access, member);
    return takeOut(db, organization, { id, ...member }, { actor, reason: 'A member was removed.' });
  });
  carryOut(organization);
  return { change };
}

/** Lets a person leave by themselves, whatever their role. */
export async function leaveAs(person: PersonCaller, organization: string, id: string): Promise<void> {
  await inTransaction(async (db) => {
    await lockOrganization(db, organization);
    const member = await readMember(db, organization, id);
    await takeOut(db, organization, { id, ...member }, { actor: person.id, reason: 'A member left.' });
  });
  carryOut(organization);
}

async function takeOut(
  db: PoolClient,
  organization: string,
  member: Member & { readonly id: string },
  said: { readonly actor: string; readonly reason: string },
): Promise<ChangeBody | null> {
  if (member.role === 'owner') await refuseLastOwner(db, organization);
  await db.query(/* sql */ `delete from app.members where organization_id = $1 and id = $2`, [organization, member.id]);
  return releaseSeats(db, organization, [member.userId], said);
}

/** Owners make owners; an organization always has one. @throws Refused */
export async function changeRole(access: Access, id: string, role: MemberRole): Promise<{ role: MemberRole }> {
  const { organization } = access;
  await inTransaction(async (db) => {
    await lockOrganization(db, organization);
    const member = await readMember(db, organization, id);
    if (member.role === role) return;
    await refuseAgainstOwner(db, access, member);
    if (role === 'owner' && !(await isOwner(db, access))) throw ownersOnly();
    if (member.role === 'owner') await refuseLastOwner(db, organization);
    await db.query(/* sql */ `update app.members set role = $3 where organization_id = $1 and id = $2`, [
      organization,
      id,
      role,
    ]);
  });
  return { role };
}

/** Seats a member who has no seat. @param buy the seats whose price was agreed to: 0 or 1 */
export async function seatMember(access: Access, id: string, buy: number): Promise<{ change: ChangeBody }> {
  const { organization, actor } = access;
  const change = await inTransaction(async (db) => {
    await lockOrganization(db, organization);
    const { userId } = await readMember(db, organization, id);
    const reason = 'A member was given a seat.';
    return takeSeats(db, { organization, holders: [userId], reserve: false, buy, actor, reason });
  });
  carryOut(organization);
  return { change };
}

/** Takes the seat of a member who stays a member, for instance to look after the billing only. */
export async function unseatMember(access: Access, id: string): Promise<{ change: ChangeBody | null }> {
  const { organization, actor } = access;
  const change = await inTransaction(async (db) => {
    await lockOrganization(db, organization);
    const { userId } = await readMember(db, organization, id);
    return releaseSeats(db, organization, [userId], { actor, reason: 'A member gave the seat back.' });
  });
  carryOut(organization);
  return { change };
}

async function readMember(db: Sql, organization: string, id: string): Promise<Member> {
  const { rows } = await db.query<Member>(
    /* sql */ `
select m.user_id as "userId", u.name, m.role from app.members m join app.users u on u.id = m.user_id
 where m.organization_id = $1 and m.id = $2`,
    [organization, id],
  );
  const [member] = rows;
  if (member !== undefined) return member;
  throw new Refused({
    status: 404,
    code: 'unknown_member',
    title: 'Unknown member',
    detail: 'There is no such member in this organization any more. Nothing was changed.',
  });
}

/** The role at this moment, inside the transaction: an owner may have been made an admin since the door let them in. */
async function isOwner(db: Sql, { caller, organization }: Access): Promise<boolean> {
  if (caller.is === 'server') return true;
  if (caller.is !== 'person') return false;
  return caller.visitor || (await readMemberRole(db, organization, caller.id)) === 'owner';
}

async function refuseAgainstOwner(db: Sql, access: Access, member: Member): Promise<void> {
  if (member.role === 'owner' && !(await isOwner(db, access))) throw ownersOnly();
}

async function refuseLastOwner(db: Sql, organization: string): Promise<void> {
  const { rows } = await db.query<{ owners: number }>(
    /* sql */ `select count(*)::int as owners from app.members where organization_id = $1 and role = 'owner'`,
    [organization],
  );
  if ((rows[0]?.owners ?? 0) > 1) return;
  throw new Refused({
    status: 409,
    code: 'last_owner',
    title: 'The last owner',
    detail: 'An organization always has an owner. Make somebody else an owner first. Nothing was changed.',
  });
}

function ownersOnly(): Refused {
  return new Refused({
    status: 403,
    code: 'owners_only',
    title: 'Owners only',
    detail: 'Only an owner makes, changes or removes an owner. Nothing was changed.',
  });
}
