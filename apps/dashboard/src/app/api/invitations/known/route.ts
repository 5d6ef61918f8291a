import { knownBody } from '#features/invitations/server/bodies.ts';
import { knownAddresses } from '#features/invitations/server/known.ts';
import { pool } from '#server/database.ts';
import { door, readBody } from '#server/door.ts';

/** Who of them is a member or invited already, so that nobody is asked to pay for them. Reads only; five hundred addresses fit into no URL. */
export const POST = door('members:change', async ({ organization }, request) => {
  const { emails } = await readBody(request, knownBody);
  return { known: [...(await knownAddresses(pool(), organization, emails))] };
});
