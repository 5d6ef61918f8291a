import { revokeInvitation } from '#features/invitations/server/revoke.ts';
import { countSeatChange } from '#server/authorize.ts';
import { door } from '#server/door.ts';

/** Takes an invitation back and frees its seat. */
export const DELETE = door<{ readonly id: string }>('members:change', async (access, _request, { id }) => {
  await countSeatChange(access);
  return revokeInvitation(access, id);
});
