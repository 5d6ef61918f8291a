import type { PersonCaller } from '#server/caller.ts';
import { pool } from '#server/database.ts';
import { unknownOrganization } from '#server/problem.ts';
import { leaveAs } from './members.ts';

/** The membership of somebody in an organization, by its id; null where there is none. */
export async function ownMembership(organization: string, user: string): Promise<string | null> {
  const { rows } = await pool().query<{ id: string }>(
    /* sql */ `select id from app.members where organization_id = $1 and user_id = $2`,
    [organization, user],
  );
  return rows[0]?.id ?? null;
}

/** Lets somebody go by themselves, whatever their role; their seat is free in the same commit. @throws Refused */
export async function leaveOrganization(person: PersonCaller, organization: string): Promise<{ left: true }> {
  const membership = await ownMembership(organization, person.id);
  if (membership === null) throw unknownOrganization();
  await leaveAs(person, organization, membership);
  return { left: true };
}
