import { headers } from 'next/headers';
import { notFound, redirect } from 'next/navigation';
import { type Access, accessTo } from './authorize.ts';
import { type PersonCaller, personOf } from './caller.ts';
import type { Permission } from './permissions.ts';

/** Who looks at a page; sends those who are not signed in to the sign-in page and back here afterwards. */
export async function pagePerson(here: string): Promise<PersonCaller> {
  const person = await personOf(await headers());
  if (person === null) redirect(`/sign-in?next=${encodeURIComponent(here)}`);
  return person;
}

/** The same for a page of one organization; it does not exist for those who may not see it. */
export async function pageAccess(
  organization: string,
  permission: Permission,
  here: string,
): Promise<Access & { readonly person: PersonCaller }> {
  const person = await pagePerson(here);
  const access = await accessTo(organization, person);
  if (!access?.may(permission)) notFound();
  return { ...access, person };
}
