import { z } from 'zod';

const place = z.string().max(200).nullable().default(null);

export const membersQuery = z.object({ search: z.string().max(100).default(''), after: place });
export const roleChange = z.strictObject({ role: z.enum(['owner', 'admin', 'member']) });
export const seatPurchase = z.strictObject({ buy: z.int().min(0).max(1).default(0) });
