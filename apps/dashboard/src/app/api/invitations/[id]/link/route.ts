import { renewLink } from '#features/invitations/server/renew-link.ts';
import { door } from '#server/door.ts';

/** A new link to pass on by hand; the one before stops working. */
export const POST = door<{ readonly id: string }>('members:change', (access, _request, { id }) =>
  renewLink(access, id),
);
