import { roleChange } from '#features/members/server/bodies.ts';
import { changeRole, removeMember } from '#features/members/server/members.ts';
import { countSeatChange } from '#server/authorize.ts';
import { door, readBody } from '#server/door.ts';

type Params = { readonly id: string };

export const PATCH = door<Params>('members:change', async (access, request, { id }) =>
  changeRole(access, id, (await readBody(request, roleChange)).role),
);

export const DELETE = door<Params>('members:change', async (access, _request, { id }) => {
  await countSeatChange(access);
  return removeMember(access, id);
});
