import { membersQuery } from '#features/members/server/bodies.ts';
import { listMembers } from '#features/members/server/list-members.ts';
import { door, readQuery } from '#server/door.ts';

export const GET = door('members:read', async ({ organization }, request) =>
  listMembers(organization, readQuery(request, membersQuery)),
);
