import { z } from 'zod';

/** A name that a person reads: no control characters, nothing around it, 80 characters at most. */
export const displayName = z
  .string()
  .trim()
  .min(1, 'a name is missing')
  .max(80, 'at most 80 characters')
  .regex(/^[^\p{Cc}]*$/u, 'no control characters')
  .refine((text) => text.isWellFormed(), 'half of a surrogate pair');

export const newOrganization = z.strictObject({ name: displayName });
