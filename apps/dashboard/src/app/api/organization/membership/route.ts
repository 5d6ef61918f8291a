import { leaveOrganization } from '#features/members/server/own-membership.ts';
import { countSeatChange } from '#server/authorize.ts';
import { door } from '#server/door.ts';
import { forbidden } from '#server/problem.ts';

/** The caller leaves the organization of the page; their seat is free at once. */
export const DELETE = door('members:read', async (access) => {
  if (access.caller.is !== 'person') throw forbidden();
  await countSeatChange(access);
  return leaveOrganization(access.caller, access.organization);
});
