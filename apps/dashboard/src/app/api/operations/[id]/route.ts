import { act, actionBody } from '#features/operations/server/act.ts';
import { readOrganization } from '#features/operations/server/read-organization.ts';
import { staffDoor } from '#features/operations/server/staff-door.ts';
import { readBody } from '#server/door.ts';

interface Params {
  readonly id: string;
}

/** One organization, for the host's staff. */
export const GET = staffDoor<Params>((_person, _request, { id }) => readOrganization(id));

/**
 * What staff do about it: `{ "action": "hold", "reason": "…" }`; to adopt or revert, with the numbers that they saw
 * (`"observed": 14, "expected": 10`). Answers with what is so afterwards.
 */
export const POST = staffDoor<Params>(async (person, request, { id }) => {
  await act(person, id, await readBody(request, actionBody));
  return readOrganization(id);
});
