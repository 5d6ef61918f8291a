import { acceptInvitation } from '#features/invitations/server/accept.ts';
import { acceptBody } from '#features/invitations/server/bodies.ts';
import { personDoor, readBody } from '#server/door.ts';

/** The organization is the invitation's; the body names no other. */
export const POST = personDoor(async (person, request) =>
  acceptInvitation(person, (await readBody(request, acceptBody)).token),
);
