import { putNoticeAway } from '#features/invitations/server/list.ts';
import { door } from '#server/door.ts';

/**
 * The inviter has read that the invitations of this change fell. A notice is shown to its inviter alone, so whoever can see
 * theirs can put it away, also when they may not invite any more.
 */
export const DELETE = door<{ readonly change: string }>('members:read', (access, _request, { change }) =>
  putNoticeAway(access, change),
);
