import type { Sql } from '#server/database.ts';
import { unknownOrganization } from '#server/problem.ts';

/**
 * Everything that changes members or invitations of one organization takes turns, and always takes this row first and the
 * engine's account after it, so that two of them never wait for each other. @throws Refused 404
 */
export async function lockOrganization(db: Sql, organization: string): Promise<{ name: string }> {
  const { rows } = await db.query<{ name: string }>(
    /* sql */ `select name from app.organizations where id = $1 for update`,
    [organization],
  );
  const [row] = rows;
  if (row === undefined) throw unknownOrganization();
  return row;
}
