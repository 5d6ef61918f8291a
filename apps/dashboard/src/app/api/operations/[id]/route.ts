import { act, actionBody } from '#features/operations/server/act.ts';
import { readOrganization } from '#features/operations/server/read-organization.ts';
import { staffDoor } from '#features/operations/server/staff-door.ts';
import { readBody } from '#server/door.ts';

interface Params {
  readonly id: string;
}

/** One organization, for the host's staff. */
export const GET = staffDoor<Params>((_person, _request, { id }) => readOrganization(id));

/** What staff do about it: `{ "action": "adopt", "reason": "…" }`. Answers with what is so afterwards. */
export const POST = staffDoor<Params>(async (person, request, { id }) => {
  const { action, reason } = await readBody(request, actionBody);
  await act(person, id, action, reason);
  return readOrganization(id);
});
