import type { z } from 'zod';
import { type Access, admit } from './authorize.ts';
import { callerOf, type PersonCaller } from './caller.ts';
import { limitedText } from './limited-body.ts';
import { logger } from './logger.ts';
import type { Permission } from './permissions.ts';
import { conflict, crossSite, notSignedIn, personRequired, problemResponse, Refused } from './problem.ts';
import { isSameOrigin } from './same-origin.ts';
import { engineFailure } from './seatbelt.ts';

/** What a route of Next is called with besides the request. */
interface Route<Params> {
  readonly params: Promise<Params>;
}

/**
 * A door of the app for members of one organization: admits the caller, does the work, answers with JSON, and turns every
 * failure into a problem document. What is no refusal is told as the engine tells it: a failed change may have been written.
 */
export function door<Params = Record<string, never>>(
  permission: Permission,
  work: (access: Access, request: Request, params: Params) => Promise<object>,
): (request: Request, route: Route<Params>) => Promise<Response> {
  return (request, route) =>
    answered(request, async () => work(await admit(request, permission), request, storable(await route.params)));
}

/** A door for somebody who is signed in, whatever they belong to. */
export function personDoor<Params = Record<string, never>>(
  work: (person: PersonCaller, request: Request, params: Params) => Promise<object>,
): (request: Request, route: Route<Params>) => Promise<Response> {
  return (request, route) =>
    answered(request, async () => {
      const caller = await callerOf(request.headers);
      if (caller === null) throw notSignedIn();
      if (caller.is !== 'person') throw personRequired();
      if (!isSameOrigin(request)) throw crossSite();
      return work(caller, request, storable(await route.params));
    });
}

async function answered(request: Request, work: () => Promise<object>): Promise<Response> {
  try {
    const body = await work();
    if (body instanceof Response) return body;
    return Response.json(body, { headers: { 'cache-control': 'no-store' } });
  } catch (error) {
    if (error instanceof Refused) return problemResponse(error.facts);
    if (isRefusedByConstraint(error)) {
      logger.warn({ err: error }, 'A constraint of the database refused a request.');
      return problemResponse(conflict().facts);
    }
    const reads = request.method === 'GET' || request.method === 'HEAD';
    const response = engineFailure(error, reads ? 'read' : 'change');
    if (response.status >= 500) {
      const { pathname } = new URL(request.url);
      logger.error({ err: error, method: request.method, path: pathname }, 'A request failed.');
    }
    return response;
  }
}

/**
 * What the database's own constraints refuse (SQLSTATE class 23) is rolled back, so its outcome is known. The errors of the
 * engine are sorted by the engine.
 */
function isRefusedByConstraint(error: unknown): boolean {
  return error instanceof Error && 'severity' in error && 'code' in error && /^23.{3}$/.test(String(error.code));
}

/** Reads a JSON body and checks it. @throws Refused 422 with the field's name, 413 */
export async function readBody<Schema extends z.ZodType>(request: Request, schema: Schema): Promise<z.infer<Schema>> {
  const text = await limitedText(request);
  return checked(parsed(text), schema, 'body');
}

/** The query of an address, checked the same way. */
export function readQuery<Schema extends z.ZodType>(request: Request, schema: Schema): z.infer<Schema> {
  return checked(Object.fromEntries(new URL(request.url).searchParams), schema, 'query');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw invalid('body', 'The body is not JSON.');
  }
}

/** Something that was read already, checked the same way. `whole` is what it is called where no single field is wrong. */
export function checked<Schema extends z.ZodType>(value: unknown, schema: Schema, whole: string): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return storable(result.data);
  const [issue] = result.error.issues;
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys : [];
  const field = [...(issue?.path ?? []), ...unknown.slice(0, 1)].join('.') || whole;
  if (unknown.length > 0) throw invalid(field, `${JSON.stringify(field)} is not a field of this ${whole}.`);
  throw invalid(field, `${field}: ${issue?.message ?? 'not as expected'}.`);
}

/** What was read, if PostgreSQL can store it: its texts hold no NUL. @throws Refused 422 */
function storable<Value>(value: Value, path: readonly string[] = []): Value {
  if (typeof value === 'string' && value.includes('\0')) {
    throw invalid(path.join('.'), `${path.join('.')}: a NUL cannot be stored.`);
  }
  // No deeper than the schema that it has passed.
  if (typeof value === 'object' && value !== null) {
    for (const [name, part] of Object.entries(value)) storable(part, [...path, name]);
  }
  return value;
}

function invalid(field: string, sentence: string): Refused {
  return new Refused({
    status: 422,
    code: 'invalid_input',
    title: 'The request cannot be taken as it is',
    detail: `${sentence} Nothing was changed.`,
    more: { field },
  });
}

/** One header, checked the same way. */
export function checkedHeader<Schema extends z.ZodType>(
  request: Request,
  name: string,
  schema: Schema,
): z.infer<Schema> {
  const result = schema.safeParse(request.headers.get(name));
  if (result.success) return result.data;
  throw invalid(name, `The header ${name} is missing or not as expected.`);
}
