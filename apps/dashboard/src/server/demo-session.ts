import { isDevMode, isLoopback } from './environment.ts';
import { once } from './once.ts';
import { seatbelt } from './seatbelt.ts';

/** How many organizations the demo's list shows; a list that has to be searched comes with accounts and members. */
const listed = 100;

/**
 * Whether a request has the demo owner's session. Besides devMode it takes a name of this machine in `Host`: a page
 * elsewhere that points its own name at 127.0.0.1 (DNS rebinding) brings that name along and stays outside.
 */
export function isDemoSession(host: string | null): boolean {
  if (!isDevMode() || host === null) return false;
  const url = URL.parse(`http://${host}`);
  return url !== null && isLoopback(url.hostname);
}

/** The organizations of the demo session, in order. */
export async function demoOrganizations(): Promise<string[]> {
  const organizations: string[] = [];
  for await (const organization of seatbelt().organizations()) {
    organizations.push(organization);
    if (organizations.length === listed) break;
  }
  for (const organization of organizations) seen().add(organization);
  return organizations;
}

/** An organization never goes away, so each is asked for once; a database that is away then hides nobody's session. */
export async function isDemoOrganization(organization: string): Promise<boolean> {
  return seen().has(organization) || (await demoOrganizations()).includes(organization);
}

function seen(): Set<string> {
  return once('demo-organizations', () => new Set<string>());
}
