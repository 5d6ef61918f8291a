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
  if (!(await isDemoOrganization(organization))) return notYours();
  return { organization, actor: demoOwner, may: 'change' };
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
  return turnedAway({
    status: 403,
    code: 'cross_site',
    title: 'Sent from another site',
    detail: 'A session changes seats from our own pages only. Nothing was changed. Servers use the API key.',
  });
}

/** The same whether it does not exist or is somebody else's, so that nobody learns which. */
function notYours(): Response {
  return turnedAway({
    status: 404,
    code: 'unknown_organization',
    title: 'Unknown organization',
    detail: 'There is no such organization in this session. Nothing was changed.',
  });
}

function turnedAway(problem: Omit<ProblemBody, 'type'>): Response {
  const body: ProblemBody = { type: `urn:seatbelt:problem:${problem.code}`, ...problem };
  return Response.json(body, {
    status: problem.status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
  });
}
