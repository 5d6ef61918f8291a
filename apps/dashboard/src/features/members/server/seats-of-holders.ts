import type { PoolClient } from 'pg';
import type { ChangeBody } from 'seatbelt';
import type { Sql } from '#server/database.ts';
import { seatbelt } from '#server/seatbelt.ts';

/** Those of these holders who have a seat, confirmed or not. */
export async function seatedOf(db: Sql, organization: string, holders: readonly string[]): Promise<string[]> {
  const { rows } = await db.query<{ holder: string }>(
    /* sql */ `select holder from seatbelt.holders where organization_id = $1 and holder = any ($2::text[])`,
    [organization, holders],
  );
  return rows.map((row) => row.holder);
}

/**
 * Frees the seats of those who have one, in the caller's transaction; one change for all of them.
 * @returns the change; null where nobody had a seat
 */
export async function releaseSeats(
  db: PoolClient,
  organization: string,
  holders: readonly string[],
  said: { readonly actor: string; readonly reason: string },
): Promise<ChangeBody | null> {
  const seated = await seatedOf(db, organization, holders);
  if (seated.length === 0) return null;
  const { change } = await seatbelt().release(organization, seated.length, { db, holders: seated, ...said });
  return change;
}
