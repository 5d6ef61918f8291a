import { z } from 'zod';
import { address, longestAddress } from '../address.ts';
import { invitedAtOnce } from '../contract.ts';

// Of five hundred at once the one that is none has to be found, so it is named.
const invitee = z
  .string()
  .trim()
  .toLowerCase()
  .refine((text) => text.length <= longestAddress && address.test(text), {
    error: ({ input }) => `${JSON.stringify(String(input).slice(0, longestAddress))} is no address`,
  });

export const inviteBody = z.strictObject({
  emails: z.array(invitee).min(1, 'nobody is named').max(invitedAtOnce, `at most ${invitedAtOnce} at once`),
  role: z.enum(['admin', 'member']),
  buy: z.int().min(0).max(invitedAtOnce),
});
export const knownBody = inviteBody.pick({ emails: true });
export const listQuery = z.object({ after: z.string().max(200).nullable().default(null) });
export const progressQuery = z.object({ change: z.uuid() });
export const acceptBody = z.strictObject({ token: z.string().min(1).max(100) });
export const idempotencyKey = z.string().min(8).max(100);
