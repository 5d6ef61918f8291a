import { progressQuery } from '#features/invitations/server/bodies.ts';
import { invitationProgress } from '#features/invitations/server/list.ts';
import { door, readQuery } from '#server/door.ts';

/** How far the invitations of one change are. */
export const GET = door('members:read', ({ organization }, request) =>
  invitationProgress(organization, readQuery(request, progressQuery).change),
);
