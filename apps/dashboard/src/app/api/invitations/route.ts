import { idempotencyKey, inviteBody, listQuery } from '#features/invitations/server/bodies.ts';
import { invite } from '#features/invitations/server/invite.ts';
import { listInvitations } from '#features/invitations/server/list.ts';
import { countAttempt, invitationBatches } from '#server/attempts.ts';
import { countSeatChange } from '#server/authorize.ts';
import { checkedHeader, door, readBody, readQuery } from '#server/door.ts';

export const GET = door('members:read', (access, request) => listInvitations(access, readQuery(request, listQuery)));

/** Invites everybody named, in one change. The `Idempotency-Key` is needed: a second sending must not invite twice. */
export const POST = door('members:change', async (access, request) => {
  const key = checkedHeader(request, 'idempotency-key', idempotencyKey);
  const body = await readBody(request, inviteBody);
  await countSeatChange(access);
  await countAttempt(invitationBatches, `${access.organization}\n${access.actor}`);
  return invite(access, body, key);
});
