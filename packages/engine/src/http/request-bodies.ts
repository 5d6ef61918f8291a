import { z } from 'zod';
import { policy } from '../core/policy.ts';
import type { PurchaseRequest, UsageRequest } from './contract.ts';
import { httpLimits } from './limits.ts';
import { Problem } from './problem.ts';
import { readJson } from './read-body.ts';

/*
 * The shapes of the bodies: which fields there are, and their types. Unknown fields are refused, because a misspelt
 * `expand` would otherwise buy seats. What a text may hold is the engine's business (`input.ts`), for every way in.
 */

const seatNumber = (least: 0 | 1) => {
  const error = `must be a whole number from ${least} to ${policy.seatsLimit}`;
  return z.int({ error }).min(least, { error }).max(policy.seatsLimit, { error });
};
const text = z.string({ error: 'must be text' });
const flag = z.boolean({ error: 'must be true or false' });
const names = z.array(text, { error: 'must be a list of names' });
const moves = z.array(
  z.union([text, z.strictObject({ from: text, to: text })], {
    error: 'must be a name, or an object with the texts from and to and nothing else',
  }),
  { error: 'must be a list of names' },
);

const common = { quantity: seatNumber(1), reason: text.exactOptional() };

/** What belongs to which action: `reserve` on a `remove` would mean nothing, so it is refused and not passed over. */
const usage = z.discriminatedUnion(
  'action',
  [
    z.strictObject({
      action: z.literal('add'),
      ...common,
      holders: names.exactOptional(),
      reserve: flag.exactOptional(),
      expand: flag.exactOptional(),
      buyAtMost: seatNumber(1).exactOptional(),
    }),
    z.strictObject({ action: z.literal('remove'), ...common, holders: names.exactOptional() }),
    z.strictObject({ action: z.literal('assign'), ...common, holders: names.exactOptional() }),
    z.strictObject({ action: z.literal('transfer'), ...common, holders: moves.exactOptional() }),
  ],
  {
    error: (issue) =>
      issue.code === 'invalid_union' ? 'must be one of add, remove, assign and transfer' : 'must be a JSON object',
  },
);

const purchase = z.strictObject(
  {
    seats: seatNumber(1),
    expectedSeats: seatNumber(0).exactOptional(),
    quote: text.exactOptional(),
    reason: text.exactOptional(),
  },
  { error: notAnObject },
);

const aboutChange = z.strictObject(
  {
    action: z.enum(['cancel', 'approve', 'decline'], { error: 'must be one of cancel, approve and decline' }),
    reason: text.exactOptional(),
  },
  { error: notAnObject },
);

const preview = z.strictObject({ seats: seatNumber(1) }, { error: notAnObject });

export type Usage = z.output<typeof usage>;

/** POST /api/billing/seats */
export async function readUsage(request: Request): Promise<Usage> {
  const asked = await read(request, usage);
  return asked satisfies UsageRequest;
}

/** PUT /api/billing/seats */
export async function readPurchase(request: Request): Promise<PurchaseRequest> {
  return read(request, purchase);
}

/** POST /api/billing/seats/changes/:id */
export async function readAboutChange(request: Request): Promise<z.output<typeof aboutChange>> {
  return read(request, aboutChange);
}

/** POST /api/billing/seats/preview */
export async function readPreview(request: Request): Promise<{ seats: number }> {
  return read(request, preview);
}

async function read<Shape extends z.ZodType>(request: Request, shape: Shape): Promise<z.output<Shape>> {
  const parsed = shape.safeParse(await readJson(request, httpLimits.bodyBytes));
  if (parsed.success) return parsed.data;
  throw invalidField(parsed.error);
}

/** The first thing that is wrong, by the name of its field. */
function invalidField(error: z.ZodError): Problem {
  const [issue] = error.issues;
  const path = pathOf(issue?.path ?? []);
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  if (unknown !== undefined) {
    const field = path === '' ? unknown : `${path}.${unknown}`;
    return invalidInput(field, `${JSON.stringify(field)} is not a field of this request.`);
  }
  return invalidInput(
    path === '' ? 'body' : path,
    `${path === '' ? 'The body' : path} ${issue?.message ?? 'is wrong'}.`,
  );
}

export function invalidInput(field: string, detail: string): Problem {
  return new Problem({
    status: 422,
    code: 'invalid_input',
    title: 'The request cannot be taken as it is',
    detail,
    field,
  });
}

function pathOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((before, part) => {
    if (typeof part === 'number') return `${before}[${part}]`;
    return before === '' ? String(part) : `${before}.${String(part)}`;
  }, '');
}

function notAnObject(issue: { readonly code?: string | undefined }): string | undefined {
  return issue.code === 'invalid_type' ? 'must be a JSON object' : undefined;
}
