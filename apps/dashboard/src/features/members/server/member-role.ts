import { appSchema } from '#server/app-schema/migrate.ts';
import { pool, type Sql } from '#server/database.ts';
import type { MemberRole } from '#server/permissions.ts';

/** The role somebody has in an organization; null where they are no member. */
export async function memberRole(organization: string, user: string): Promise<MemberRole | null> {
  await appSchema();
  return readMemberRole(pool(), organization, user);
}

export async function readMemberRole(db: Sql, organization: string, user: string): Promise<MemberRole | null> {
  const { rows } = await db.query<{ role: MemberRole }>(
    /* sql */ `select role from app.members where organization_id = $1 and user_id = $2`,
    [organization, user],
  );
  return rows[0]?.role ?? null;
}
