import { knownByMark } from '../core/known-by-mark.ts';
import type { PreviewBody, ProblemBody } from './contract.ts';

export interface ProblemFacts {
  readonly status: number;
  /** The stable code that programs decide by. */
  readonly code: string;
  /** The same for every occurrence of this code. */
  readonly title: string;
  /** This occurrence, in sentences for people. Never holds secrets, bodies or messages of the database. */
  readonly detail: string;
  readonly field?: string;
  readonly changeUrl?: string;
  /** The price as it is now, where the one that was confirmed is not. */
  readonly quote?: PreviewBody;
  readonly headers?: Readonly<Record<string, string>>;
  /** The caller is helped by the present counts, so they are read if they can be. */
  readonly withCounts?: boolean;
}

/** An answer that is not the asked-for one, thrown to the door, which writes it as a problem document (RFC 9457). */
export class Problem extends Error {
  static {
    knownByMark(Problem, 'Problem');
  }
  override readonly name = 'Problem';
  readonly facts: ProblemFacts;
  constructor(facts: ProblemFacts) {
    super(facts.detail);
    this.facts = facts;
  }
}

/** A problem document. */
export function problemResponse(facts: ProblemFacts, counts?: ProblemBody['counts']): Response {
  const body: ProblemBody = {
    type: `urn:seatbelt:problem:${facts.code}`,
    title: facts.title,
    status: facts.status,
    detail: facts.detail,
    code: facts.code,
    ...(facts.field === undefined ? {} : { field: facts.field }),
    ...(facts.changeUrl === undefined ? {} : { changeUrl: facts.changeUrl }),
    ...(facts.quote === undefined ? {} : { quote: facts.quote }),
    ...(counts === undefined ? {} : { counts }),
  };
  return new Response(JSON.stringify(body), {
    status: facts.status,
    headers: { ...facts.headers, 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
  });
}

/** An ordinary answer. Seat counts are of this moment only, so nothing may keep them. */
export function jsonResponse(status: number, body: object, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { ...headers, 'content-type': 'application/json', 'cache-control': 'no-store' },
  });
}
