import { z } from 'zod';
import { invitedAtOnce } from '../contract.ts';

const address = z.string().trim().toLowerCase().pipe(z.email('an address is not one').max(254));

export const inviteBody = z.strictObject({
  emails: z.array(address).min(1, 'nobody is named').max(invitedAtOnce, `at most ${invitedAtOnce} at once`),
  role: z.enum(['admin', 'member']),
  buy: z.int().min(0).max(invitedAtOnce),
});
export const listQuery = z.object({ after: z.string().max(200).nullable().default(null) });
export const progressQuery = z.object({ change: z.uuid() });
export const acceptBody = z.strictObject({ token: z.string().min(1).max(100) });
export const idempotencyKey = z.string().min(8).max(100);
