import { putNoticeAway } from '#features/invitations/server/list.ts';
import { door } from '#server/door.ts';

/** The inviter has read that the invitations of this change fell. */
export const DELETE = door<{ readonly change: string }>('members:change', (access, _request, { change }) =>
  putNoticeAway(access, change),
);
