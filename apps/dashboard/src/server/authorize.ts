import type { Authorize } from 'seatbelt';
import { memberRole } from '#features/members/server/member-role.ts';
import { countAttempt, seatChanges } from './attempts.ts';
import { type Caller, callerOf } from './caller.ts';
import { isDemoOrganization } from './demo-session.ts';
import { prepareDemo } from './dev/prepare-demo.ts';
import { isDevMode } from './environment.ts';
import { mayAs, type Permission, type Role } from './permissions.ts';
import {
  crossSite,
  forbidden,
  notSignedIn,
  organizationRequired,
  problemResponse,
  Refused,
  unknownOrganization,
} from './problem.ts';
import { isSameOrigin } from './same-origin.ts';

/** A caller at the door of one organization, and what they may do there. */
export interface Access {
  readonly organization: string;
  /** An opaque id, for the audit trail. */
  readonly actor: string;
  readonly caller: Caller;
  /** null: a key, which has scopes instead. */
  readonly role: Role | null;
  may(permission: Permission): boolean;
}

/**
 * The one place where it is decided who gets through. The organization is the one of the page or of the header; the body
 * of a request never says whose it is. One that is not the caller's is as unknown as one that does not exist.
 * @returns null where it is not theirs
 */
export async function accessTo(organization: string, caller: Caller): Promise<Access | null> {
  // PostgreSQL stores no NUL, so nothing is called so, and nobody needs to be asked.
  if (organization.includes('\0')) return null;
  switch (caller.is) {
    case 'server':
      return { organization, caller, actor: 'api-key', role: 'owner', may: (permission) => mayAs('owner', permission) };
    case 'organization-key':
      if (caller.organization !== organization) return null;
      return {
        organization,
        caller,
        actor: caller.actor,
        role: null,
        may: (permission) => caller.scopes.has(permission),
      };
    case 'person': {
      const role = await roleOf(organization, caller);
      if (role === null) return null;
      return { organization, caller, actor: caller.id, role, may: (permission) => mayAs(role, permission) };
    }
  }
}

async function roleOf(organization: string, person: Extract<Caller, { is: 'person' }>): Promise<Role | null> {
  // The visitor's rights need no row, so that a database that is away hides nobody's session.
  if (person.visitor) return (await isDemoOrganization(organization)) ? 'owner' : null;
  if (isDevMode()) await prepareDemo(organization);
  // Staff who are members somewhere are members there, with a member's rights.
  return (await memberRole(organization, person.id)) ?? (person.operator ? 'operator' : null);
}

/**
 * Admits a request to an organization's door, or says why not.
 * @throws Refused 400 no organization named, 401 nobody, 403 another site or too small a role, 404 not their organization
 */
export async function admit(request: Request, permission: Permission): Promise<Access> {
  const access = await accessOf(request);
  if (!access.may(permission)) throw forbidden();
  if (isDevMode()) await prepareDemo(access.organization);
  return access;
}

/** @throws Refused 400, 401, 403 from another site, 404 */
async function accessOf(request: Request): Promise<Access> {
  const caller = await callerOf(request.headers);
  if (caller === null) throw notSignedIn();
  if (caller.is === 'person' && !isSameOrigin(request)) throw crossSite();
  const organization = askedOrganization(request) ?? (caller.is === 'organization-key' ? caller.organization : null);
  if (organization === null) throw organizationRequired();
  const access = await accessTo(organization, caller);
  if (access === null) throw unknownOrganization();
  return access;
}

/** For the engine's own routes: the same decision, in its terms. */
export const authorize: Authorize = async (request) => {
  try {
    const access = await accessOf(request);
    if (!access.may('seats:read')) throw forbidden();
    const may = access.may('seats:change') ? 'change' : 'read';
    if (may === 'change' && request.method !== 'GET' && request.method !== 'HEAD') await countSeatChange(access);
    // What the guard holds back is an owner's to let through; the host's own servers speak as one.
    return { organization: access.organization, actor: access.actor, may, approves: access.role === 'owner' };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    // The engine has a document of its own for this.
    return error.facts.status === 401 ? null : problemResponse(error.facts);
  }
};

/** The host's own servers and the demo's visitor are not counted: the first is trusted, the second is alone on the machine. */
export async function countSeatChange({ caller, organization, actor }: Access): Promise<void> {
  if (caller.is === 'server' || (caller.is === 'person' && caller.visitor)) return;
  await countAttempt(seatChanges, `${organization}\n${actor}`);
}

/** The header that our screens and the host's servers send; an address can name it too, for what cannot set headers. */
function askedOrganization(request: Request): string | null {
  return request.headers.get('seatbelt-organization') ?? new URL(request.url).searchParams.get('organization') ?? null;
}
