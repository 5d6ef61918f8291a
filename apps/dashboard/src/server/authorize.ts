import { createHash, timingSafeEqual } from 'node:crypto';
import type { Authorize } from 'seatbelt';
import type { ProblemBody } from 'seatbelt/http';
import { demoOwner, isDemoOrganization, isDemoSession } from './demo-session.ts';
import { environment } from './environment.ts';
import { isSameOrigin } from './same-origin.ts';

/**
 * Who is asking. A server of the host's brings the API key and names the organization it asks for; a visitor of the demo
 * has the demo owner's session, and the organization in the address of the page is checked against those of the session.
 * The body of a request never says whose it is. Everybody else is turned away (401).
 */
export const authorize: Authorize = async (request) => {
  const organization = askedOrganization(request);
  const token = /^Bearer +(\S+) *$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  if (token !== undefined) {
    return organization !== null && isApiKey(token) ? { organization, actor: 'api-key', may: 'change' } : null;
  }
  if (organization === null || !isDemoSession(request.headers.get('host'))) return null;
  if (!isSameOrigin(request)) return crossSite();
  return (await isDemoOrganization(organization)) ? { organization, actor: demoOwner, may: 'change' } : null;
};

/** The header that our screens and the host's servers send; an address can name it too, for what cannot set headers. */
function askedOrganization(request: Request): string | null {
  return request.headers.get('seatbelt-organization') ?? new URL(request.url).searchParams.get('organization') ?? null;
}

/** Compared over hashes, in the same time wherever the difference is. Without a key in the environment this door is closed. */
function isApiKey(token: string): boolean {
  const { apiKey } = environment();
  if (apiKey === null) return false;
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(token), hash(apiKey));
}

function crossSite(): Response {
  const problem: ProblemBody = {
    type: 'urn:seatbelt:problem:cross_site',
    title: 'Sent from another site',
    status: 403,
    detail: 'A session changes seats from our own pages only. Nothing was changed. Servers use the API key.',
    code: 'cross_site',
  };
  return Response.json(problem, { status: 403, headers: { 'content-type': 'application/problem+json' } });
}
