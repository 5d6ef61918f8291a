import { newKey } from '#features/api-keys/server/bodies.ts';
import { createKey, listKeys } from '#features/api-keys/server/keys.ts';
import { door, readBody } from '#server/door.ts';

export const GET = door('keys:manage', ({ organization }) => listKeys(organization));

/** The key is in this answer and nowhere else. */
export const POST = door('keys:manage', async (access, request) => {
  const { name, may } = await readBody(request, newKey);
  return createKey(access, { name, scopes: may === 'change' ? ['seats:read', 'seats:change'] : ['seats:read'] });
});
