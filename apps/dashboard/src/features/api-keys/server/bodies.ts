import { z } from 'zod';
import { displayName } from '#features/accounts/server/bodies.ts';

/** A key that changes seats reads them, too. */
export const newKey = z.strictObject({ name: displayName, may: z.enum(['read', 'change']) });
