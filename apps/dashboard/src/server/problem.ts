import type { ProblemBody } from 'seatbelt/http';

export interface ProblemFacts {
  readonly status: number;
  /** The stable code that screens decide by. */
  readonly code: string;
  readonly title: string;
  /** For people: what happened, and what happened to the money. */
  readonly detail: string;
  /** Seconds after which another try makes sense. */
  readonly retryAfter?: number;
  /** What a screen needs besides the sentence. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** A request that is answered with something else than it asked for; thrown to the door, which writes it as RFC 9457 says. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly facts: ProblemFacts;
  constructor(facts: ProblemFacts) {
    super(facts.detail);
    this.facts = facts;
  }
}

export function problemResponse({ retryAfter, more, ...facts }: ProblemFacts): Response {
  const body: ProblemBody = { type: `urn:seatbelt:problem:${facts.code}`, ...facts, ...more };
  return Response.json(body, {
    status: facts.status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(facts.status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
      ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
    },
  });
}

export function notSignedIn(): Refused {
  return new Refused({
    status: 401,
    code: 'unauthorized',
    title: 'Nobody is signed in',
    detail: 'Sign in, or send the API key as a bearer token together with the organization. Nothing was changed.',
  });
}

/** A key is a program's. */
export function personRequired(): Refused {
  return new Refused({
    status: 403,
    code: 'people_only',
    title: 'This is for people',
    detail: 'A key belongs to a program, which has no organizations or invitations of its own. Nothing was changed.',
  });
}

/** Somebody is there, and does not say whose seats it is about. */
export function organizationRequired(): Refused {
  return new Refused({
    status: 400,
    code: 'organization_required',
    title: 'Which organization?',
    detail: 'Name the organization in the header Seatbelt-Organization, or as ?organization=. Nothing was changed.',
  });
}

/** The same whether it does not exist or is somebody else's, so that nobody learns which. */
export function unknownOrganization(): Refused {
  return new Refused({
    status: 404,
    code: 'unknown_organization',
    title: 'Unknown organization',
    detail: 'There is no such organization for you. Nothing was changed.',
  });
}

export function crossSite(): Refused {
  return new Refused({
    status: 403,
    code: 'cross_site',
    title: 'Sent from another site',
    detail: 'A session changes seats from our own pages only. Nothing was changed. Servers use the API key.',
  });
}

export function forbidden(): Refused {
  return new Refused({
    status: 403,
    code: 'forbidden',
    title: 'Not allowed',
    detail: 'Your role in this organization does not include this. Nothing was changed. Ask an owner.',
  });
}

/** Something that this builds on is not so any more, and the database said so. */
export function conflict(): Refused {
  return new Refused({
    status: 409,
    code: 'conflict',
    title: 'Not as it was',
    detail: 'Something that this builds on has changed meanwhile. Nothing was changed by this. Load the page again.',
  });
}
