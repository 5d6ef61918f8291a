import { createHash } from 'node:crypto';
import { appSchema } from '#server/app-schema/migrate.ts';
import { pool } from '#server/database.ts';

/** A key that an organization made for a program of its own. */
export interface KeyCaller {
  readonly is: 'organization-key';
  readonly organization: string;
  /** For the audit trail: which key it was. */
  readonly actor: string;
  /** What the key may do, in the words of `server/permissions.ts`. */
  readonly scopes: ReadonlySet<string>;
}

/** What every key begins with, so that a secret scanner and a person see what it is. */
export const keyPrefix = 'seatbelt_key_';

/** The stored form of a key. It has 256 random bits, so a fast hash is enough: there is nothing to guess from. */
export function hashOfKey(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/** Whose key it is; null where it is nobody's, or was revoked. Its use is noted, to the minute. */
export async function keyCaller(key: string): Promise<KeyCaller | null> {
  if (!key.startsWith(keyPrefix)) return null;
  await appSchema();
  const { rows } = await pool().query<{ id: string; organization_id: string; scopes: string[] }>(
    /* sql */ `
with used as (
  update app.api_keys set last_used_at = now()
   where key_hash = $1 and revoked_at is null
     and (last_used_at is null or last_used_at < now() - interval '1 minute')
)
select id, organization_id, scopes from app.api_keys where key_hash = $1 and revoked_at is null`,
    [hashOfKey(key)],
  );
  const [row] = rows;
  if (row === undefined) return null;
  return { is: 'organization-key', organization: row.organization_id, actor: row.id, scopes: new Set(row.scopes) };
}
