import type { Access } from '#server/authorize.ts';
import { pool } from '#server/database.ts';
import { newId, newToken } from '#server/ids.ts';
import { Refused } from '#server/problem.ts';
import type { ApiKeyBody, ApiKeysBody, KeyScope, NewKeyBody } from '../contract.ts';
import { hashOfKey, keyPrefix } from './key-caller.ts';

/** The most keys in use; a program that makes one at every start is noticed. */
const keysAtMost = 50;
/** How much of a key is kept readable: enough to recognise it, 30 of its 256 bits. */
const hintLength = keyPrefix.length + 5;

interface Row {
  id: string;
  name: string;
  hint: string;
  scopes: KeyScope[];
  created_by: string;
  created_at: Date;
  last_used_at: Date | null;
}

const columns = `k.id, k.name, k.hint, k.scopes, coalesce(u.name, k.created_by) as created_by, k.created_at, k.last_used_at`;

/** The keys in use, newest first. */
export async function listKeys(organization: string): Promise<ApiKeysBody> {
  const { rows } = await pool().query<Row>(
    /* sql */ `
select ${columns} from app.api_keys k left join app.users u on u.id = k.created_by
 where k.organization_id = $1 and k.revoked_at is null
 order by k.created_at desc, k.id`,
    [organization],
  );
  return { keys: rows.map(keyBody) };
}

/** Makes a key and shows it this once; only its hash is stored. @throws Refused 404, 409 */
export async function createKey(
  { organization, actor }: Access,
  asked: { readonly name: string; readonly scopes: readonly KeyScope[] },
): Promise<NewKeyBody> {
  await refuseUnfounded(organization);
  const key = `${keyPrefix}${newToken()}`;
  const { rows } = await pool().query<Row>(
    /* sql */ `
with k as (
  insert into app.api_keys (id, organization_id, name, hint, key_hash, scopes, created_by)
  select $1, $2, $3, $4, $5, $6, $7
   where (select count(*) from app.api_keys where organization_id = $2 and revoked_at is null) < $8
  returning *
)
select ${columns} from k left join app.users u on u.id = k.created_by`,
    [
      newId('key'),
      organization,
      asked.name,
      key.slice(0, hintLength),
      hashOfKey(key),
      [...new Set(asked.scopes)],
      actor,
      keysAtMost,
    ],
  );
  const [row] = rows;
  if (row !== undefined) return { key, created: keyBody(row) };
  throw new Refused({
    status: 409,
    code: 'too_many_keys',
    title: 'Too many keys',
    detail: `There are ${keysAtMost} keys already. Revoke one that is not used any more.`,
  });
}

/** The host's own servers speak for organizations that are linked only, of which the app has no row. @throws Refused 404 */
async function refuseUnfounded(organization: string): Promise<void> {
  const { rowCount } = await pool().query(/* sql */ `select from app.organizations where id = $1`, [organization]);
  if (rowCount === 1) return;
  throw new Refused({
    status: 404,
    code: 'unknown_organization',
    title: 'Unknown organization',
    detail:
      'Keys belong to organizations that people founded here, and this one was only linked to its subscription. ' +
      "Nothing was changed. Use your servers' own key for it.",
  });
}

/** Stops a key at once. Revoking it twice is the same as once. @throws Refused 404 */
export async function revokeKey({ organization }: Access, id: string): Promise<{ revoked: true }> {
  const { rowCount } = await pool().query(
    /* sql */ `
update app.api_keys set revoked_at = coalesce(revoked_at, now()) where organization_id = $1 and id = $2`,
    [organization, id],
  );
  if (rowCount === 1) return { revoked: true };
  throw new Refused({
    status: 404,
    code: 'unknown_key',
    title: 'Unknown key',
    detail: 'There is no such key in this organization. Nothing was changed.',
  });
}

function keyBody(row: Row): ApiKeyBody {
  return {
    id: row.id,
    name: row.name,
    hint: row.hint,
    scopes: row.scopes,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
  };
}
