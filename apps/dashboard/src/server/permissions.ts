import { createAccessControl } from 'better-auth/plugins/access';

/** What there is to be allowed in an organization. `organization` is Better Auth's own word for renaming; the rest are ours. */
const permissions = {
  organization: ['update'],
  seats: ['read', 'change'],
  members: ['read', 'change'],
  keys: ['manage'],
} as const;

export const accessControl = createAccessControl(permissions);

/**
 * What each role may. Three things go by the role itself and are no permissions: approving and declining is an owner's
 * (`authorize.ts`), owners alone make, change and remove owners (`members.ts` of the members), and the operations screens are the
 * staff's (`operators.ts`). A key has scopes instead of a role.
 */
export const roles = {
  owner: accessControl.newRole({
    organization: ['update'],
    seats: ['read', 'change'],
    members: ['read', 'change'],
    keys: ['manage'],
  }),
  admin: accessControl.newRole({ seats: ['read', 'change'], members: ['read', 'change'], keys: ['manage'] }),
  member: accessControl.newRole({ seats: ['read'], members: ['read'] }),
  /** The host's staff: looks at every organization, and changes none of them through the customers' doors. */
  operator: accessControl.newRole({ seats: ['read'], members: ['read'] }),
} as const;

export type Role = keyof typeof roles;
/** The roles that a member of an organization can have. */
export type MemberRole = Exclude<Role, 'operator'>;

/** `resource:action`, as it is asked for at a door. */
export type Permission = {
  [Resource in keyof typeof permissions]: `${Resource}:${(typeof permissions)[Resource][number]}`;
}[keyof typeof permissions];

/** Whether that role may do that. */
export function mayAs(role: Role, permission: Permission): boolean {
  const [resource, action] = permission.split(':') as [string, string];
  return roles[role].authorize({ [resource]: [action] }).success;
}
