import { z } from 'zod';

/** A name that a person reads: one line, nothing around it, 80 characters at most. */
export const displayName = z
  .string()
  .trim()
  .min(1, 'a name is missing')
  .max(80, 'at most 80 characters')
  // What breaks the line, or turns the direction of the text around it, lets a name look like another one.
  .regex(
    /^[^\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]*$/u,
    'characters that cannot be seen and control how text is shown are not taken',
  )
  .refine((text) => text.isWellFormed(), 'half of a surrogate pair');

export const newOrganization = z.strictObject({ name: displayName });
