import type { Access } from '#server/authorize.ts';
import type { PersonCaller } from '#server/caller.ts';
import { logger } from '#server/logger.ts';
import type { OrganizationBody } from '../contract.ts';
import { organizationName, organizationsOf } from './organizations.ts';

export interface OrganizationHeadProps {
  readonly organization: string;
  readonly name: string;
  readonly organizations: readonly OrganizationBody[];
  /** The pages besides the seats that this person may open. */
  readonly pages: readonly ('members' | 'keys' | 'settings')[];
}

/** What stands above every page of an organization. A database that is away takes the names, and not the page. */
export async function organizationHead(
  access: Access & { readonly person: PersonCaller },
): Promise<OrganizationHeadProps> {
  const { organization, person } = access;
  const pages = [
    ...(access.may('members:read') ? (['members'] as const) : []),
    ...(access.may('keys:manage') ? (['keys'] as const) : []),
    'settings' as const,
  ];
  try {
    const [name, organizations] = await Promise.all([organizationName(organization), organizationsOf(person)]);
    return { organization, name, organizations, pages };
  } catch (error) {
    logger.warn({ err: error, organization }, 'The names of organizations could not be read.');
    return { organization, name: organization, organizations: [], pages };
  }
}
