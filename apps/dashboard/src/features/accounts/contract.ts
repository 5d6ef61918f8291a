import type { Role } from '#server/permissions.ts';

/** An organization that somebody belongs to. */
export interface OrganizationBody {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
}

/** GET /api/organizations: who is looking, and where they belong. */
export interface OrganizationsBody {
  readonly person: {
    readonly name: string;
    readonly email: string;
    readonly visitor: boolean;
    readonly operator: boolean;
  };
  readonly organizations: readonly OrganizationBody[];
}
