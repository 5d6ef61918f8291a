import { Problem } from './problem.ts';

/** Who is asking, for which organization, and what they may do. */
export type Authorization = {
  organization: string;
  /** An opaque id, for the audit trail. */
  actor: string;
  /** `read`: GET and HEAD only. `change`: everything but an owner's approvals. */
  may: 'read' | 'change';
  /** An owner, or the host itself: may approve and decline what the guard holds back. Default: may not. */
  approves?: boolean;
};

/**
 * Says who is asking; the only source of the organization. `null`: nobody that is known (401). A `Response`, returned or
 * thrown, is passed on as it is (a 403, a redirect).
 */
export type Authorize = (
  request: Request,
) => Authorization | null | Response | Promise<Authorization | null | Response>;

const readOnlyMethods: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/** The one place where it is decided who gets through. */
export async function admit(authorize: Authorize, request: Request): Promise<Authorization | Response> {
  const caller = await authorize(request);
  if (caller instanceof Response) return caller;
  if (caller === null) {
    throw new Problem({
      status: 401,
      code: 'unauthorized',
      title: 'Nobody is signed in',
      detail: 'Sign in, or send the API key as a bearer token together with the organization.',
      headers: { 'www-authenticate': 'Bearer' },
    });
  }
  if (caller.may !== 'change' && !readOnlyMethods.has(request.method)) {
    throw new Problem({
      status: 403,
      code: 'forbidden',
      title: 'Not allowed',
      detail: 'You may look at the seats of this organization, and not change them.',
    });
  }
  return caller;
}
