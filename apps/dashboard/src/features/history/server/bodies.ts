import { z } from 'zod';

const filters = {
  status: z.enum(['open', 'applied', 'rolled_back']).optional(),
  kind: z.enum(['set', 'add', 'remove', 'assign', 'transfer']).optional(),
  search: z.string().max(200).optional(),
  // Moments with their offset; the engine reads them and says what is wrong with one.
  from: z.string().max(40).optional(),
  until: z.string().max(40).optional(),
};
/** Which organization it is was read at the door already. */
const organization = z.string().optional();

export const historyQuery = z.strictObject({
  ...filters,
  organization,
  before: z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .optional(),
});

export const exportQuery = z.strictObject({ ...filters, organization, format: z.enum(['csv', 'jsonl']) });
