import type { OrganizationsBody } from '#features/accounts/contract.ts';
import { newOrganization } from '#features/accounts/server/bodies.ts';
import { foundOrganization, organizationsOf } from '#features/accounts/server/organizations.ts';
import { personDoor, readBody } from '#server/door.ts';

/** Who is signed in, and the organizations they belong to. */
export const GET = personDoor(async (person): Promise<OrganizationsBody> => {
  const { name, email, visitor, operator } = person;
  return { person: { name, email, visitor, operator }, organizations: await organizationsOf(person) };
});

/** Founds one; the caller is its owner. */
export const POST = personDoor(async (person, request) =>
  foundOrganization(person, (await readBody(request, newOrganization)).name),
);
