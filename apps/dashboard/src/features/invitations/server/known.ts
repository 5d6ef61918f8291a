import type { Sql } from '#server/database.ts';

/** Those of the addresses whose people are members or have an open invitation: inviting them again does nothing. */
export async function knownAddresses(
  db: Sql,
  organization: string,
  emails: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await db.query<{ email: string }>(
    /* sql */ `
select u.email from app.members m join app.users u on u.id = m.user_id
 where m.organization_id = $1 and u.email = any ($2::text[])
union
select email from app.invitations where organization_id = $1 and status = 'pending' and email = any ($2::text[])`,
    [organization, emails],
  );
  return new Set(rows.map((row) => row.email));
}
