import { newOrganization } from '#features/accounts/server/bodies.ts';
import { renameOrganization } from '#features/accounts/server/organizations.ts';
import { door, readBody } from '#server/door.ts';

/** Renames the organization of the page. Owners only. */
export const PATCH = door('organization:update', async (access, request) =>
  renameOrganization(access, (await readBody(request, newOrganization)).name),
);
